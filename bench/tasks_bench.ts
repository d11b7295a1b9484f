/**
 * Background tasks beside their peers.
 * Permissions: --allow-read --allow-write --allow-run=redis-server --allow-net=127.0.0.1 --allow-env --allow-sys
 *
 * @module
 */
import { header, table } from "./report.ts";
import { managed, submitted } from "./tasks/managed.ts";
import { memory } from "./tasks/memory.ts";
import { peers } from "./tasks/peers.ts";
import { completions, inserts } from "./tasks/stored.ts";

const directory = await Deno.makeTempDir();
try {
  header(peers);
  table("Stored, tasks a second", await inserts(directory));
  table("Submitted, tasks a second", await submitted(directory));
  table(
    "Claimed and completed, tasks a second",
    await completions(directory, "nothing"),
  );
  table(
    "The same with 100,000 delayed",
    await completions(directory, "delayed"),
  );
  table(
    "The same behind 100,000 of a full lane",
    await completions(directory, "laned"),
  );
  table("Run whole by 10 workers, tasks a second", await managed(directory));
  table("A task that waits in memory", await memory());
} finally {
  await Deno.remove(directory, { recursive: true });
}
