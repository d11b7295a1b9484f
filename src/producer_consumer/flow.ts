/**
 * One run: its fibers, and how they end.
 *
 * @module
 */
import * as Cause from "effect/Cause";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Stream from "effect/Stream";
import { attempt } from "../internal/attempt.ts";
import type { FailureOptions } from "../internal/failure.ts";
import { instantOf, inTurnOf } from "../internal/instant.ts";
import { duration, timeIn } from "../internal/time.ts";
import type { Limiter } from "../limiter/mod.ts";
import type { Counts, Totals } from "./metrics.ts";
import type { Report } from "./model.ts";
import { Load, type Overflow, Pipe } from "./pipe.ts";

/** How much at once, and by whose leave. */
export interface Setting {
  readonly capacity: number;
  readonly consumers: number;
  readonly overflow: Overflow;
  /** Milliseconds. */
  readonly drain: number;
  readonly producerLimiter: Limiter.Service;
  readonly consumerLimiter: Limiter.Service;
  readonly totals: Totals;
}

/** What to run; `E1` is how an item fails, `E` how the whole does. */
export interface Program<A, B, E1, E, R>
  extends FailureOptions<A, E1, B, E, R> {
  readonly producers: ReadonlyArray<Stream.Stream<A, E, R>>;
  readonly consumer: (item: A) => Effect.Effect<B, E1, R>;
}

type AnyFiber = Fiber.Fiber<unknown, unknown>;

/** One run of a program. */
export class Flow<A, B, E1, E, R> {
  private readonly pipe: Pipe<A>;
  /** Done when there is nothing to wait for any more: all have ended, or one has failed. */
  private readonly over = Deferred.makeUnsafe<void>();
  private done = 0;
  /** Items in the hands of consumers. */
  private running = 0;
  /** Counted where some may be replaced. */
  private consumed = 0;
  private failed = 0;
  private readonly causes: Array<Cause.Cause<E>> = [];
  /** Whether they were told to stop: from then on an interrupt is no failure. */
  private producersStop = false;
  private consumersStop = false;
  private readonly now: () => number;

  constructor(
    private readonly setting: Setting,
    private readonly program: Program<A, B, E1, E, R>,
    fiber: AnyFiber,
  ) {
    const { capacity, overflow, producerLimiter } = setting;
    const takeTurn = instantOf(producerLimiter);
    const { currentDispatcher } = fiber;
    this.pipe = new Pipe(capacity, overflow, takeTurn, currentDispatcher);
    this.now = timeIn(fiber.context).now;
  }

