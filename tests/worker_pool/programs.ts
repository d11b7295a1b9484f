/**
 * Programs over worker pools that must go well under every order of their fibers.
 *
 * @module
 */
import type { WorkerPool } from "@weir/weir";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Option from "effect/Option";
import * as Scope from "effect/Scope";
import { deepStrictEqual, ok } from "node:assert/strict";
import { Dice, pause } from "../support/dice.ts";
import type { Simulated } from "../support/simulated.ts";
import { moments } from "./moments.ts";
import { lateness, storm } from "./storm.ts";
import { counts, held, pool } from "./support.ts";

/** One job closes the pool while another runs, a third is queued, and a fourth waits for room. */
const closedByJob = Effect.gen(function* () {
  const dice = yield* Dice.make;
  const drain = dice.pick(0, 5, Infinity);
  const scope = yield* Scope.make();
  const service = yield* Scope.provide(
    pool({ workers: 2, capacity: 1, drain }),
    scope,
  );
  let running = 0;
  const job = Effect.acquireUseRelease(
    Effect.sync(() => running++),
    () => pause(dice.pause(8)),
    () => Effect.sync(() => running--),
  );
  const others = yield* Effect.forEach(
    [1, 2, 3],
    () => Effect.forkChild(service.submit(job)),
  );
  const close = Effect.as(
    Effect.andThen(pause(dice.pause(4)), Scope.close(scope, Exit.void)),
    "closed",
  );
  const left = yield* service.run(
    Effect.map(close, (text) => [text, running] as const),
  );
  deepStrictEqual(left, ["closed", 0]);
  for (const other of others) {
    const submitted = yield* Fiber.await(other);
    if (Exit.isSuccess(submitted)) {
      ok(Option.isSome(yield* submitted.value.poll));
    }
  }
  const { pending, running: workers } = yield* counts(service);
  deepStrictEqual([pending, workers, running], [0, 0, 0]);
});

/** Jobs of three priorities behind one worker, some of which are cancelled meanwhile. */
const priorities = Effect.gen(function* () {
  const dice = yield* Dice.make;
  const service = yield* pool({ workers: 1, capacity: 9 });
  const { job, letGo } = yield* held;
  yield* service.submit(job, { priority: 3 });
  const begun: Array<number> = [];
  const priorities = dice.list(7, () => dice.whole(0, 2));
  const jobs: Array<WorkerPool.Job<void, never>> = [];
  for (const [n, priority] of priorities.entries()) {
    jobs.push(
      yield* service.submit(
        Effect.andThen(Effect.yieldNow, Effect.sync(() => void begun.push(n))),
        { priority },
      ),
    );
  }
  const gone = dice.list(2, () => dice.whole(0, 6));
  yield* Effect.all([letGo, ...gone.map((n) => jobs[n]!.cancel)], {
    concurrency: "unbounded",
  });
  yield* service.awaitIdle;
  const expected = [...priorities.keys()]
    .filter((n) => begun.includes(n))
    .toSorted((a, b) => priorities[b]! - priorities[a]! || a - b);
  deepStrictEqual(begun, expected);
  ok(begun.length >= 5);
}).pipe(Effect.scoped);

/** All that is claimed of worker pools. */
export const workerPoolPrograms: ReadonlyArray<Simulated> = [
  {
    name: "WorkerPool loses no job and no worker however fibers interleave",
    program: storm({}),
    timerJitter: lateness,
  },
  {
    name:
      "WorkerPool ends each job once, whoever is interrupted and however many workers there are",
    program: storm({ interrupts: true, resizes: true }),
    timerJitter: lateness,
  },
  {
    name:
      "the end of a WorkerPool's scope leaves no job behind, whenever it comes",
    program: storm({ interrupts: true, closes: true }),
    timerJitter: lateness,
  },
  {
    name: "a WorkerPool that one of its jobs closes ends all others",
    program: closedByJob,
    timerJitter: lateness,
  },
  {
    name:
      "WorkerPool starts jobs by priority, then first in, first out, whoever is cancelled",
    program: priorities,
  },
  ...moments,
];
