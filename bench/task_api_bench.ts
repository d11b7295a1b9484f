/**
 * The HTTP API of a task manager beside what people use today. Every server is a process of its own; they take turns.
 * Permissions: --allow-read --allow-write --allow-run --allow-net=127.0.0.1
 *
 * @module
 */
import { hasLoadTool, load } from "./http/contest.ts";
import { header, table } from "./report.ts";
import { listeners } from "./task_api/listeners.ts";
import { submissions } from "./task_api/submissions.ts";

header({
  "bare": "Deno.serve with node:sqlite, or with a set of streams of events",
  "express 5.3.0, bullmq 6.7.0":
    "Redis on loopback, appendonly yes, appendfsync everysec; its processor time is not counted",
  "SQLite": "a file, synchronous normal: no commit waits for disk",
  [load]: "one task a request, each with the same payload",
  "listeners": "1,000 on /events, 250 tasks at 50 a second, none of which runs",
});
const directory = await Deno.makeTempDir();
try {
  if (await hasLoadTool()) {
    const { byClock, byProcessor } = await submissions(directory);
    table("Submitted, tasks a second", byClock);
    table("Submitted, tasks a second of processor time", byProcessor);
  } else {
    table("Skipped: there is no wrk on this machine (apt-get install wrk)", []);
  }
  table("1,000 listeners", await listeners());
} finally {
  await Deno.remove(directory, { recursive: true });
}
