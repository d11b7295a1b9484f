/**
 * What a limited client holds, wherever it is interrupted.
 *
 * @module
 */
import { KeyedLimiter, Quota } from "@weir/weir";
import { LimitedHttpClient } from "@weir/weir/http";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as HttpClient from "effect/http/HttpClient";
import * as Stream from "effect/Stream";
import * as TestClock from "effect/testing/TestClock";
import { strictEqual } from "node:assert/strict";
import { aWhile, start, sweepTest } from "../support/interrupt_sweep.ts";
import { perHost, streamed } from "./upstream.ts";

/** Reading ahead takes its steps. */
const longer = Effect.replicateEffect(aWhile, 2, { discard: true });

const body = Stream.fromIterable(
  Array.from({ length: 20 }, () => new Uint8Array(10)),
);

/** Redirects once, with a body that is too long to be read ahead, and then answers with another, or never. */
const server = (answers: boolean) =>
  Effect.sync(() => {
    let asked = 0;
    return HttpClient.make((request) =>
      Effect.suspend(() => {
        const status = asked++ === 0 ? 302 : 200;
        if (status === 200 && !answers) return Effect.never;
        const headers = { location: "/" };
        return Effect.succeed(streamed(request, { status, headers }, body));
      })
    );
  });

const limits = Effect.provide(perHost(Quota.unlimited, { concurrency: 1 }));

/** How many hold a turn, or wait for one. */
const busy = Effect.gen(function* () {
  const limiters = yield* KeyedLimiter.KeyedLimiter;
  const { running, waiting } = yield* limiters.for("a.test").stats;
  return running + waiting;
});

sweepTest(
  "a call gives back its turn, interrupted before its response is there",
  Effect.fnUntraced(function* (watch) {
    const calls = yield* LimitedHttpClient.make(yield* server(false));
    const fiber = yield* start(calls.get("http://a.test/"), watch);
    yield* longer;
    yield* Fiber.interrupt(fiber);
    strictEqual(yield* busy, 0);
  }, limits),
);

sweepTest(
  "a call gives back its turn, interrupted while its response is read",
  Effect.fnUntraced(function* (watch) {
    const calls = yield* LimitedHttpClient.make(yield* server(true));
    const call = Effect.flatMap(
      calls.get("http://a.test/"),
      ({ text }) => text,
    );
    yield* Fiber.await(yield* start(call, watch));
    yield* longer;
    // A response that nobody got, for its reader was interrupted just then, is closed as one that is not read in time.
    yield* TestClock.adjust("30 seconds");
    yield* longer;
    strictEqual(yield* busy, 0);
  }, limits),
);
