import { RetryBudget } from "@weir/weir";
import { testEffect, testProperty } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Schedule from "effect/Schedule";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { Dice, pause } from "../support/dice.ts";
import { sameType } from "../support/same_type.ts";
import { simulationTests } from "../support/simulated.ts";

/** Fails with the number of its try, as often as told. */
class Flaky {
  tries = 0;

  constructor(private readonly failures: number = Infinity) {}

  readonly call: Effect.Effect<number, number> = Effect.suspend(() =>
    ++this.tries <= this.failures
      ? Effect.fail(this.tries)
      : Effect.succeed(this.tries)
  );
}

const often = Schedule.recurs(100);

testProperty(
  "in any run of n first tries a budget gives at most reserve + ratio·n retries, and no less than it has",
  FastCheck.record({
    parts: FastCheck.integer({ min: 1, max: 160 }),
    reserve: FastCheck.integer({ min: 1, max: 5 }),
    steps: FastCheck.array(
      FastCheck.constantFrom("deposit", "withdraw", "refund"),
      { maxLength: 300, size: "max" },
    ),
  }),
  Effect.fnUntraced(function* ({ parts, reserve, steps }) {
    // Parts of 64 add up without an error.
    const ratio = parts / 64;
    const budget = yield* RetryBudget.make({ ratio, reserve });
    let balance = reserve;
    let refused = 0;
    /** What there was so far; a retry that is put back was none. */
    const seen: Array<readonly [firsts: number, retries: number]> = [[0, 0]];
    for (const step of steps) {
      const [firsts, retries] = seen.at(-1)!;
      if (step === "deposit") {
        yield* budget.deposit;
        balance = Math.min(reserve, balance + ratio);
        seen.push([firsts + 1, retries]);
      } else if (step === "withdraw") {
        const may = yield* budget.withdraw;
        strictEqual(may, balance >= 1);
        if (may) balance--;
        else refused++;
        seen.push([firsts, retries + Number(may)]);
      } else if (retries > 0) {
        yield* budget.refund;
        balance = Math.min(reserve, balance + 1);
        seen.push([firsts, retries - 1]);
      }
    }
    deepStrictEqual(yield* budget.stats, {
      available: Math.floor(balance),
      spent: seen.at(-1)![1],
      refused,
    });
    for (const [i, [firsts, retries]] of seen.entries()) {
      for (const [before, spent] of seen.slice(0, i)) {
        ok(retries - spent <= reserve + ratio * (firsts - before));
      }
    }
  }),
);

testProperty(
  "a budget counts in whole tries: after as many first tries as make one, there is a retry",
  FastCheck.integer({ min: 2, max: 1000 }),
  Effect.fnUntraced(function* (tries) {
    const budget = yield* RetryBudget.make({ ratio: 1 / tries, reserve: 1 });
    strictEqual(yield* budget.withdraw, true);
    for (let n = 1; n < tries; n++) yield* budget.deposit;
    strictEqual(yield* budget.withdraw, false);
    yield* budget.deposit;
    strictEqual(yield* budget.withdraw, true);
  }),
);

testEffect(
  "a budget has ten retries, and one more for each five first tries, if nothing is said",
  Effect.gen(function* () {
    const budget = yield* RetryBudget.make();
    for (let n = 0; n < 20; n++) yield* budget.withdraw;
    deepStrictEqual(yield* budget.stats, {
      available: 0,
      spent: 10,
      refused: 10,
    });
    for (let n = 0; n < 14; n++) yield* budget.deposit;
    strictEqual((yield* budget.stats).available, 2);
    yield* budget.deposit;
    strictEqual((yield* budget.stats).available, 3);
  }),
);

testEffect(
  "retry() tries again as the schedule says while the budget lasts, then fails with the last error",
  Effect.gen(function* () {
    const budget = yield* RetryBudget.make({ ratio: 0.5, reserve: 3 });
    const [twice, endless, next, last] = [
      ...[new Flaky(2), new Flaky(), new Flaky(1), new Flaky()],
    ] as const;
    const call = RetryBudget.retry({ budget, schedule: often });
    strictEqual(yield* call(twice.call), 3);
    // Of three, one is left, and half a one came.
    strictEqual(yield* Effect.flip(call(endless.call)), 2);
    strictEqual(yield* call(next.call), 2);
    strictEqual(yield* Effect.flip(call(last.call)), 1);
    deepStrictEqual(yield* budget.stats, {
      available: 0,
      spent: 4,
      refused: 2,
    });
  }),
);

testEffect(
  "retry() takes nothing where the schedule is over, nor for a defect",
  Effect.gen(function* () {
    const budget = yield* RetryBudget.make({ reserve: 5 });
    const flaky = new Flaky();
    const once = { budget, schedule: Schedule.recurs(1) };
    strictEqual(yield* Effect.flip(RetryBudget.retry(flaky.call, once)), 2);
    ok(Exit.isFailure(
      yield* Effect.exit(RetryBudget.retry(Effect.die("broken"), once)),
    ));
    deepStrictEqual(yield* budget.stats, {
      available: 4,
      spent: 1,
      refused: 0,
    });
  }),
);

