import { testEffect } from "@weir/weir/testing";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as References from "effect/References";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { finished } from "../support/effects.ts";
import { aWhile, counts, held, pool } from "./support.ts";

testEffect(
  "Job.cancel takes a pending job out of the queue: it never begins",
  Effect.gen(function* () {
    const service = yield* pool({ workers: 1 });
    const { job, letGo } = yield* held;
    yield* service.submit(job);
    let began = false;
    const pending = yield* service.submit(Effect.sync(() => began = true));
    strictEqual(yield* pending.cancel, true);
    strictEqual((yield* pending.info).status, "cancelled");
    ok(Exit.hasInterrupts(yield* Effect.exit(pending.await)));
    yield* letGo;
    yield* service.awaitIdle;
    strictEqual(began, false);
    deepStrictEqual(yield* counts(service), {
      pending: 0,
      running: 0,
      completed: 1,
      failed: 0,
      cancelled: 1,
    });
  }),
);

testEffect(
  "Job.cancel interrupts a running job and waits for its finalizers, while its worker waits too",
  Effect.gen(function* () {
    const service = yield* pool({ workers: 1 });
    const job = yield* service.submit(
      Effect.onExit(Effect.never, () => Effect.sleep("2 seconds")),
    );
    yield* aWhile;
    const next = yield* service.submit(Effect.succeed("next"));
    const cancel = yield* Effect.forkChild(job.cancel);
    yield* TestClock.adjust("1999 millis");
    ok(!finished(cancel));
    strictEqual((yield* next.info).status, "pending");
    yield* TestClock.adjust("1 milli");
    strictEqual(yield* Fiber.join(cancel), true);
    strictEqual(yield* next.await, "next");
  }),
);

testEffect(
  "Job.cancel is true once, whoever asks at the same time",
  Effect.gen(function* () {
    const service = yield* pool({ workers: 1 });
    const job = yield* service.submit(
      Effect.onExit(Effect.never, () => Effect.sleep("1 second")),
    );
    yield* aWhile;
    const cancels = yield* Effect.forkChild(
      Effect.all([job.cancel, job.cancel, job.cancel], {
        concurrency: "unbounded",
      }),
    );
    yield* TestClock.adjust("1 second");
    deepStrictEqual(yield* Fiber.join(cancels), [true, false, false]);
    strictEqual(yield* job.cancel, false);
    strictEqual((yield* counts(service)).cancelled, 1);
  }),
);

testEffect(
  "Job.cancel is false where the job ended before",
  Effect.gen(function* () {
    const service = yield* pool({ workers: 1 });
    const done = yield* service.submit(Effect.void);
    yield* done.await;
    strictEqual(yield* done.cancel, false);
    strictEqual((yield* done.info).status, "completed");
  }),
);

testEffect(
  "Job.cancel waits for what cannot be interrupted",
  Effect.gen(function* () {
    const service = yield* pool({ workers: 1 });
    let done = false;
    const job = yield* service.submit(
      Effect.uninterruptible(
        Effect.andThen(
          Effect.sleep("1 second"),
          Effect.sync(() => done = true),
        ),
      ),
    );
    yield* aWhile;
    const cancel = yield* Effect.forkChild(job.cancel);
    yield* TestClock.adjust("999 millis");
    ok(!finished(cancel));
    yield* TestClock.adjust("1 milli");
    deepStrictEqual([yield* Fiber.join(cancel), done], [true, true]);
  }),
);

testEffect(
  "Job.cancel reaches a job that has not come to its first wait",
  Effect.gen(function* () {
    const service = yield* pool({ workers: 1 });
    const begun = yield* Deferred.make<void>();
    let cancel: Effect.Effect<boolean> = Effect.succeed(false);
    const cancelled = yield* Effect.forkChild(
      Effect.andThen(Deferred.await(begun), Effect.suspend(() => cancel)),
    );
    yield* aWhile;
    // Wakes the other fiber within its own first step.
    const job = yield* service.submit(
      Effect.andThen(Deferred.succeed(begun, undefined), Effect.never),
    );
    cancel = job.cancel;
    strictEqual(yield* Fiber.join(cancelled), true);
    strictEqual((yield* job.info).status, "cancelled");
  }),
);

testEffect(
  "a job whose finalizer dies while it is cancelled counts as failed",
  Effect.gen(function* () {
    const service = yield* pool({ workers: 1 });
    const job = yield* service.submit(
      Effect.onExit(Effect.never, () => Effect.die("finalizer")),
    );
    yield* aWhile;
    strictEqual(yield* job.cancel, false);
    strictEqual((yield* job.info).status, "failed");
  }).pipe(Effect.provideService(References.UnhandledLogLevel, undefined)),
);

testEffect(
  "run() that is interrupted cancels its job and waits for its finalizers",
  Effect.gen(function* () {
    const service = yield* pool({ workers: 1, capacity: 1 });
    const ended: Array<string> = [];
    const run = (name: string) =>
      Effect.forkChild(
        service.run(
          Effect.onExit(
            Effect.never,
            () =>
              Effect.andThen(
                Effect.sleep("1 second"),
                Effect.sync(() => ended.push(name)),
              ),
          ),
        ),
      );
    const running = yield* run("running");
    yield* aWhile;
    const queued = yield* run("queued");
    const outside = yield* run("outside");
    yield* aWhile;
    yield* Fiber.interruptAll([queued, outside]);
    const interrupted = yield* Effect.forkChild(Fiber.interrupt(running));
    yield* TestClock.adjust("999 millis");
    ok(!finished(interrupted));
    yield* TestClock.adjust("1 milli");
    yield* Fiber.join(interrupted);
    deepStrictEqual(ended, ["running"]);
    deepStrictEqual(yield* counts(service), {
      pending: 0,
      running: 0,
      completed: 0,
      failed: 0,
      cancelled: 3,
    });
  }),
);

testEffect(
  "a submitter's end does not touch the job that it handed in",
  Effect.gen(function* () {
    const service = yield* pool({ workers: 1 });
    const { job, letGo } = yield* held;
    const submitter = yield* Effect.forkChild(service.submit(job));
    const handle = yield* Fiber.join(submitter);
    yield* letGo;
    strictEqual(yield* handle.await, "let go");
  }),
);
