/**
 * BullMQ as it measures itself: jobs that were added in bulk, then one worker with a processor that does nothing.
 *
 * @module
 */
import { Queue, Redis, Worker } from "./peers.ts";
import { port, startRedis } from "./redis.ts";
import { kind, payload } from "./sites.ts";

const concurrency = 100;
const inBulk = 1000;

/** A queue on a server of its own. */
export interface Bull {
  /** Adds so many jobs, then tells how many are done in a second. */
  readonly perSecond: (jobs: number) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Starts a server that keeps its files there. Nothing if there is none on this machine. */
export async function bullmq(directory: string): Promise<Bull | undefined> {
  const server = startRedis(directory);
  if (server === undefined) return undefined;
  const connection = new Redis({
    host: "127.0.0.1",
    port,
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
  });
  // It is refused until the server listens, and tries again.
  connection.on("error", () => {});
  const queue = new Queue(kind, { connection });
  queue.on("error", () => {});
  await queue.waitUntilReady();
  return {
    perSecond: async (jobs) => {
      for (let added = 0; added < jobs; added += inBulk) {
        await queue.addBulk(
          Array.from({ length: inBulk }, () => ({ name: kind, data: payload })),
        );
      }
      const start = performance.now();
      const worker = new Worker(kind, () => Promise.resolve(), {
        connection,
        concurrency,
      });
      await new Promise<void>((resolve) => {
        let done = 0;
        worker.on("completed", () => {
          if (++done === jobs) resolve();
        });
      });
      const millis = performance.now() - start;
      await worker.close();
      return jobs / millis * 1000;
    },
    close: async () => {
      await queue.close();
      connection.disconnect();
      server.kill("SIGTERM");
      await server.status;
    },
  };
}
