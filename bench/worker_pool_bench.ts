/**
 * The worker pool beside its peers.
 *
 * @module
 */
import { header, table } from "./report.ts";
import {
  io,
  jobs,
  promise,
  synchronous,
  value,
  yielding,
} from "./worker_pool/jobs.ts";
import { memory } from "./worker_pool/memory.ts";
import { peers } from "./worker_pool/peers.ts";

const many = 100_000;
const quick = { jobs: many, handedIn: 3, awaited: 1.6 };
const suspending = { jobs: many, rounds: 3, handedIn: 0.55, awaited: 0.55 };

header(peers);
table("100,000 jobs that are values", await jobs(value, quick));
table("100,000 jobs that are functions", await jobs(synchronous, quick));
table("100,000 jobs that yield once", await jobs(yielding, suspending));
table("100,000 jobs that are promises", await jobs(promise, suspending));
table("5,000 jobs of a millisecond", await jobs(io, { jobs: 5000, rounds: 3 }));
table(
  "A million jobs that are values",
  await jobs(value, { ...quick, jobs: 1_000_000, rounds: 3 }),
);
table("A queued job, its handle held", await memory());
