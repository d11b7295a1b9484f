/**
 * A limiter's verbs, in a pipe or with what they act on first.
 *
 * @module
 */
import type * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import { dual } from "effect/Function";
import * as Stream from "effect/Stream";
import type { Service } from "./limiter.ts";
import type {
  CostExceedsLimit,
  PriorityOptions,
  TakesTurn,
  TurnOptions,
} from "./turn.ts";

/** The ways to call `throttle`. With a `cost`, an element may be too costly. */
export interface Throttle<L> {
  /** In a pipe, each element at its own cost. */
  <A>(
    options: ThrottleOptions<A>,
  ): <E, R>(
    self: Stream.Stream<A, E, R>,
  ) => Stream.Stream<A, E | CostExceedsLimit, R | L>;
  /** In a pipe, each element at cost 1. */
  (
    options?: PriorityOptions,
  ): <A, E, R>(
    self: Stream.Stream<A, E, R>,
  ) => Stream.Stream<A, E, R | L>;
  /** The stream first, each element at its own cost. */
  <A, E, R>(
    self: Stream.Stream<A, E, R>,
    options: ThrottleOptions<A>,
  ): Stream.Stream<A, E | CostExceedsLimit, R | L>;
  /** The stream first, each element at cost 1. */
  <A, E, R>(
    self: Stream.Stream<A, E, R>,
    options?: PriorityOptions,
  ): Stream.Stream<A, E, R | L>;
}

/** How the elements of a stream ask for their turns. */
export interface ThrottleOptions<in A> extends PriorityOptions {
  /** What an element takes. */
  readonly cost: (element: A) => number;
}

/** Runs an effect when the limiter of a key lets it. */
export function limitBy<Self>(
  key: Context.Key<Self, Service>,
): TakesTurn<Self> {
  return dual(
    (args) => Effect.isEffect(args[0]),
    <A, E, R>(self: Effect.Effect<A, E, R>, options?: TurnOptions) =>
      Effect.flatMap(key, (limiter) => limiter.limit(self, options)),
  );
}

/** Lets each element of a stream through when the limiter of a key lets it. */
export function throttleBy<Self>(
  key: Context.Key<Self, Service>,
): Throttle<Self> {
  return dual(
    (args) => Stream.isStream(args[0]),
    <A, E, R>(
      self: Stream.Stream<A, E, R>,
      options?: Partial<ThrottleOptions<A>>,
    ) => {
      const { cost, priority } = options ?? {};
      return Stream.mapEffect(
        self,
        (element) =>
          Effect.flatMap(key, (limiter) =>
            Effect.as(
              limiter.acquire(
                cost === undefined
                  ? { priority }
                  : { priority, cost: cost(element) },
              ),
              element,
            )),
      );
    },
  );
}
