/**
 * The packages that people use today: measured, not depended on, so they stay out of deno.json.
 *
 * @module
 */
export { default as DataLoader } from "npm:dataloader@2.2.3";
export { default as pMap } from "npm:p-map@7.1.1";

/** What each is measured with. */
export const peers: Readonly<Record<string, string>> = {
  "dataloader 2.2.3": "maxBatchSize 100, no cache",
  "p-map 7.1.1": "concurrency 10",
  "effect's forEach": "concurrency 10; it asks no limiter",
  "effect's RequestResolver": "batchN 100",
};
