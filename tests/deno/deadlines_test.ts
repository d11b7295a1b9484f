import { testEffect, testProperty } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual } from "node:assert/strict";
import { Deadlines } from "../../src/deno/deadlines.ts";

testProperty(
  "Deadlines ring in time for each that is not met, and for no other",
  FastCheck.array(FastCheck.record({
    gap: FastCheck.integer({ min: 0, max: 60 }),
    met: FastCheck.option(FastCheck.integer({ min: 0, max: 150 })),
  })),
  (plan) =>
    Effect.gen(function* () {
      const context = yield* Effect.context<never>();
      const deadlines = new Deadlines(context, 100);
      const missed: Array<readonly [n: number, at: number]> = [];
      const expected: Array<readonly [n: number, at: number]> = [];
      const meets: Array<{ readonly at: number; readonly meet: () => void }> =
        [];
      let now = 0;
      const advance = function* (to: number) {
        while (now < to) {
          yield* TestClock.adjust(1);
          now++;
          for (const { at, meet } of meets) if (at === now) meet();
        }
      };
      for (const [n, { gap, met }] of plan.entries()) {
        yield* advance(now + gap);
        const deadline = deadlines.add(() => missed.push([n, now + 1]));
        if (met !== null) {
          const at = now + met;
          const meet = () => deadlines.remove(deadline);
          if (met === 0) meet();
          meets.push({ at, meet });
        }
        if (met === null || met >= 100) expected.push([n, now + 100]);
      }
      yield* advance(now + 200);
      deepStrictEqual(missed, expected);
    }),
  { numRuns: 50 },
);

testEffect(
  "Deadlines.clear() forgets all",
  Effect.gen(function* () {
    const deadlines = new Deadlines(yield* Effect.context<never>(), 100);
    let missed = 0;
    deadlines.add(() => missed++);
    deadlines.clear();
    yield* TestClock.adjust("1 second");
    deepStrictEqual(missed, 0);
  }),
);
