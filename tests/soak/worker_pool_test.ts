import type { WorkerPool } from "@weir/weir";
import { testLive } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import * as References from "effect/References";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { lcg } from "../support/random.ts";
import { pool } from "../worker_pool/support.ts";

const jobs = 1_000_000;
/** Handles that are held, more than can be under way: the eldest has ended when the next takes its place. */
const held = 4096;
const jobsPerSample = 50_000;

const ends = [
  Effect.void,
  Effect.yieldNow,
  Effect.promise(() => Promise.resolve()),
];

testLive(
  "a million jobs, of which some fail, die and are cancelled at any moment: each ends once, no worker is lost, nothing stays",
  Effect.gen(function* () {
    const random = lcg(1);
    const service = yield* pool({ workers: 10, capacity: 1000 });
    const begun = new Uint8Array(jobs);
    const ended = new Uint8Array(jobs);
    const handles: Array<WorkerPool.Job<void, string> | undefined> = new Array(
      held,
    ).fill(undefined);
    const seen = { completed: 0, failed: 0, cancelled: 0 };
    let cancels = 0;
    const samples: Array<number> = [];
    const heap = () => {
      (globalThis as { gc?: () => void }).gc?.();
      return Deno.memoryUsage().heapUsed;
    };
    const record = Effect.fnUntraced(function* (
      handle: WorkerPool.Job<void, string>,
    ) {
      ok(Option.isSome(yield* handle.poll));
      const { status } = yield* handle.info;
      ok(status !== "pending" && status !== "running");
      seen[status]++;
    });
    for (let n = 0; n < jobs; n++) {
      const dice = random();
      const end = dice < 0.1
        ? Effect.fail("no")
        : dice < 0.11
        ? Effect.die("no")
        : ends[Math.floor(random() * ends.length)]!;
      const job = Effect.suspend(() => {
        begun[n]!++;
        return end;
      }).pipe(Effect.onExit(() => Effect.sync(() => ended[n]!++)));
      const handle = yield* service.submit(job);
      const eldest = handles[n % held];
      if (eldest !== undefined) yield* record(eldest);
      handles[n % held] = handle;
      if (random() < 0.05) {
        // One of the last, which may wait, run, or be over.
        const back = Math.floor(random() * Math.min(n + 1, 1200));
        if (yield* handles[(n - back) % held]!.cancel) cancels++;
      }
      if (n % jobsPerSample === jobsPerSample - 1) {
        yield* Effect.sleep(1);
        samples.push(heap());
      }
    }
    yield* service.awaitIdle;
    for (const handle of handles) {
      if (handle !== undefined) yield* record(handle);
    }
    const { workers, ...counts } = yield* service.stats;
    strictEqual(workers, 10);
    deepStrictEqual(counts, { pending: 0, running: 0, ...seen });
    strictEqual(seen.completed + seen.failed + seen.cancelled, jobs);
    strictEqual(seen.cancelled, cancels);
    ok(begun.every((times) => times <= 1));
    deepStrictEqual(ended, begun);
    const slope = slopeOf(samples.slice(samples.length / 2)) / jobsPerSample;
    // deno-lint-ignore no-console
    console.log(
      `${seen.completed} completed, ${seen.failed} failed, ${seen.cancelled} cancelled; ${
        slope.toFixed(2)
      } bytes a job`,
    );
    ok(slope <= 1);
  }).pipe(Effect.provideService(References.UnhandledLogLevel, undefined)),
);

/** The slope of the line that fits best: what is added from one to the next. */
function slopeOf(values: ReadonlyArray<number>): number {
  const middle = (values.length - 1) / 2;
  let above = 0;
  let below = 0;
  values.forEach((value, i) => {
    above += (i - middle) * value;
    below += (i - middle) ** 2;
  });
  return above / below;
}
