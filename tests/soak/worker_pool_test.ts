import type { WorkerPool } from "@weir/weir";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Option from "effect/Option";
import * as References from "effect/References";
import * as Scope from "effect/Scope";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { heap, slopeOf } from "../support/heap.ts";
import { lcg } from "../support/random.ts";
import { pool } from "../worker_pool/support.ts";

const jobs = 1_000_000;
/** Handles that are held, more than can be under way: the eldest has ended when the next takes its place. */
const held = 4096;
const jobsPerFiber = 500;
const jobsPerSample = 50_000;

const ends = [
  Effect.void,
  Effect.yieldNow,
  Effect.promise(() => Promise.resolve()),
];

const silent = Effect.provideService(References.UnhandledLogLevel, undefined);

Deno.test("a million jobs, of which some fail, die and are cancelled at any moment: each ends once, no worker is lost, nothing stays", async () => {
  const random = lcg(1);
  const scope = Scope.makeUnsafe();
  const service = await Effect.runPromise(
    Scope.provide(pool({ workers: 10, capacity: 1000 }), scope),
  );
  const begun = new Uint8Array(jobs);
  const ended = new Uint8Array(jobs);
  const handles = new Array<WorkerPool.Job<void, string> | undefined>(held)
    .fill(undefined);
  const seen = { completed: 0, failed: 0, cancelled: 0 };
  let cancels = 0;

  const record = Effect.fnUntraced(function* (
    handle: WorkerPool.Job<void, string>,
  ) {
    ok(Option.isSome(yield* handle.poll));
    const { status } = yield* handle.info;
    ok(status !== "pending" && status !== "running");
    seen[status]++;
  });

  const submit = Effect.fnUntraced(function* (n: number) {
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
  });

  const samples: Array<number> = [];
  for (let n = 0; n < jobs;) {
    // A fiber of its own for some of them, since one that is suspended again and again grows by itself.
    const until = n + jobsPerFiber;
    await Effect.runPromise(silent(Effect.gen(function* () {
      while (n < until) yield* submit(n++);
    })));
    if (n % jobsPerSample === 0) samples.push(await heap());
  }
  await Effect.runPromise(service.awaitIdle);
  for (const handle of handles) await Effect.runPromise(record(handle!));
  const { workers, ...counts } = await Effect.runPromise(service.stats);
  await Effect.runPromise(Scope.close(scope, Exit.void));

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
});
