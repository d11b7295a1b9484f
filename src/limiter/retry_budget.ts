/**
 * How many retries there may be: a part of the first tries, and no more.
 *
 * Where an upstream is too slow for what is asked of it, retries ask for more still, and may keep it so when what slowed it down
 * is long over. A budget bounds that: each first try puts `ratio` of a retry in, each retry takes one out, and where there is
 * none nothing is tried again. At most `reserve` are saved, so in any run of n first tries there are **at most
 * `reserve + ratio·n` retries**, whatever their schedules say, and one more for each that was taken before and is put back, as
 * its call is given up before it began. As in Finagle's `RetryBudget`; why, in "Handling Overload" and
 * "Addressing Cascading Failures" of Site Reliability Engineering (Google, 2016).
 *
 * ```ts
 * import { RetryBudget } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Schedule from "effect/Schedule";
 *
 * const program = Effect.gen(function* () {
 *   const budget = yield* RetryBudget.make();
 *   const call = Effect.succeed("answer").pipe(
 *     RetryBudget.retry({ budget, schedule: Schedule.recurs(3) }),
 *   );
 *   return yield* Effect.all([call, call], { concurrency: 2 });
 * });
 * ```
 *
 * Make one for each upstream, and give it to all who call it: as `retryBudget` to `ProducerConsumer.run`, `Batch.forEach` and
 * `LimitedHttpClient.layer`, and by {@linkcode retry} around any other effect. It knows no time, so an idle upstream's budget
 * stays as it is.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { dual } from "effect/Function";
import type * as Schedule from "effect/Schedule";
import { tryAgain } from "../internal/attempt.ts";
import { positive, whole } from "../internal/check.ts";
import type { RetryBudget, Stats } from "../internal/retry_budget.ts";

export * from "../internal/retry_budget.ts";

/** How many retries. */
export interface Options {
  /** How much of a retry each first try is worth: positive; 0.2 if omitted, so that retries are a fifth of the first tries. */
  readonly ratio?: number | undefined;
  /** How many retries there are to begin with, and at most at any time: a whole number, at least 1; 10 if omitted. */
  readonly reserve?: number | undefined;
}

/** What is tried again, and from which budget. */
export interface RetryOptions<B, E, E2, R2> {
  /** What retries are spent from. */
  readonly budget: RetryBudget;
  /** When to try again, as long as the budget lets it. */
  readonly schedule: Schedule.Schedule<B, E, E2, R2>;
}

/**
 * Makes a budget. Throws a `RangeError` that names a bad option.
 *
 * @example Ten calls that all fail, and what that costs
 * ```ts
 * import { Batch, Limiter, RetryBudget } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Schedule from "effect/Schedule";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const program = Effect.gen(function* () {
 *   const retryBudget = yield* RetryBudget.make({ ratio: 0.1, reserve: 2 });
 *   let calls = 0;
 *   const call = Effect.suspend(() => Effect.fail(++calls));
 *   yield* Batch.forEach(Array(10).keys(), () => call, {
 *     retry: Schedule.recurs(3),
 *     retryBudget,
 *     onFailure: () => Effect.void,
 *   });
 *   return [calls, yield* retryBudget.stats];
 * }).pipe(Effect.provide(Limiter.layerUnlimited));
 *
 * deepStrictEqual(
 *   await Effect.runPromise(program),
 *   [12, { available: 0, spent: 2, refused: 10 }],
 * );
 * ```
 */
export const make = (options: Options = {}): Effect.Effect<RetryBudget> => {
  const terms = check(options);
  return Effect.sync(() => new Budget(terms));
};

/**
 * As {@linkcode make}, for plain TypeScript.
 *
 * @example A loop of one's own
 * ```ts
 * import { RetryBudget } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import { rejects } from "node:assert/strict";
 *
 * const budget = RetryBudget.makeUnsafe({ ratio: 0.1, reserve: 5 });
 *
 * async function persistent<A>(call: () => Promise<A>): Promise<A> {
 *   Effect.runSync(budget.deposit);
 *   for (;;) {
 *     try {
 *       return await call();
 *     } catch (error) {
 *       if (!Effect.runSync(budget.withdraw)) throw error;
 *     }
 *   }
 * }
 * await rejects(persistent(() => Promise.reject(new Error("down"))), /down/);
 * ```
 */
