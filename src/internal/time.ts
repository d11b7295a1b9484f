/**
 * Monotonic time in milliseconds, as limits need it.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import type * as Effect from "effect/Effect";

/** Tells and waits for monotonic time. */
export interface Time {
  /** Milliseconds since an arbitrary origin; never goes back. */
  readonly now: () => number;
  /** Sleeps for this many milliseconds, or up to one more where the clock knows whole ones only. */
  readonly sleep: (millis: number) => Effect.Effect<void>;
}

/**
 * A wait that moves every clock, in milliseconds: what rounding left of one may be too short to, where a clock counts from
 * far away.
 */
export const shortest = 1e-3;

/** A clock that tells and waits for milliseconds without the BigInts that nanoseconds are made of. */
export interface FastClock extends Clock.Clock {
  readonly time: Time;
}

const live = Context.get(Context.empty(), Clock.Clock);

/** The live clock's time, read without the BigInt that its monotonic reading is made of: the same time, far cheaper. */
const liveTime: Time = {
  now: () => performance.now(),
  sleep: (millis) => live.sleep(Duration.millis(Math.ceil(millis))),
};

/** The time of the clock in a context. Steps of the wall clock change nothing. */
export function timeIn(context: Context.Context<never>): Time {
  const clock = Context.get(context, Clock.Clock);
  if (clock === live) return liveTime;
  if ("time" in clock) return (clock as FastClock).time;
  return {
    now: () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6,
    sleep: (millis) => clock.sleep(duration(millis)),
  };
}

/** Milliseconds as a duration, rounded up to whole nanoseconds: a wait is never too short, and never none. */
export function duration(millis: number): Duration.Duration {
  return Duration.millis(
    Number.isInteger(millis) || millis === Infinity
      ? millis
      : Math.max(1, Math.ceil(millis * 1e6 - 1e-3)) / 1e6,
  );
}

const units = [
  ["week", 604_800_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

/** Milliseconds in the words that Effect reads as a duration: `1 second`, `90 minutes`, `1.5 millis`. */
export function words(millis: number): string {
  const [unit, length] = units.find(([, length]) => millis % length === 0) ??
    ["milli", 1];
  const count = millis / length;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
