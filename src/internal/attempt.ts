/**
 * Work that is tried again, and replaced where it fails for good.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import type { FailureOptions } from "./failure.ts";
import type { RetryBudget } from "./retry_budget.ts";
import { Spending } from "./spending.ts";

/** The work for one item, tried as often as the options say, and replaced where it failed for good. */
export function attempt<A, B, E, R, B2, E2, R2>(
  item: A,
  work: Effect.Effect<B, E, R>,
  { onFailure, retry, retryBudget }: FailureOptions<A, E, B2, E2, R2>,
): Effect.Effect<B | B2, E2, R | R2> {
  const tried = retry === undefined ? work : tryAgain(work, retry, retryBudget);
  return onFailure === undefined
    // Without a replacement E2 is E.
    ? tried as Effect.Effect<B, never, R>
    : Effect.catchCause(tried, (cause) => onFailure(item, cause));
}

/** The same work again as the schedule says, as long as the budget has retries. */
export function tryAgain<A, E, R, B, E2, R2>(
  work: Effect.Effect<A, E, R>,
  schedule: Schedule.Schedule<B, NoInfer<E>, E2, R2>,
  budget: RetryBudget | undefined,
): Effect.Effect<A, E | E2, R | R2> {
  if (budget === undefined) return Effect.retry(work, schedule);
  return Effect.suspend(() => {
    const spending = new Spending(budget);
    const begin = Effect.suspend(() => {
      spending.begin();
      return work;
    });
    const within = Schedule.while(schedule, () => spending.withdraw);
    return budget.deposit.pipe(
      Effect.andThen(Effect.retry(begin, within)),
      Effect.onInterrupt(() => spending.end),
    );
  });
}