export const makeUnsafe = (options: Options = {}): RetryBudget =>
  new Budget(check(options));

/**
 * Runs an effect, and again where it fails, as the schedule says and as long as the budget has retries; then it fails with its
 * own error. Defects are not tried again. A retry is taken before its delay, and put back if that is interrupted.
 *
 * @example Each try asks the pool anew, and holds no worker in between
 * ```ts
 * import { Limiter, RetryBudget, WorkerPool } from "@weir/weir";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import * as Schedule from "effect/Schedule";
 * import { strictEqual } from "node:assert/strict";
 *
 * const program = Effect.gen(function* () {
 *   const budget = yield* RetryBudget.make({ ratio: 0.1 });
 *   let tries = 0;
 *   const call = Effect.suspend(() =>
 *     ++tries < 3 ? Effect.fail("busy") : Effect.succeed(tries)
 *   );
 *   return yield* call.pipe(
 *     WorkerPool.run(),
 *     RetryBudget.retry({ budget, schedule: Schedule.recurs(5) }),
 *   );
 * });
 *
 * const Live = WorkerPool.layer({ workers: 2 }).pipe(
 *   Layer.provide(Limiter.layerUnlimited),
 * );
 * strictEqual(await Effect.runPromise(Effect.provide(program, Live)), 3);
 * ```
 */
export const retry: {
  /** The effect first. */
  <A, E, R, B, E2, R2>(
    self: Effect.Effect<A, E, R>,
    options: RetryOptions<B, NoInfer<E>, E2, R2>,
  ): Effect.Effect<A, E | E2, R | R2>;
  /** In a pipe. */
  <B, E, E2, R2>(
    options: RetryOptions<B, NoInfer<E>, E2, R2>,
  ): <A, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | E2, R | R2>;
} = dual(
  2,
  <A, E, R, B, E2, R2>(
    self: Effect.Effect<A, E, R>,
    { budget, schedule }: RetryOptions<B, NoInfer<E>, E2, R2>,
  ) => tryAgain(self, schedule, budget),
);

/** Options, checked. */
interface Terms {
  readonly ratio: number;
  readonly reserve: number;
}

function check({ ratio = 0.2, reserve = 10 }: Options): Terms {
  return {
    ratio: positive("ratio", ratio),
    reserve: whole("reserve", reserve, 1),
  };
}

/** Counts whole tries, for sums of parts would be off by a little more each time. */
class Budget implements RetryBudget {
  /** First tries since it was full. */
  private firsts = 0;
  /** Retries since it was full. */
  private retries = 0;
  private spent = 0;
  private refused = 0;

  constructor(private readonly terms: Terms) {}

  readonly deposit: Effect.Effect<void> = Effect.sync(() => {
    this.firsts++;
    this.settle();
  });

  readonly withdraw: Effect.Effect<boolean> = Effect.sync(() => {
    if (this.available < 1) {
      this.refused++;
      return false;
    }
    this.retries++;
    this.spent++;
    return true;
  });

  readonly refund: Effect.Effect<void> = Effect.sync(() => {
    this.spent--;
    this.retries--;
    this.settle();
  });

  readonly stats: Effect.Effect<Stats> = Effect.sync(() => ({
    available: Math.floor(this.available),
    spent: this.spent,
    refused: this.refused,
  }));

  private get available(): number {
    const { ratio, reserve } = this.terms;
    return reserve + ratio * this.firsts - this.retries;
  }

  /** What is more than full is lost. */
  private settle(): void {
    if (this.terms.ratio * this.firsts < this.retries) return;
    this.firsts = 0;
    this.retries = 0;
  }
}
