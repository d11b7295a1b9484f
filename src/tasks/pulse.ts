/**
 * Tells readers that something may have changed.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import * as Stream from "effect/Stream";

/** A signal to many readers. One that is busy hears of any number of changes once. */
export class Pulse {
  private readonly readers = new Set<Queue.Queue<void>>();

  /** Pulses at once, and then when there is something new. */
  readonly stream: Stream.Stream<void> = Stream.unwrap(
    Effect.map(
      Effect.acquireRelease(
        Effect.map(Queue.dropping<void>(1), (reader) => {
          this.readers.add(reader);
          Queue.offerUnsafe(reader, undefined);
          return reader;
        }),
        (reader) => {
          this.readers.delete(reader);
          return Queue.shutdown(reader);
        },
      ),
      Stream.fromQueue,
    ),
  );

  /** Tells all readers. */
  send(): void {
    for (const reader of this.readers) Queue.offerUnsafe(reader, undefined);
  }
}
