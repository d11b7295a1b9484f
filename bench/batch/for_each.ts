/**
 * What an item of a collection costs.
 *
 * Every contestant has a loop of its own, for one loop that was handed each in turn would be compiled for none of them.
 *
 * @module
 */
import { Batch, Limiter } from "@weir/weir";
import * as Effect from "effect/Effect";
import { nanosIn, ratio, rounds, type Row, shown, times } from "../report.ts";
import { nanos } from "../report.ts";
import { pMap } from "./peers.ts";

const concurrency = 10;

/** Items that are there at once, and need no fiber to wait. */
export const values = (): Promise<ReadonlyArray<Row>> => {
  const items = numbers(100_000);
  return compare(items, {
    weir: () => Batch.forEach(items, (n) => Effect.succeed(n), { concurrency }),
    batches: () =>
      Batch.forEach(items, (n) => Effect.succeed(n), {
        batchSize: concurrency,
      }),
    effect: () =>
      Effect.forEach(items, (n) => Effect.succeed(n), { concurrency }),
    peer: () => pMap(items, (n) => n, { concurrency }),
  });
};

/** Items whose work is a function. */
export const synchronous = (): Promise<ReadonlyArray<Row>> => {
  const items = numbers(100_000);
  return compare(items, {
    weir: () =>
      Batch.forEach(items, (n) => Effect.sync(() => n + 1), { concurrency }),
    batches: () =>
      Batch.forEach(items, (n) => Effect.sync(() => n + 1), {
        batchSize: concurrency,
      }),
    effect: () =>
      Effect.forEach(items, (n) => Effect.sync(() => n + 1), { concurrency }),
    peer: () => pMap(items, (n) => n + 1, { concurrency }),
  });
};

/** Items whose work is a promise. */
export const promises = (): Promise<ReadonlyArray<Row>> => {
  const items = numbers(20_000);
  return compare(items, {
    weir: () =>
      Batch.forEach(items, (n) => Effect.promise(() => Promise.resolve(n)), {
        concurrency,
      }),
    batches: () =>
      Batch.forEach(items, (n) => Effect.promise(() => Promise.resolve(n)), {
        batchSize: concurrency,
      }),
    effect: () =>
      Effect.forEach(items, (n) => Effect.promise(() => Promise.resolve(n)), {
        concurrency,
      }),
    peer: () => pMap(items, (n) => Promise.resolve(n), { concurrency }),
  });
};

interface Contestants {
  readonly weir: () => Effect.Effect<
    ReadonlyArray<number>,
    never,
    Limiter.Limiter
  >;
  readonly batches: Contestants["weir"];
  readonly effect: () => Effect.Effect<ReadonlyArray<number>>;
  readonly peer: () => Promise<ReadonlyArray<number>>;
}

async function compare(
  { length }: ReadonlyArray<number>,
  { batches, effect, peer, weir }: Contestants,
): Promise<ReadonlyArray<Row>> {
  const scores = await rounds({
    "Weir forEach, concurrency 10": nanosIn(length, function* () {
      return (yield* Effect.provide(weir(), Limiter.layerUnlimited)).length;
    }),
    "Weir forEach, batchSize 10": nanosIn(length, function* () {
      return (yield* Effect.provide(batches(), Limiter.layerUnlimited)).length;
    }),
    "effect's forEach": nanosIn(length, function* () {
      return (yield* effect()).length;
    }),
    "p-map": nanos(length, async () => (await peer()).length),
  });
  const weirs = scores["Weir forEach, concurrency 10"];
  return [
    ...times(scores),
    shown("p-map ÷ Weir", ratio(scores["p-map"], weirs), "×"),
    shown(
      "effect's forEach ÷ Weir",
      ratio(scores["effect's forEach"], weirs),
      "×",
    ),
  ];
}

function numbers(length: number): ReadonlyArray<number> {
  return Array.from({ length }, (_, n) => n);
}
