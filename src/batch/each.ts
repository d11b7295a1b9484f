/**
 * Work for items in batches: each in its turn, all of one batch together.
 *
 * @module
 */
import type { NonEmptyReadonlyArray } from "effect/Array";
import * as Effect from "effect/Effect";
import * as Stream from "effect/Stream";
import { whole } from "../internal/check.ts";
import { attempt } from "../internal/attempt.ts";
import type { FailureOptions } from "../internal/failure.ts";
import type { Options } from "./model.ts";
import { inTurnOf } from "../internal/instant.ts";
import { Limiter } from "../limiter/mod.ts";
import { abreast } from "./abreast.ts";
import { Source } from "./source.ts";

/** What is to be done for an item. */
type Work<A, B, E, R> = (item: A, index: number) => Effect.Effect<B, E, R>;

/** Work that is cut into batches. */
export class Each<A, B, E, R> {
  private readonly batchSize: number;
  private readonly concurrency: number;

  constructor(
    private readonly work: (limiter: Limiter.Service) => Work<A, B, E, R>,
    { batchSize = 1, concurrency = 1 }: Pick<
      Options<A, unknown, unknown, unknown, unknown>,
      "batchSize" | "concurrency"
    >,
  ) {
    this.batchSize = whole("batchSize", batchSize, 1);
    this.concurrency = whole("concurrency", concurrency, 1);
  }

  /** The results for a collection, in its order. */
  over(items: Iterable<A>): Effect.Effect<Array<B>, E, R | Limiter.Limiter> {
    return Effect.flatMap(Limiter.Limiter, (limiter) => {
      const results: Array<B> = [];
      const source = new Source(items);
      const work = this.work(limiter);
      const lanes = Array.isArray(items)
        ? Math.min(this.concurrency, Math.ceil(items.length / this.batchSize))
        : this.concurrency;
      return Effect.forEach(
        Array.from({ length: lanes }),
        () => source.done ? Effect.void : this.lane(source, work, results),
        { concurrency: lanes, discard: true },
      ).pipe(
        Effect.onExit(() => Effect.sync(() => source.close())),
        Effect.as(results),
      );
    });
  }

  /** The results for a stream, in its order. */
  overStream<E0, R0>(
    items: Stream.Stream<A, E0, R0>,
  ): Stream.Stream<B, E0 | E, R0 | R | Limiter.Limiter> {
    const { batchSize, concurrency } = this;
    return Limiter.Limiter.pipe(
      Effect.map((limiter) => {
        const work = this.work(limiter);
        let first = 0;
        let failed = false;
        const failing = () => {
          failed = true;
        };
        const run = (batch: NonEmptyReadonlyArray<A>) => {
          if (failed) return Effect.never;
          const results = runBatch(batch, first, work, failing);
          first += batch.length;
          return results;
        };
        const batches = Stream.rechunk(items, batchSize);
        return concurrency === 1
          ? Stream.mapArrayEffect(batches, run)
          : abreast(batches, run, concurrency);
      }),
      Stream.unwrap,
    );
  }

  /** Runs one batch after the other, as long as there are items. */
  private lane(
    source: Source<A>,
    work: Work<A, B, E, R>,
    results: Array<B>,
  ): Effect.Effect<void, E, R> {
    let batch: ReadonlyArray<A> = [];
    let first = 0;
    const next = () => {
      first = source.taken;
      batch = source.take(this.batchSize);
      return batch.length > 0;
    };
    // One item needs nobody to wait for the others.
    return this.batchSize === 1
      ? Effect.whileLoop({
        while: next,
        body: () => work(batch[0]!, first),
        step: (value) => {
          results[first] = value;
        },
      })
      : Effect.whileLoop({
        while: next,
        body: () => runBatch(batch, first, work, () => source.stop()),
        step: (values) => {
          values.forEach((value, i) => {
            results[first + i] = value;
          });
        },
      });
  }
}

/** Starts the items of a batch together, and waits for them all; tells at once when one fails. */
function runBatch<A, B, E, R>(
  batch: ReadonlyArray<A>,
  first: number,
  work: Work<A, B, E, R>,
  failing: () => void,
): Effect.Effect<[B, ...Array<B>], E, R> {
  return Effect.forEach(
    batch,
    (item, i) =>
      Effect.catchCause(work(item, first + i), (cause) => {
        failing();
        return Effect.failCause(cause);
      }),
    { concurrency: batch.length },
    // A batch is never empty.
  ) as Effect.Effect<[B, ...Array<B>], E, R>;
}

/** `f` for each item, every try in its turn. */
export function inTurn<A, B, E, R, B2, E2, R2>(
  f: Work<A, B, E, R>,
  options: FailureOptions<A, E, B2, E2, R2>,
): (limiter: Limiter.Service) => Work<A, B | B2, E2, R | R2> {
  return (limiter) => {
    const inTurn = inTurnOf(limiter, (work) => limiter.limit(work));
    return (item, index) =>
      attempt(item, inTurn(() => f(item, index)), options);
  };
}