testEffect(
  "retry() waits as the schedule says",
  Effect.gen(function* () {
    const budget = yield* RetryBudget.make();
    const flaky = new Flaky(2);
    const schedule = Schedule.exponential("1 second");
    const fiber = yield* Effect.forkChild(
      RetryBudget.retry(flaky.call, { budget, schedule }),
    );
    yield* TestClock.adjust(2999);
    strictEqual(flaky.tries, 2);
    yield* TestClock.adjust(1);
    strictEqual(yield* Fiber.join(fiber), 3);
  }),
);

testEffect(
  "a retry that is interrupted before it begins is put back; one that runs is spent",
  Effect.gen(function* () {
    const budget = yield* RetryBudget.make({ reserve: 3 });
    const schedule = Schedule.spaced("1 second");
    const waiting = yield* Effect.forkChild(
      RetryBudget.retry(new Flaky().call, { budget, schedule }),
    );
    yield* TestClock.adjust(1500);
    strictEqual((yield* budget.stats).spent, 2);
    yield* Fiber.interrupt(waiting);
    strictEqual((yield* budget.stats).spent, 1);

    const flaky = new Flaky(1);
    const running = yield* flaky.call.pipe(
      Effect.andThen(Effect.never),
      RetryBudget.retry({ budget, schedule }),
      Effect.forkChild,
    );
    yield* TestClock.adjust(1500);
    strictEqual(flaky.tries, 2);
    yield* Fiber.interrupt(running);
    strictEqual((yield* budget.stats).spent, 2);
  }),
);

Deno.test("make() and makeUnsafe() name a bad option", () => {
  for (const make of [RetryBudget.make, RetryBudget.makeUnsafe]) {
    for (const ratio of [0, -1, NaN, Infinity]) {
      throws(() => make({ ratio }), {
        name: "RangeError",
        message: `"ratio" must be a positive, finite number, was ${ratio}`,
      });
    }
    for (const reserve of [0, 0.5, -1, NaN, Infinity]) {
      throws(() => make({ reserve }), {
        name: "RangeError",
        message: `"reserve" must be a whole number, at least 1, was ${reserve}`,
      });
    }
  }
});

/** Calls that fail by chance, some of which are interrupted: of one budget, by the bound and by its own count. */
const shared = Effect.gen(function* () {
  const dice = yield* Dice.make;
  const [ratio, reserve] = [dice.pick(0.25, 0.5), dice.whole(1, 3)];
  const budget = yield* RetryBudget.make({ ratio, reserve });
  let [firsts, tries] = [0, 0];
  const tooMany: Array<string> = [];
  const call = Effect.gen(function* () {
    const delay = dice.whole(0, 3);
    const schedule = Schedule.spaced(delay);
    const leaves = dice.happens(0.3) ? dice.whole(0, 10) : undefined;
    let isFirst = true;
    const attempt = Effect.suspend(() => {
      tries++;
      if (isFirst) firsts++;
      isFirst = false;
      if (tries - firsts > reserve + ratio * firsts) {
        tooMany.push(`${tries} tries of ${firsts}`);
      }
      return Effect.andThen(
        pause(dice.whole(0, 3)),
        dice.happens(0.7) ? Effect.fail("busy") : Effect.void,
      );
    });
    yield* pause(dice.whole(0, 10));
    const fiber = yield* Effect.forkChild(
      Effect.ignore(RetryBudget.retry(attempt, { budget, schedule })),
    );
    if (leaves === undefined) return yield* Fiber.await(fiber);
    yield* pause(leaves);
    yield* Fiber.interrupt(fiber);
  });
  const calls = Array.from({ length: dice.whole(2, 8) }, () => call);
  yield* Effect.all(calls, { concurrency: "unbounded", discard: true });
  deepStrictEqual(tooMany, []);
  // Who leaves as a retry is about to begin may have paid for it, and nobody gets back what was made.
  ok((yield* budget.stats).spent >= tries - firsts);
});

simulationTests([{
  name: "callers that share a budget never retry more than it says",
  program: shared,
  timerJitter: 2,
}], 600);

const inferred = (
  query: Effect.Effect<number, "busy", "Db">,
  budget: RetryBudget.RetryBudget,
) => {
  const piped = query.pipe(RetryBudget.retry({ budget, schedule: often }));
  const plain = RetryBudget.retry(query, { budget, schedule: often });
  sameType<typeof piped, Effect.Effect<number, "busy", "Db">>();
  sameType<typeof plain, Effect.Effect<number, "busy", "Db">>();
};
void inferred;
