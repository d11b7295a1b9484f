import { Limiter, ProducerConsumer, Quota } from "@weir/weir";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Stream from "effect/Stream";
import { allowInstant } from "../../src/internal/instant.ts";

/** Limits that hold nobody up. */
export const unlimited: Layer.Layer<
  ProducerConsumer.ProducerLimiter | ProducerConsumer.ConsumerLimiter
> = Layer.mergeAll(
  ProducerConsumer.ProducerLimiter.layerUnlimited,
  ProducerConsumer.ConsumerLimiter.layerUnlimited,
);

/** A service without limits. */
export const free = (
  options: ProducerConsumer.Options,
): Layer.Layer<ProducerConsumer.ProducerConsumer> =>
  Layer.provide(ProducerConsumer.layer(options), unlimited);

/** A service by two limiters. */
export const limited = (
  options: ProducerConsumer.Options,
  producing: Limiter.Service,
  consuming: Limiter.Service,
): Layer.Layer<ProducerConsumer.ProducerConsumer> =>
  Layer.provide(ProducerConsumer.layer(options), [
    Layer.succeed(ProducerConsumer.ProducerLimiter, producing),
    Layer.succeed(ProducerConsumer.ConsumerLimiter, consuming),
  ]);

/** A limiter that counts its turns, some of which it gives without an Effect around them. */
export const counting = (
  instantly: () => boolean,
): Effect.Effect<{ readonly limiter: Limiter.Service; turns: number }> =>
  Effect.map(Limiter.make(Quota.unlimited), (under) => {
    const count = Effect.sync(() => {
      counted.turns++;
    });
    const limiter: Limiter.Service = {
      ...under,
      acquire: (options) => Effect.andThen(count, under.acquire(options)),
      limit: (self, options) =>
        Effect.andThen(count, under.limit(self, options)),
    };
    allowInstant(limiter, () => {
      const yes = instantly();
      if (yes) counted.turns++;
      return yes;
    });
    const counted = { limiter, turns: 0 };
    return counted;
  });

/** A stream of chunks, that notes how many items were pulled, and whether it was closed. */
export class Source<A> {
  pulled = 0;
  closed = 0;
  readonly stream: Stream.Stream<A>;

  constructor(chunks: Iterable<ReadonlyArray<A>>) {
    this.stream = Stream.fromIterable(chunks).pipe(
      Stream.rechunk(1),
      Stream.flatMap((chunk) => {
        this.pulled += chunk.length;
        return Stream.fromArray(chunk);
      }),
      Stream.ensuring(Effect.sync(() => {
        this.closed++;
      })),
    );
  }
}

/** Numbers without an end, one by one. */
export function* naturals(): Generator<ReadonlyArray<number>> {
  for (let n = 1;; n++) yield [n];
}
