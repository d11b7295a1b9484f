/**
 * A stream, cut into spans of time.
 *
 * @module
 */
import type * as Cause from "effect/Cause";
import * as Clock from "effect/Clock";
import * as Context from "effect/Context";
import * as DateTime from "effect/DateTime";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Latch from "effect/Latch";
import * as Stream from "effect/Stream";
import { span, whole } from "../internal/check.ts";
import { shortest, type Time, timeIn } from "../internal/time.ts";
import type { Window, WindowOptions } from "./model.ts";
import { Spans } from "./spans.ts";

/** Options, checked. */
export interface Grid {
  readonly size: number;
  readonly every: number;
  readonly capacity: number;
}

/** Checks options. */
export function readGrid(
  { size, every = size, capacity = 10_000 }: WindowOptions,
): Grid {
  return {
    size: span("size", size),
    every: span("every", every),
    capacity: whole("capacity", capacity, 1),
  };
}

/** Cuts a stream. */
export function cut<A, E, R>(
  self: Stream.Stream<A, E, R>,
  grid: Grid,
): Stream.Stream<Window<A>, E, R> {
  return Stream.transformPullBracket(
    self,
    (pull, _, scope) =>
      Effect.withFiber((fiber) => {
        const windows = new Windows<A, E | Cause.Done>(grid, fiber.context);
        return Effect.as(
          Effect.forkIn(windows.fill(pull), scope),
          windows.next,
        );
      }),
  );
}

/** Fills spans from one side, and hands them out on the other. */
class Windows<A, E> {
  /** The next window, once it has ended. */
  readonly next: Effect.Effect<readonly [Window<A>], E>;
  private readonly spans: Spans<A>;
  private readonly time: Time;
  private readonly start: number;
  private readonly startedAt: number;
  /** Closed while a span that has ended waits for a slow reader: what comes next is asked for once that is taken. */
  private readonly gate = Latch.makeUnsafe(true);
  private readonly over = Deferred.makeUnsafe<void>();
  /** Whether the last window was handed out, the one that the end of the stream cut short. */
  private ended = false;
  private end:
    | { readonly at: number; readonly cause: Cause.Cause<E> }
    | undefined;

  constructor(private readonly grid: Grid, context: Context.Context<never>) {
    this.spans = new Spans(grid.size, grid.every, grid.capacity);
    this.time = timeIn(context);
    this.start = this.time.now();
    this.startedAt = Context.get(context, Clock.Clock)
      .currentTimeMillisUnsafe();
    this.next = Effect.suspend(() => this.read());
  }

  /** Adds what is pulled to the spans, as it comes. */
  fill<R>(
    pull: Effect.Effect<ReadonlyArray<A>, E, R>,
  ): Effect.Effect<void, never, R> {
    return pull.pipe(
      Effect.flatMap((arrived) => {
        const now = this.now();
        this.spans.add(arrived, now);
        if (this.spans.end > now) return Effect.void;
        this.gate.closeUnsafe();
        return this.gate.await;
      }),
      Effect.forever({ disableYield: true }),
      Effect.catchCause((cause) =>
        Effect.sync(() => {
          this.end = { at: this.now(), cause };
          Deferred.doneUnsafe(this.over, Exit.void);
        })
      ),
    );
  }

  private read(): Effect.Effect<readonly [Window<A>], E> {
    const { end, spans } = this;
    const now = this.now();
    if (spans.end <= Math.min(now, end?.at ?? Infinity)) {
      const window = this.take();
      if (spans.end > now) this.gate.openUnsafe();
      return Effect.succeed([window]);
    }
    if (end === undefined) {
      const sleep = this.time.sleep(Math.max(shortest, spans.end - now));
      return Effect.andThen(
        Effect.raceFirst(sleep, Deferred.await(this.over)),
        this.next,
      );
    }
    if (this.ended || spans.empty) return Effect.failCause(end.cause);
    this.ended = true;
    return Effect.succeed([this.take()]);
  }

  private take(): Window<A> {
    const { number, ...rest } = this.spans.take();
    const start = this.startedAt + number * this.grid.every;
    return {
      start: DateTime.makeUnsafe(start),
      end: DateTime.makeUnsafe(start + this.grid.size),
      ...rest,
    };
  }

  private now(): number {
    return this.time.now() - this.start;
  }
}
