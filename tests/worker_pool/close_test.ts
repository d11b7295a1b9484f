import type { WorkerPool } from "@weir/weir";
import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Logger from "effect/Logger";
import * as Scope from "effect/Scope";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { finished } from "../support/effects.ts";
import { aWhile, counts, pool } from "./support.ts";

/** A pool, what ends its scope, and what it logs. */
const closable = Effect.fnUntraced(function* (options: WorkerPool.Options) {
  const scope = yield* Scope.make();
  const service = yield* Scope.provide(pool(options), scope);
  const logged: Array<unknown> = [];
  const logger = Logger.make(({ message }) => {
    logged.push(message);
  });
  const close = Scope.close(scope, Exit.void).pipe(
    Effect.provide(Logger.layer([logger])),
  );
  return { service, close, logged };
});

testEffect(
  "the end of the scope cancels what is queued and what runs, waits for finalizers, and says what was left",
  Effect.gen(function* () {
    const { close, logged, service } = yield* closable({ workers: 2 });
    let finalized = 0;
    const job = Effect.onExit(
      Effect.never,
      () =>
        Effect.andThen(
          Effect.sleep("1 second"),
          Effect.sync(() => finalized++),
        ),
    );
    const jobs = yield* Effect.replicateEffect(service.submit(job), 5);
    yield* aWhile;
    const closing = yield* Effect.forkChild(close);
    yield* TestClock.adjust("999 millis");
    ok(!finished(closing));
    yield* TestClock.adjust("1 milli");
    yield* Fiber.join(closing);
    strictEqual(finalized, 2);
    deepStrictEqual(logged, [[
      "A worker pool was closed with 3 jobs queued and 2 running: they are cancelled",
    ]]);
    for (const job of jobs) {
      strictEqual((yield* job.info).status, "cancelled");
    }
    deepStrictEqual((yield* counts(service)).cancelled, 5);
  }),
);

testEffect(
  "drain lets jobs go on after the end of the scope, and ends with the last of them",
  Effect.gen(function* () {
    const { close, logged, service } = yield* closable({
      workers: 1,
      drain: "10 seconds",
    });
    yield* service.submit(Effect.sleep("2 seconds"));
    yield* service.submit(Effect.sleep("3 seconds"));
    const closing = yield* Effect.forkChild(close);
    yield* TestClock.adjust("4999 millis");
    ok(!finished(closing));
    yield* TestClock.adjust("1 milli");
    yield* Fiber.join(closing);
    strictEqual((yield* counts(service)).completed, 2);
    deepStrictEqual(logged, []);
  }),
);

testEffect(
  "drain ends where its time is over: the rest is cancelled",
  Effect.gen(function* () {
    const { close, service } = yield* closable({
      workers: 1,
      drain: "3 seconds",
    });
    yield* service.submit(Effect.sleep("2 seconds"));
    yield* service.submit(Effect.sleep("2 seconds"));
    yield* service.submit(Effect.sleep("2 seconds"));
    const closing = yield* Effect.forkChild(close);
    yield* TestClock.adjust("3 seconds");
    yield* Fiber.join(closing);
    const { cancelled, completed } = yield* counts(service);
    deepStrictEqual([completed, cancelled], [1, 2]);
  }),
);

testEffect(
  "whoever submits at or after the end of the scope is interrupted",
  Effect.gen(function* () {
    const { close, service } = yield* closable({
      workers: 1,
      capacity: 1,
      drain: "1 second",
    });
    yield* service.submit(Effect.sleep("2 seconds"));
    yield* service.submit(Effect.sleep("2 seconds"));
    const full = [
      yield* Effect.forkChild(service.submit(Effect.void)),
      yield* Effect.forkChild(service.run(Effect.void)),
    ];
    yield* aWhile;
    const closing = yield* Effect.forkChild(close);
    yield* aWhile;
    const late = [
      yield* Effect.forkChild(service.submit(Effect.void)),
      yield* Effect.forkChild(service.run(Effect.void)),
    ];
    yield* aWhile;
    for (const fiber of [...full, ...late]) {
      ok(finished(fiber));
      ok(Exit.hasInterrupts(yield* Fiber.await<unknown, unknown>(fiber)));
    }
    yield* TestClock.adjust("1 second");
    yield* Fiber.join(closing);
  }),
);

testEffect(
  "a caller of run() whose job is cancelled by the end of the scope is interrupted",
  Effect.gen(function* () {
    const { close, service } = yield* closable({ workers: 1 });
    const caller = yield* Effect.forkChild(service.run(Effect.never));
    yield* aWhile;
    yield* close;
    ok(Exit.hasInterrupts(yield* Fiber.await(caller)));
  }),
);
