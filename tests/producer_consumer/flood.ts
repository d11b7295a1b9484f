/**
 * Producers and consumers of all kinds, and what must hold whatever happens.
 *
 * @module
 */
import { type Limiter, ProducerConsumer } from "@weir/weir";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Logger from "effect/Logger";
import * as Schedule from "effect/Schedule";
import * as Stream from "effect/Stream";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Dice, pause } from "../support/dice.ts";
import {
  checkIdle,
  checkRate,
  drawLimit,
  isUnlimited,
  type Limit,
  limiterOf,
} from "../support/limits.ts";
import { limited } from "../support/producer_consumer.ts";
import { Belt, Parcel } from "../support/parcel.ts";

/** How late timers may be in a flood. */
export const lateness = 2;

/** What happens in a flood. */
export interface Course {
  /** Whether the results are read as a stream. */
  readonly streams?: boolean;
  /** Whether it is stopped in the middle: interrupted, or left by the reader. */
  readonly stops?: boolean;
  /** Whether producers, or items that nobody takes care of, fail. */
  readonly fails?: boolean;
}

/** Runs a flood that is drawn by chance. */
export const flood = (course: Course): Effect.Effect<void> =>
  Effect.gen(function* () {
    const dice = yield* Dice.make;
    const limits = [drawLimit(dice), drawLimit(dice)] as const;
    const producing = yield* limiterOf(limits[0]);
    const consuming = yield* limiterOf(limits[1]);
    const run = new Flood(dice, course, limits[1], producing, consuming);
    yield* course.streams === true ? run.streams : run.runs;
    yield* checkIdle(producing);
    yield* checkIdle(consuming);
  });

/** A chunk of items, and how long it takes to come. */
interface Chunk {
  readonly after: number;
  readonly items: readonly [Parcel, ...Array<Parcel>];
}

class Flood {
  private readonly belt = new Belt();
  private readonly parcels: Array<Parcel> = [];
  private readonly options: ProducerConsumer.Options & {
    readonly capacity: number;
  };
  private readonly retries: number;
  private readonly handles: boolean;
  private readonly producers: ReadonlyArray<Stream.Stream<Parcel, string>>;
  /** When it is interrupted. */
  private readonly patience: number;
  /** Whether something happens that makes the whole fail. */
  private mayFail = false;
  private readonly logged: Array<string> = [];

  constructor(
    private readonly dice: Dice,
    private readonly course: Course,
    private readonly limit: Limit,
    private readonly producing: Limiter.Service,
    private readonly consuming: Limiter.Service,
  ) {
    this.options = {
      capacity: dice.whole(1, 3),
      consumers: dice.whole(1, 3),
      overflow: dice.pick("suspend", "suspend", "dropping", "sliding"),
      drain: dice.pick(0, 5, Infinity),
    };
    const interrupts = course.stops === true &&
      (course.streams !== true || dice.happens(0.5));
    this.patience = interrupts ? dice.pause(30) : Infinity;
    this.retries = dice.whole(0, 2);
    this.handles = course.fails !== true || dice.happens(0.5);
    this.producers = dice.list(dice.whole(0, 3), () => this.producer());
  }

  /** Runs it, perhaps not to its end. */
  get runs(): Effect.Effect<void> {
    const run = ProducerConsumer.run(this.program);
    return Effect.gen({ self: this }, function* () {
      const exit = yield* this.exitOf(run);
      if (Exit.isSuccess(exit)) yield* this.checkReport(exit.value);
      else this.checkFailure(exit);
      yield* this.checkQuiet;
    });
  }

  /** Reads its results, perhaps slowly, perhaps not to the end. */
  get streams(): Effect.Effect<void> {
    const { dice } = this;
    const slowness = dice.pause(6);
    const most = this.course.stops === true ? dice.whole(1, 6) : Infinity;
    const results: Array<Parcel> = [];
    const read = ProducerConsumer.stream(this.program).pipe(
      Stream.take(most),
      Stream.runForEach((parcel) => {
        results.push(parcel);
        return pause(slowness);
      }),
    );
    return Effect.gen({ self: this }, function* () {
      const exit = yield* this.exitOf(read);
      strictEqual(new Set(results).size, results.length, "a result came twice");
      ok(results.every((parcel) => parcel.isDone || parcel.isHanded));
      if (Exit.isFailure(exit)) this.checkFailure(exit);
      else if (results.length < most) {
        const all = this.parcels.filter((one) => one.isDone || one.isHanded);
        strictEqual(results.length, all.length, "a result is missing");
        this.checkParcels();
      }
      yield* this.checkQuiet;
    });
  }

