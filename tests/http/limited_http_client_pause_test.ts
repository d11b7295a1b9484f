/**
 * Pauses that servers ask a limited client for.
 *
 * @module
 */
import { Quota } from "@weir/weir";
import { testEffect, testProperty } from "@weir/weir/testing";
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Schedule from "effect/Schedule";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  good,
  inOrder,
  limited,
  perHost,
  status,
  upstream,
} from "./upstream.ts";

const host = "http://a.test/";
const never = { retry: Schedule.recurs(0) };

testEffect(
  "Retry-After pauses the host for those already in the queue, too",
  Effect.gen(function* () {
    const { arrivals, client } = upstream(
      inOrder(good, status(429, { "retry-after": "30" }), good),
    );
    const calls = yield* limited(
      client,
      never,
      perHost(Quota.slidingWindow({ limit: 1, window: "1 second" })),
    );
    const fiber = yield* Effect.forkChild(
      Effect.replicateEffect(calls.get(host), 4, { concurrency: 4 }),
    );
    yield* TestClock.adjust("5 seconds");
    yield* calls.get("http://b.test/");
    yield* TestClock.adjust("1 minute");
    deepStrictEqual(
      (yield* Fiber.join(fiber)).map(({ status }) => status),
      [200, 429, 200, 200],
    );
    deepStrictEqual(
      arrivals.map(({ at, url }) => [at, url]),
      [
        [0, host],
        [1000, host],
        [5000, "http://b.test/"],
        [31_000, host],
        [32_000, host],
      ],
    );
  }),
);

testEffect(
  "a RateLimit that is used up pauses the host",
  Effect.gen(function* () {
    const { arrivals, client } = upstream(
      inOrder(status(200, { ratelimit: '"default";r=0;t=10' }), good),
    );
    const calls = yield* limited(client);
    yield* calls.get(host);
    const next = yield* Effect.forkChild(calls.get(host));
    yield* TestClock.adjust("9999 millis");
    strictEqual(arrivals.length, 1);
    yield* TestClock.adjust("1 millis");
    yield* Fiber.join(next);
  }),
);

testEffect(
  "no pause is longer than maxPause, and what asks for more is not tried again",
  Effect.gen(function* () {
    const { arrivals, client } = upstream(
      inOrder(status(503, { "retry-after": "31536000" }), good),
    );
    const calls = yield* limited(client, { maxPause: "1 minute" });
    strictEqual((yield* calls.get(host)).status, 503);
    const next = yield* Effect.forkChild(calls.get(host));
    yield* TestClock.adjust("59 seconds");
    strictEqual(arrivals.length, 1);
    yield* TestClock.adjust("1 seconds");
    strictEqual((yield* Fiber.join(next)).status, 200);
  }),
);

testProperty(
  "no request to a host starts before its pause is over",
  FastCheck.array(
    FastCheck.record({
      at: FastCheck.integer({ min: 0, max: 5000 }),
      host: FastCheck.constantFrom("a.test", "b.test"),
      takes: FastCheck.integer({ min: 0, max: 500 }),
      pause: FastCheck.option(FastCheck.integer({ min: 0, max: 5 })),
      by: FastCheck.constantFrom("retry-after", "ratelimit"),
    }),
    { minLength: 1, maxLength: 20 },
  ),
  (script) =>
    Effect.gen(function* () {
      const pausedUntil = new Map<string, number>();
      const early: Array<unknown> = [];
      let next = 0;
      const { arrivals, client } = upstream(({ at, url }) => {
        const { by, pause, takes } = script[next++ % script.length]!;
        const { host } = new URL(url);
        // The test clock's times are fractions, which add up to a little less.
        if (at + 1e-6 < (pausedUntil.get(host) ?? 0)) early.push({ at, host });
        return Effect.gen(function* () {
          yield* Effect.sleep(takes);
          const now = yield* Clock.currentTimeMillis;
          if (pause === null) return new Response("");
          const until = Math.max(
            pausedUntil.get(host) ?? 0,
            now + pause * 1000,
          );
          pausedUntil.set(host, until);
          return by === "retry-after"
            ? new Response("", {
              status: 503,
              headers: { [by]: String(pause) },
            })
            : new Response("", { headers: { [by]: `"a";r=0;t=${pause}` } });
        });
      });
      const calls = yield* limited(
        client,
        {},
        perHost(Quota.unlimited, { concurrency: 2 }),
      );
      const fiber = yield* Effect.forkChild(
        Effect.forEach(
          script,
          ({ at, host }) => Effect.delay(calls.get(`http://${host}/`), at),
          {
            concurrency: "unbounded",
          },
        ),
      );
      yield* TestClock.adjust("30 minutes");
      yield* Fiber.join(fiber);
      ok(arrivals.length >= script.length);
      deepStrictEqual(early, []);
    }),
  { numRuns: 60 },
);
