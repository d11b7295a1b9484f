import type { WorkerPool } from "@weir/weir";
import { testProperty } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as References from "effect/References";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { aWhile, pool } from "./support.ts";

const ends = {
  succeeds: Effect.void,
  fails: Effect.fail("no"),
  dies: Effect.die("no"),
  interrupts: Effect.interrupt,
};

const wait = FastCheck.integer({ min: 0, max: 5 });

/** One caller: what its job does, how it hands it in, and when it gives up, if it does. */
const caller = FastCheck.record({
  by: FastCheck.constantFrom("run", "submit"),
  after: wait,
  millis: wait,
  end: FastCheck.constantFrom(...Object.keys(ends) as Array<keyof typeof ends>),
  priority: FastCheck.integer({ min: 0, max: 2 }),
  maxWait: FastCheck.option(wait, { nil: Infinity }),
  givesUpAfter: FastCheck.option(wait, { nil: undefined }),
});

testProperty(
  "every job begins once at most and ends once, whoever gives up, and no worker is lost",
  FastCheck.record({
    workers: FastCheck.integer({ min: 1, max: 3 }),
    capacity: FastCheck.integer({ min: 1, max: 3 }),
    callers: FastCheck.array(caller, { maxLength: 20 }),
    resizeTo: FastCheck.integer({ min: 1, max: 3 }),
  }),
  Effect.fnUntraced(function* ({ callers, capacity, resizeTo, workers }) {
    const service = yield* pool({ workers, capacity });
    let running = 0;
    const begun = callers.map(() => 0);
    const ended = callers.map(() => 0);
    const handles: Array<WorkerPool.Job<void, unknown>> = [];
    const fibers = yield* Effect.forEach(
      callers,
      ({ after, by, end, givesUpAfter, maxWait, millis, priority }, n) => {
        const job = Effect.sync(() => {
          begun[n]!++;
          ok(++running <= Math.max(workers, resizeTo));
        }).pipe(
          Effect.andThen(Effect.sleep(millis)),
          Effect.andThen(ends[end]),
          Effect.onExit(() =>
            Effect.sync(() => {
              running--;
              ended[n]!++;
            })
          ),
        );
        const handIn = by === "run"
          ? service.run(job, { priority, maxWait })
          : Effect.flatMap(
            service.submit(job, { priority, maxWait }),
            (handle) => {
              handles.push(handle);
              return handle.await;
            },
          );
        const patient = givesUpAfter === undefined
          ? handIn
          : Effect.timeoutOption(handIn, givesUpAfter);
        return Effect.forkChild(Effect.exit(Effect.delay(patient, after)));
      },
    );
    for (let ms = 0; ms < 10 + callers.length * 5; ms++) {
      if (ms === 4) yield* service.resize(resizeTo);
      const { pending } = yield* service.stats;
      ok(pending <= capacity + Math.max(workers, resizeTo));
      yield* TestClock.adjust(1);
      yield* aWhile;
    }
    yield* Fiber.awaitAll(fibers);
    yield* service.awaitIdle;
    ok(begun.every((times) => times <= 1));
    deepStrictEqual(ended, begun);
    for (const { info, poll } of handles) {
      const exit = yield* Effect.fromOption(yield* poll);
      const { status } = yield* info;
      strictEqual(status === "completed", Exit.isSuccess(exit));
      ok(["completed", "failed", "cancelled"].includes(status));
    }
    const { completed } = yield* service.stats;
    strictEqual(
      completed <= callers.filter(({ end }) => end === "succeeds").length,
      true,
    );
    strictEqual(yield* service.run(Effect.succeed("next")), "next");
  }, Effect.provideService(References.UnhandledLogLevel, undefined)),
  { numRuns: 200 },
);