  private producer(): Stream.Stream<Parcel, string> {
    const { belt, course, dice } = this;
    const draw = () => {
      const parcel = Parcel.draw(dice, belt, this.retries, !this.handles);
      this.parcels.push(parcel);
      if (!this.handles && parcel.isHopeless) this.mayFail = true;
      return parcel;
    };
    const chunks = dice.list(dice.whole(0, 3), (): Chunk => ({
      after: dice.pause(6),
      items: [draw(), ...dice.list(dice.whole(0, 2), draw)],
    }));
    const fails = course.fails === true && dice.happens(0.3);
    if (fails) this.mayFail = true;
    const end = fails
      ? dice.pick(Stream.fail("broken"), Stream.die("broken"))
      : this.patience < Infinity && dice.happens(0.3)
      ? Stream.never
      : Stream.empty;
    const closing = dice.happens(0.3) ? dice.whole(1, 4) : 0;
    const open = Effect.acquireRelease(
      Effect.sync(() => belt.opened++),
      () => Effect.andThen(pause(closing), Effect.sync(() => belt.closed++)),
    );
    const stream = Stream.fromIterable(chunks).pipe(
      Stream.rechunk(1),
      Stream.mapEffect(({ after, items }) => Effect.as(pause(after), items)),
      Stream.flattenArray,
      Stream.concat(end),
    );
    return Stream.unwrap(Effect.as(open, stream));
  }

  private get program() {
    const spaced = Schedule.spaced(this.dice.whole(1, 3));
    return {
      producers: this.producers,
      consumer: (parcel: Parcel) => parcel.consume,
      retry: Schedule.upTo(spaced, { times: this.retries }),
      onFailure: this.handles ? (parcel: Parcel) => parcel.replace : undefined,
    };
  }

  /** How it ends, if it is interrupted when patience is over. */
  private exitOf<A>(
    self: Effect.Effect<A, string, ProducerConsumer.ProducerConsumer>,
  ): Effect.Effect<Exit.Exit<A, string>> {
    const logger = Logger.make(({ message }) => {
      this.logged.push(String(message));
    });
    const { belt, options, patience } = this;
    const provided = self.pipe(
      Effect.provide(limited(options, this.producing, this.consuming)),
      Effect.provide(Logger.layer([logger])),
    );
    if (patience === Infinity) return Effect.exit(provided);
    return Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(provided);
      yield* pause(patience);
      if (options.drain === 0 && fiber.pollUnsafe() === undefined) {
        yield* belt.stop;
      }
      yield* Fiber.interrupt(fiber);
      return yield* Fiber.await(fiber);
    });
  }

  private checkReport = Effect.fnUntraced({ self: this }, function* (
    this: Flood,
    report: ProducerConsumer.Report,
  ) {
    const { belt, options, parcels } = this;
    const { consumed, dropped, failed, peakPending, produced } = report;
    strictEqual(produced, consumed + failed + dropped);
    strictEqual(produced, parcels.length);
    strictEqual(consumed, parcels.filter(({ isDone }) => isDone).length);
    strictEqual(failed, parcels.filter(({ isHanded }) => isHanded).length);
    if (options.overflow === "suspend") strictEqual(dropped, 0);
    ok(peakPending <= options.capacity);
    strictEqual((yield* this.producing.stats).admitted, produced);
    strictEqual((yield* this.consuming.stats).admitted, belt.starts.length);
    this.checkParcels();
  });

  /** Each item was done, handed on or dropped. */
  private checkParcels(): void {
    strictEqual(this.mayFail && this.options.overflow === "suspend", false);
    for (const parcel of this.parcels) {
      strictEqual(
        parcel.tries > 0,
        parcel.isDone || parcel.isHanded,
        "an item was begun and not ended",
      );
      ok(!parcel.isHanded || parcel.isHopeless);
    }
    deepStrictEqual(this.logged, []);
    // The first cannot be dropped for others, nor the last.
    if (this.producers.length > 1 || this.parcels.length === 0) return;
    const { overflow } = this.options;
    if (overflow === "dropping") ok(this.parcels[0]!.tries > 0);
    if (overflow === "sliding") ok(this.parcels.at(-1)!.tries > 0);
  }

  private checkFailure(exit: Exit.Exit<unknown, string>): void {
    ok(
      this.mayFail || this.course.stops === true && Exit.hasInterrupts(exit),
      "the whole failed, and nothing in it",
    );
    const { capacity, consumers, drain } = this.options;
    if (drain === Infinity && !this.mayFail) deepStrictEqual(this.logged, []);
    for (const text of this.logged) {
      const left = Number(/dropped: (\d+)$/.exec(text)?.[1]);
      ok(left > 0 && left <= capacity + consumers, text);
    }
  }

  /** Nothing runs, and nothing begins any more. */
  private get checkQuiet(): Effect.Effect<void> {
    const { belt, limit, options } = this;
    return Effect.gen({ self: this }, function* () {
      belt.check();
      // An item that a consumer has in hand may still get its turn.
      if (isUnlimited(limit)) ok(belt.lastBegun <= belt.stopsAt);
      ok(belt.most <= Math.min(options.consumers, limit.concurrency ?? 9));
      checkRate(limit, belt.starts);
      const tries = belt.starts.length;
      yield* Effect.sleep(50);
      strictEqual(belt.starts.length, tries, "an item began after the end");
      for (const { tries } of this.parcels) ok(tries <= this.retries + 1);
    });
  }
}