  /** Tells how many items an interrupt left behind, if any. */
  get logLeft(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const left = this.pipe.put - this.pipe.dropped - this.done;
      return left === 0 ? Effect.void : Effect.logWarning(
        `A ProducerConsumer was interrupted, items dropped: ${left}`,
      );
    });
  }

  /** Runs until all is done, and hands on each result. */
  run(
    emit?: (result: B) => Effect.Effect<void>,
  ): Effect.Effect<Report, E, R> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.gen({ self: this }, function* () {
        const start = this.now();
        const counted = this.setting.totals.begin(this);
        const producers = yield* this.startProducers();
        const consumers = yield* this.startConsumers(emit);
        const waited = yield* Effect.exit(restore(Deferred.await(this.over)));
        yield* this.stop(producers, consumers, Exit.isFailure(waited));
        counted();
        if (Exit.isFailure(waited)) this.causes.push(waited.cause);
        if (this.causes.length > 0) {
          return yield* Effect.failCause(this.causes.reduce(Cause.combine));
        }
        return this.report(this.now() - start);
      })
    );
  }

  private startConsumers(
    emit: ((result: B) => Effect.Effect<void>) | undefined,
  ): Effect.Effect<ReadonlyArray<AnyFiber>, never, R> {
    const { consumers } = this.setting;
    const work = this.work();
    const consume = this.consume(
      emit === undefined ? work : (item) => Effect.flatMap(work(item), emit),
    );
    let running = consumers;
    const start = this.start(consume, () => {
      if (--running === 0) Deferred.doneUnsafe(this.over, Exit.void);
    }, () => this.consumersStop);
    return Effect.replicateEffect(start, consumers);
  }

  /** Takes items, one after the other, until there are no more. */
  private consume(
    work: (item: A) => Effect.Effect<unknown, E, R>,
  ): Effect.Effect<void, E, R> {
    const { pipe } = this;
    return Effect.suspend(() => {
      let busy = false;
      const drain = Effect.whileLoop({
        while: () => pipe.refill(),
        body: () => {
          busy = true;
          this.running++;
          return work(pipe.take());
        },
        step: () => {
          busy = false;
          this.running--;
          this.done++;
        },
      });
      const consume = Effect.whileLoop({
        while: () => !pipe.over,
        body: () => Effect.andThen(pipe.ready, drain),
        step: () => {},
      });
      return Effect.onExitPrimitive(consume, () => {
        // One that fails or is interrupted may have an item in hand.
        if (busy) this.running--;
        return undefined;
      });
    });
  }

  private startProducers(): Effect.Effect<ReadonlyArray<AnyFiber>, never, R> {
    const { pipe } = this;
    const { producers } = this.program;
    let running = producers.length;
    if (running === 0) pipe.end(Exit.void);
    return Effect.forEach(producers, (producer) =>
      this.start(
        Stream.runForEachArray(producer, (items) => this.produce(items)),
        () => {
          if (--running === 0) pipe.end(Exit.void);
        },
        () => this.producersStop,
      ));
  }

  /** Puts items, each when its turn has come; most of the time that is at once. */
  private produce(items: ReadonlyArray<A>): Effect.Effect<void> {
    const load = new Load(items);
    return this.pipe.fill(load) ? Effect.void : this.put(load);
  }

  private put(load: Load<A>): Effect.Effect<void> {
    const { pipe, setting: { producerLimiter } } = this;
    const takeTurn = () => {
      load.turn = true;
    };
    return Effect.whileLoop({
      while: () => !pipe.fill(load),
      body: () =>
        load.turn
          ? pipe.wait(load)
          : Effect.map(producerLimiter.acquire(), takeTurn),
      step: () => {},
    });
  }

  /** What is to be done for an item. */
  private work(): (item: A) => Effect.Effect<B, E, R> {
    const { consumer, onFailure, retry, retryBudget } = this.program;
    const { consumerLimiter } = this.setting;
    const inTurn = inTurnOf(
      consumerLimiter,
      (work) => consumerLimiter.limit(work),
    );
    const options: FailureOptions<A, E1, B, E, R> = {
      retry,
      retryBudget,
      onFailure: onFailure && ((item, cause) => {
        this.failed++;
        return onFailure(item, cause);
      }),
    };
    const consume = (item: A) => inTurn(() => consumer(item));
    // Where nothing is replaced, all that is done was consumed.
    if (onFailure === undefined) {
      return (item) => attempt(item, consume(item), options);
    }
    const count = (result: B) => {
      this.consumed++;
      return result;
    };
    return (item) => attempt(item, Effect.map(consume(item), count), options);
  }

  /** Starts a fiber at once. It is not the caller's child: it ends as `stop` says. */
  private start(
    self: Effect.Effect<void, E, R>,
    done: () => void,
    stops: () => boolean,
  ): Effect.Effect<AnyFiber, never, R> {
    const fork = Effect.forkDetach(self, { startImmediately: true });
    return Effect.map(fork, (fiber) => {
      fiber.addObserver((exit) => {
        if (Exit.isSuccess(exit)) return done();
        const cause = stops() ? withoutInterrupts(exit.cause) : exit.cause;
        if (cause.reasons.length > 0) this.fail(cause);
      });
      return fiber;
    });
  }

  private fail(cause: Cause.Cause<E>): void {
    this.causes.push(cause);
    Deferred.doneUnsafe(this.over, Exit.void);
  }

  /** Producers first, then consumers; waits until all have ended. */
  private stop(
    producers: ReadonlyArray<AnyFiber>,
    consumers: ReadonlyArray<AnyFiber>,
    interrupted: boolean,
  ): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const { pipe, setting: { drain } } = this;
      const drains = interrupted && drain > 0;
      this.producersStop = true;
      this.consumersStop = !drains;
      pipe.end(Exit.void);
      if (!drains) pipe.clear();
      yield* Fiber.interruptAll(producers);
      if (drains) {
        const enough = Effect.andThen(
          Effect.sleep(drain),
          Deferred.done(this.over, Exit.void),
        );
        const timer = yield* Effect.forkDetach(enough);
        yield* Deferred.await(this.over);
        yield* Fiber.interrupt(timer);
      }
      this.consumersStop = true;
      yield* Fiber.interruptAll(consumers);
    });
  }

  /** What was counted so far. */
  get counts(): Counts {
    const { consumed, done, failed, pipe, program, running } = this;
    return {
      pending: pipe.size,
      running,
      produced: pipe.put,
      consumed: program.onFailure === undefined ? done : consumed,
      failed,
      dropped: pipe.dropped,
    };
  }

  private report(elapsed: number): Report {
    const { consumed, dropped, failed, produced } = this.counts;
    return {
      produced,
      consumed,
      failed,
      dropped,
      peakPending: this.pipe.peak,
      elapsed: duration(elapsed),
    };
  }
}

function withoutInterrupts<E>(cause: Cause.Cause<E>): Cause.Cause<E> {
  return Cause.fromReasons(
    cause.reasons.filter((reason) => !Cause.isInterruptReason(reason)),
  );
}
