/** A stream of readings in real time: at most 100 a second go on, averaged over the last ten seconds, once a second. */
import { Batch, Limiter, Quota } from "@weir/weir";
import * as Console from "effect/Console";
import * as DateTime from "effect/DateTime";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Number from "effect/Number";
import * as Random from "effect/Random";
import * as Schedule from "effect/Schedule";
import * as Stream from "effect/Stream";

const sensor = Stream.fromEffectSchedule(
  Random.nextBetween(18, 24),
  Schedule.spaced("5 millis"),
);

/** Prints the average of five windows, the first after ten seconds. */
export const program: Effect.Effect<void> = Effect.gen(function* () {
  const start = yield* DateTime.now;
  yield* sensor.pipe(
    Limiter.throttle(),
    Batch.window({ size: "10 seconds", every: "1 second" }),
    Stream.take(5),
    Stream.runForEach(({ end, items }) => {
      const at = Duration.toSeconds(DateTime.distance(start, end)).toFixed(1);
      const average = Number.sumAll(items) / Math.max(1, items.length);
      return Console.log(
        `${at} s: ${items.length} readings, ${average.toFixed(1)} °C`,
      );
    }),
  );
}).pipe(
  Random.withSeed("weir"),
  Effect.provide(
    Limiter.layer(
      Quota.tokenBucket({ rate: 100, per: "1 second", burst: 5 }),
    ),
  ),
);

if (import.meta.main) await Effect.runPromise(program);
