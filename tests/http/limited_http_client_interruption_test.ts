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

/** Redirects once, with bodies that are too long to be read ahead. */
const server = Effect.sync(() => {
  let asked = 0;
  return HttpClient.make((request) =>
    Effect.sync(() => {
      const status = asked++ < 1 ? 302 : 200;
      const headers = { location: "/" };
      return streamed(request, { status, headers }, body);
    })
  );
});

for (
  const [what, read] of [
    ["before its response is there", false],
    ["while its response is read", true],
  ] as const
) {
  sweepTest(
    `a call gives back its turn, interrupted ${what}`,
    Effect.fnUntraced(function* (watch) {
      yield* Effect.gen(function* () {
        const calls = yield* LimitedHttpClient.make(yield* server);
        const limiter = (yield* KeyedLimiter.KeyedLimiter).for("a.test");
        const call = Effect.flatMap(
          calls.get("http://a.test/"),
          ({ text }) => read ? text : Effect.void,
        );
        yield* Fiber.await(yield* start(call, watch));
        yield* longer;
        // A response that nobody got, for its reader was interrupted just then, is closed as one that is not read in time.
        yield* TestClock.adjust("30 seconds");
        yield* longer;
        const { running, waiting } = yield* limiter.stats;
        strictEqual(running + waiting, 0);
      }).pipe(Effect.provide(perHost(Quota.unlimited, { concurrency: 1 })));
    }),
  );
}
