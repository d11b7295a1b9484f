/**
 * Three producers, a bounded queue, five consumers, and an upstream that allows what the limiter lets through.
 *
 * @module
 */
import { ProducerConsumer, type Quota } from "@weir/weir";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Stream from "effect/Stream";

/** How much is taken in. */
export const items = 60;
const producers = 3;
const capacity = 10;
const consumers = 5;

/** What goes on, as it changes. */
export interface Progress {
  produced: number;
  /** How long each item waited in queue and at the limiter, in milliseconds. */
  readonly waits: Array<number>;
  /** Answers that were refusals. */
  refused: number;
}

/** Nothing yet. */
export const nothing = (): Progress => ({ produced: 0, waits: [], refused: 0 });

/** What came of it. */
export interface Ingested extends Progress {
  readonly seconds: number;
  readonly report: ProducerConsumer.Report;
}

/** Takes in all items, each by a call when the limiter lets it. */
export const ingest = (
  call: Effect.Effect<number, unknown>,
  quota: Quota.Quota,
  progress: Progress,
): Effect.Effect<Ingested, unknown> => {
  const item = Effect.sync(() => {
    progress.produced++;
    return performance.now();
  });
  const producer = Stream.mapEffect(
    Stream.range(1, items / producers),
    () => item,
  );
  return ProducerConsumer.run({
    producers: Array.from({ length: producers }, () => producer),
    consumer: (at) =>
      Effect.suspend(() => {
        progress.waits.push(performance.now() - at);
        return Effect.map(call, (status) => {
          if (status === 429) progress.refused++;
        });
      }),
  }).pipe(
    Effect.map((report) => ({
      ...progress,
      report,
      seconds: Duration.toSeconds(report.elapsed),
    })),
    Effect.provide(
      ProducerConsumer.layer({ capacity, consumers }).pipe(
        Layer.provide([
          ProducerConsumer.ProducerLimiter.layerUnlimited,
          ProducerConsumer.ConsumerLimiter.layer(quota),
        ]),
      ),
    ),
  );
};

/** One line: how far it is, and what waits. */
export function bar({ produced, waits }: Progress, width = 40): string {
  const done = Math.round(waits.length / items * width);
  const waiting = produced - waits.length;
  return `${"█".repeat(done)}${"░".repeat(width - done)} ${
    `${waits.length}`.padStart(2)
  }/${items} items, ${waiting} wait`;
}

/** The value below which this part of them is. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
}
