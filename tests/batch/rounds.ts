/**
 * Items of all kinds in batches, and what must hold whatever happens.
 *
 * @module
 */
import { Batch, Limiter } from "@weir/weir";
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Schedule from "effect/Schedule";
import * as Stream from "effect/Stream";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Dice, monotonic, pause } from "../support/dice.ts";
import { Items } from "../support/items.ts";
import {
  checkIdle,
  checkRate,
  drawLimit,
  type Limit,
  limiterOf,
} from "../support/limits.ts";
import { Belt, Parcel } from "../support/parcel.ts";

/** What happens besides items. */
interface Course {
  /** Whether the items come in a stream. */
  readonly streams: boolean;
  /** Whether it is interrupted, or left by whoever reads. */
  readonly stops: boolean;
}

/** Runs rounds that are drawn by chance. */
export const rounds = (course: Course): Effect.Effect<void> =>
  Effect.gen(function* () {
    const dice = yield* Dice.make;
    const limit = drawLimit(dice);
    const limiter = yield* limiterOf(limit);
    const all = new Rounds(dice, course, limit, limiter);
    yield* course.streams ? all.stream : all.collection;
    yield* checkIdle(limiter);
  });

class Rounds {
  private readonly belt = new Belt();
  private readonly parcels: ReadonlyArray<Parcel>;
  private readonly options: Batch.Options<Parcel, string, Parcel, never, never>;
  /** How many items may be under way. */
  private readonly most: number;
  private readonly retries: number;
  private readonly handles: boolean;
  /** When it is interrupted. */
  private readonly patience: number;

  constructor(
    private readonly dice: Dice,
    private readonly course: Course,
    private readonly limit: Limit,
    private readonly limiter: Limiter.Service,
  ) {
    this.retries = dice.whole(0, 2);
    this.handles = dice.happens(0.6);
    this.patience = course.stops ? dice.pause(30) : Infinity;
    const batchSize = dice.whole(1, 3);
    const concurrency = dice.whole(1, 3);
    this.most = batchSize * concurrency;
    const spaced = Schedule.spaced(dice.whole(1, 3));
    this.options = {
      batchSize,
      concurrency,
      retry: Schedule.upTo(spaced, { times: this.retries }),
      onFailure: this.handles ? (parcel) => parcel.replace : undefined,
    };
    this.parcels = dice.list(
      dice.whole(0, 9),
      () => Parcel.draw(dice, this.belt, this.retries, !this.handles),
    );
  }

  /** Items of an iterable that is pulled as batches start. */
  get collection(): Effect.Effect<void> {
    const { belt, most, options, parcels } = this;
    return Effect.gen({ self: this }, function* () {
      const clock = yield* Clock.Clock;
      const items = new Items(parcels, () => {
        const ahead = items.pulledAt.length + 1 - this.ended;
        if (ahead > most) belt.blame("items were pulled too early");
        return Number(clock.monotonicTimeNanosUnsafe()) / 1e6;
      });
      const work = Batch.forEach(items, (parcel) => parcel.consume, options);
      const exit = yield* this.exitOf(work);
      strictEqual(items.open, false, "the iterator was left open");
      ok(items.pulledAt.every((at) => at <= belt.stopsAt));
      if (Exit.isSuccess(exit)) deepStrictEqual(exit.value, this.parcels);
      yield* this.check(exit);
    });
  }

  /** Items of a stream, whose results may be read slowly, or not to the end. */
  get stream(): Effect.Effect<void> {
    const { dice, parcels } = this;
    const pauses = dice.list(parcels.length, () => dice.pause(5));
    const slowness = dice.pause(6);
    const most = this.course.stops && dice.happens(0.5)
      ? dice.whole(1, 5)
      : Infinity;
    let opened = 0;
    let closed = 0;
    const open = Effect.acquireRelease(
      Effect.sync(() => opened++),
      () => Effect.sync(() => closed++),
    );
    const items = Stream.fromIterable(parcels).pipe(
      Stream.rechunk(dice.whole(1, 3)),
      Stream.mapEffect((parcel, n) => Effect.as(pause(pauses[n]!), parcel)),
    );
    const results: Array<Parcel> = [];
    const read = Stream.unwrap(Effect.as(open, items)).pipe(
      Batch.mapEffect((parcel) => parcel.consume, this.options),
      Stream.take(most),
      Stream.runForEach((parcel) => {
        results.push(parcel);
        return pause(slowness);
      }),
    );
    return Effect.gen({ self: this }, function* () {
      const exit = yield* this.exitOf(read);
      deepStrictEqual(results, parcels.slice(0, results.length));
      strictEqual(closed, opened, "the stream was left open");
      if (Exit.isSuccess(exit)) {
        strictEqual(results.length, Math.min(most, parcels.length));
      }
      yield* this.check(exit);
    });
  }

  private get ended(): number {
    return this.parcels.filter((one) => one.isDone || one.isHanded).length;
  }

  /** How it ends, if it is interrupted when patience is over. */
  private exitOf<A>(
    self: Effect.Effect<A, string, Limiter.Limiter>,
  ): Effect.Effect<Exit.Exit<A, string>> {
    const { belt, limiter, patience } = this;
    const work = Effect.provideService(self, Limiter.Limiter, limiter);
    if (patience === Infinity) return Effect.exit(work);
    return Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(work);
      yield* pause(patience);
      const at = yield* monotonic;
      yield* Fiber.interrupt(fiber);
      ok(belt.starts.every((start) => start.at <= at));
      return yield* Fiber.await(fiber);
    });
  }

  private check = Effect.fnUntraced({ self: this }, function* (
    this: Rounds,
    exit: Exit.Exit<unknown, string>,
  ) {
    const { belt, course, limit, most, parcels } = this;
    belt.check();
    const fails = !this.handles && parcels.some((one) => one.isHopeless);
    ok(
      Exit.isSuccess(exit) || fails ||
        course.stops && Exit.hasInterrupts(exit),
      "the whole failed, and nothing in it",
    );
    if (Exit.isSuccess(exit) && !course.stops) {
      ok(!fails, "an item failed, and the whole did not");
    }
    ok(belt.most <= Math.min(most, limit.concurrency ?? most));
    checkRate(limit, belt.starts);
    const tries = belt.starts.length;
    yield* Effect.sleep(50);
    strictEqual(belt.starts.length, tries, "an item began after the end");
    for (const { tries } of parcels) ok(tries <= this.retries + 1);
  });
}
