/**
 * Small programs over worker pools, each about one moment in which two things meet.
 *
 * @module
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Option from "effect/Option";
import * as Scope from "effect/Scope";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Dice } from "../support/dice.ts";
import type { Simulated } from "../support/simulated.ts";
import { counts, held, pool } from "./support.ts";

const all = { concurrency: "unbounded" } as const;

/** One worker that is busy, and room for one job that is taken; `letGo` lets the worker go on. */
const full = Effect.fnUntraced(function* (drain: number) {
  const service = yield* pool({ workers: 1, capacity: 1, drain });
  const { job, letGo } = yield* held;
  yield* service.submit(job);
  yield* service.submit(Effect.void);
  return { service, letGo };
});

/** What is claimed of each moment. */
export const moments: ReadonlyArray<Simulated> = [
  {
    name: "submit() leaves nothing when it is interrupted while it waits",
    small: true,
    program: Effect.gen(function* () {
      const { service, letGo } = yield* full(0);
      let begun = 0;
      const waiting = yield* Effect.forkChild(
        service.submit(Effect.sync(() => begun++)),
      );
      const next = yield* Effect.forkChild(service.run(Effect.succeed("next")));
      yield* Effect.yieldNow;
      yield* Fiber.interrupt(waiting);
      yield* letGo;
      strictEqual(yield* Fiber.join(next), "next");
      yield* service.awaitIdle;
      strictEqual(begun, 0);
      const { cancelled, ...others } = yield* counts(service);
      ok(cancelled <= 1);
      deepStrictEqual(
        others,
        { pending: 0, running: 0, completed: 3, failed: 0 },
      );
    }).pipe(Effect.scoped),
  },
  {
    name: "submit() goes on once there is room, at whichever step of it",
    small: true,
    program: Effect.gen(function* () {
      const { service, letGo } = yield* full(0);
      const submit = Effect.flatMap(
        service.submit(Effect.succeed("done")),
        (job) => job.await,
      );
      const ends = yield* Effect.all([submit, letGo, submit], all);
      deepStrictEqual(ends, ["done", undefined, "done"]);
    }).pipe(Effect.scoped),
  },
  {
    name: "submit() begins a job or tells why not, where room comes too late",
    small: true,
    program: Effect.gen(function* () {
      const { service, letGo } = yield* full(0);
      let begun = 0;
      const job = Effect.andThen(Effect.sync(() => begun++), Effect.yieldNow);
      const submit = Effect.exit(service.submit(job, { maxWait: 5 }));
      const [exit] = yield* Effect.all([submit, Effect.delay(letGo, 5)], all);
      if (Exit.isSuccess(exit)) {
        const end = yield* Effect.exit(exit.value.await);
        strictEqual(Exit.isSuccess(end), begun === 1);
      }
      yield* service.awaitIdle;
      const { completed, failed } = yield* counts(service);
      deepStrictEqual([completed, failed], [2 + begun, 1 - begun]);
    }).pipe(Effect.scoped),
  },
  {
    name: "the end of the scope interrupts who waits for room",
    small: true,
    program: Effect.gen(function* () {
      const dice = yield* Dice.make;
      const scope = yield* Scope.make();
      const { service, letGo } = yield* Scope.provide(
        full(dice.pick(0, 5, Infinity)),
        scope,
      );
      let begun = false;
      const waiting = yield* Effect.forkChild(
        service.submit(Effect.sync(() => begun = true)),
      );
      const letting = yield* Effect.forkChild(Effect.delay(letGo, 3));
      yield* Scope.close(scope, Exit.void);
      const exit = yield* Fiber.await(waiting);
      ok(Exit.isFailure(exit) && Exit.hasInterrupts(exit) && !begun);
      yield* Fiber.join(letting);
    }),
  },
  {
    name: "resize() lets a new worker begin at once, and the old one end",
    small: true,
    program: Effect.gen(function* () {
      const service = yield* pool({ workers: 1 });
      const { job, letGo } = yield* held;
      const first = yield* service.submit(job);
      const caller = yield* Effect.forkChild(
        service.run(Effect.succeed("next")),
      );
      yield* service.resize(2);
      strictEqual(yield* Fiber.join(caller), "next");
      yield* service.resize(1);
      const last = yield* service.submit(Effect.succeed("last"));
      yield* Effect.yieldNow;
      strictEqual((yield* last.info).status, "pending");
      yield* letGo;
      strictEqual(yield* last.await, "last");
      strictEqual(yield* first.await, "let go");
    }).pipe(Effect.scoped),
  },
  {
    name: "Job.cancel ends a job that wakes its canceller in its first step",
    small: true,
    program: Effect.gen(function* () {
      const service = yield* pool({ workers: 1 });
      const begun = yield* Deferred.make<void>();
      const job = yield* service.submit(
        Effect.andThen(Deferred.succeed(begun, undefined), Effect.never),
      );
      yield* Deferred.await(begun);
      strictEqual(yield* job.cancel, true);
      strictEqual(yield* service.run(Effect.succeed("next")), "next");
    }).pipe(Effect.scoped),
  },
  {
    name: "Job.cancel returns after finalizers, and is true once",
    small: true,
    program: Effect.gen(function* () {
      const service = yield* pool({ workers: 1 });
      let closed = false;
      const close = Effect.sync(() => closed = true);
      const job = yield* service.submit(
        Effect.onExit(
          Effect.yieldNow,
          () => Effect.andThen(Effect.yieldNow, close),
        ),
      );
      const isOver = Effect.gen(function* () {
        const { startedAt } = yield* job.info;
        ok(startedAt === undefined || closed);
        ok(Option.isSome(yield* job.poll));
      });
      const cancel = Effect.tap(job.cancel, () => isOver);
      const awaiting = yield* Effect.forkChild(
        Effect.ensuring(Effect.exit(job.await), isOver),
      );
      const told = yield* Effect.all([cancel, cancel], all);
      const { status } = yield* job.info;
      strictEqual(told.filter(Boolean).length, status === "cancelled" ? 1 : 0);
      const exit = yield* Fiber.join(awaiting);
      strictEqual(Exit.isSuccess(exit), status === "completed");
      strictEqual(yield* service.run(Effect.succeed("next")), "next");
    }).pipe(Effect.scoped),
  },
  {
    name: "run() that is interrupted has ended its job",
    small: true,
    program: Effect.gen(function* () {
      const service = yield* pool({ workers: 1 });
      let begun = 0;
      let running = false;
      const begin = Effect.sync(() => {
        begun++;
        running = true;
      });
      const end = Effect.sync(() => {
        running = false;
      });
      const job = Effect.acquireUseRelease(
        begin,
        () => Effect.yieldNow,
        () => Effect.andThen(Effect.yieldNow, end),
      );
      const caller = yield* Effect.forkChild(service.run(job));
      yield* Effect.yieldNow;
      yield* Fiber.interrupt(caller);
      strictEqual(running, false);
      const before = begun;
      strictEqual(yield* service.run(Effect.succeed("next")), "next");
      yield* service.awaitIdle;
      strictEqual(begun, before);
    }).pipe(Effect.scoped),
  },
];
