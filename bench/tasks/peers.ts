/**
 * The queues that people use today: measured, not depended on, so they stay out of deno.json.
 *
 * @module
 */
export { Queue, Worker } from "npm:bullmq@6.7.0";
export { Redis } from "npm:ioredis@5.11.1";

/** What each is measured with, and what of it outlives a power cut. */
export const peers: Readonly<Record<string, string>> = {
  "SQLite":
    "a file by DenoSqlite, synchronous normal: no commit waits for disk",
  "effect's PersistedQueue": "in memory, and on a file by the same DenoSqlite",
  "bullmq 6.7.0": "Redis on loopback, appendonly yes, appendfsync everysec",
};
