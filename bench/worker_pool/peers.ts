/**
 * The pools that people use today.
 *
 * @module
 */
export { default as Bottleneck } from "npm:bottleneck@2.19.5";
export { Sema } from "npm:async-sema@3.1.1";
export { promise as fastq } from "npm:fastq@1.20.3";
export { default as pLimit } from "npm:p-limit@7.3.3";
export { default as PQueue } from "npm:p-queue@9.3.5";

/** What each is measured with. */
export const peers: Readonly<Record<string, string>> = {
  "async-sema 3.1.1": "10 permits",
  "bottleneck 2.19.5": "maxConcurrent 10",
  "fastq 1.20.3": "fastq.promise, concurrency 10",
  "p-limit 7.3.3": "concurrency 10",
  "p-queue 9.3.5": "concurrency 10",
  "effect's Queue": "unbounded, 10 fibers that take one by one",
};
