/**
 * A limiter under schedules of callers who come, wait and give up, held to the oracle.
 *
 * @module
 */
import { Limiter, Quota } from "@weir/weir";
import { testProperty } from "@weir/weir/testing";
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok } from "node:assert/strict";
import type { Admission } from "../support/oracle.ts";
import { assertKept } from "../support/quota_arbitraries.ts";

const millis = 100;

const quotas = {
  tokenBucket: FastCheck.record({
    rate: FastCheck.integer({ min: 1, max: 5 }),
    burst: FastCheck.integer({ min: 3, max: 6 }),
  }).map(({ burst, rate }) => Quota.tokenBucket({ rate, per: millis, burst })),
  slidingWindow: FastCheck.integer({ min: 3, max: 6 }).map((limit) =>
    Quota.slidingWindow({ limit, window: millis })
  ),
  slidingCounter: FastCheck.integer({ min: 3, max: 6 }).map((limit) =>
    Quota.slidingCounter({ limit, window: millis })
  ),
  fixedWindow: FastCheck.integer({ min: 3, max: 6 }).map((limit) =>
    Quota.fixedWindow({ limit, window: millis })
  ),
};

const calls = FastCheck.array(
  FastCheck.record({
    gap: FastCheck.constantFrom(0, 0, 0.5, 1, 1 / 3, 33, 100, 1000),
    cost: FastCheck.integer({ min: 1, max: 3 }),
    givesUpAfter: FastCheck.constantFrom(undefined, undefined, 0, 20, 130),
  }),
  { minLength: 1, maxLength: 12 },
);

for (const [kind, quota] of Object.entries(quotas)) {
  testProperty(
    `${kind}(): whatever callers come and give up, a limiter keeps its bound, serves in order, and as soon as it may`,
    FastCheck.record({ quota, calls }),
    Effect.fnUntraced(function* ({ calls, quota }) {
      const limiter = yield* Limiter.make(quota);
      const clock = yield* Clock.clockWith(Effect.succeed);
      const now = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6;
      const admitted: Array<Admission & { n: number; came: number }> = [];
      const fibers: Array<Fiber.Fiber<unknown, unknown>> = [];
      for (const [n, { cost, gap, givesUpAfter }] of calls.entries()) {
        yield* TestClock.adjust(gap);
        const came = now();
        const call = Effect.map(
          limiter.acquire({ cost }),
          () => void admitted.push({ n, at: now(), came, cost }),
        );
        const fiber = yield* Effect.forkChild(call);
        yield* Effect.yieldNow;
        fibers.push(fiber);
        if (givesUpAfter !== undefined) {
          yield* Effect.forkChild(
            Effect.andThen(
              Effect.sleep(givesUpAfter),
              Fiber.interrupt(fiber),
            ),
          );
        }
      }
      yield* TestClock.adjust("1 minute");
      ok(fibers.every((fiber) => fiber.pollUnsafe() !== undefined));
      assertKept(quota, admitted);
      const order = admitted.map(({ n }) => n);
      deepStrictEqual(order, order.toSorted((a, b) => a - b));
      if (calls.every(({ givesUpAfter }) => givesUpAfter === undefined)) {
        assertPrompt(quota, admitted);
      }
    }),
    { numRuns: 2_500 },
  );
}

/** Fails if one could have been let in earlier, behind those before it. */
function assertPrompt(
  quota: Quota.Quota,
  admitted: ReadonlyArray<Admission & { came: number }>,
): void {
  let state: Quota.State | undefined;
  let before = 0;
  for (const { at, came, cost } of admitted) {
    const first = Math.max(before, came);
    const [early] = Quota.decide(quota, state, first, cost);
    if (early._tag === "Denied") {
      const [sooner] = Quota.decide(quota, state, at - 0.01, cost);
      ok(sooner._tag === "Denied", `${cost} could go before ${at}`);
    } else ok(at - first < 0.01, `${cost} could go at ${first}, not ${at}`);
    state = Quota.decide(quota, state, at, cost)[1];
    before = at;
  }
}
