/**
 * A hundred thousand who wait for one limiter.
 *
 * 100 a millisecond, and 1,000 after a rest: timers tick once a millisecond or later, and what flows in between two ticks
 * must not be lost, so the burst is what a late tick brings. All wait, the limiter is resumed with a full bucket, and the
 * clock runs until the last has its turn: `(waiters − burst) ÷ rate` at best.
 *
 * Others cannot be paused: they begin to admit as the first one asks, and what a waiter weighs is measured at a rate so low
 * that all wait.
 *
 * @module
 */
import { Limiter, Quota } from "@weir/weir";
import * as Deferred from "effect/Deferred";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Theirs from "effect/persistence/RateLimiter";
import { atMost, heap, median, rounds, type Row, shown } from "../report.ts";

const waiters = 100_000;
const perMilli = 100;
const burst = 1000;
const ideal = (waiters - burst) / perMilli;

/** Where the waiters come from, and in which order they came through. */
class Crowd {
  private readonly fibers: Array<Fiber.Fiber<unknown, unknown>> = new Array(
    waiters,
  );
  private readonly order = new Int32Array(waiters);
  private readonly all = Deferred.makeUnsafe<void>();
  private through = 0;
  private last = 0;

  /** Forks all, in order. */
  enter(
    ask: (i: number) => Effect.Effect<unknown, unknown>,
  ): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      for (let i = 0; i < waiters; i++) {
        this.fibers[i] = yield* Effect.forkDetach(ask(i));
      }
      // Fibers begin in the order in which they were forked: once this one has, all have.
      yield* Fiber.join(yield* Effect.forkDetach(Effect.void));
    });
  }

  /** Forks all, in order, to come through as they are let. */
  pass(
    ask: (i: number) => Effect.Effect<unknown, unknown>,
  ): Effect.Effect<void> {
    return this.enter((i) => Effect.map(ask(i), () => this.note(i)));
  }

  /** Milliseconds from `start` until the last one came through. */
  since(start: number): Effect.Effect<number> {
    return Effect.map(Deferred.await(this.all), () => this.last - start);
  }

  /** Sends all away. */
  leave(): void {
    for (const fiber of this.fibers) fiber.interruptUnsafe();
  }

  /** How many were let in after someone who had come later. */
  overtaken(): number {
    let overtaken = 0;
    let latest = -1;
    for (const who of this.order) {
      if (who < latest) overtaken++;
      latest = Math.max(latest, who);
    }
    return overtaken;
  }

  private note(i: number): void {
    this.order[this.through++] = i;
    if (this.through < waiters) return;
    this.last = performance.now();
    Deferred.doneUnsafe(this.all, Effect.void);
  }
}

const bucket = Quota.tokenBucket({ rate: perMilli, per: "1 milli", burst });

/** Weir: pause, fork, resume. */
const weir = Effect.gen(function* () {
  const limiter = yield* Limiter.make(bucket);
  yield* limiter.pause();
  const crowd = new Crowd();
  yield* crowd.pass(() => limiter.acquire());
  const { waiting } = yield* limiter.stats;
  if (waiting !== waiters) throw new Error(`${waiting} wait`);
  const start = performance.now();
  yield* limiter.resume;
  return { millis: yield* crowd.since(start), overtaken: crowd.overtaken() };
});

/** effect's own: a reservation, and a sleep for each. */
const theirs = Effect.gen(function* () {
  const limiter = yield* Theirs.make;
  const crowd = new Crowd();
  const start = performance.now();
  yield* crowd.pass(() => asked(limiter, Duration.millis(burst / perMilli)));
  return { millis: yield* crowd.since(start), overtaken: crowd.overtaken() };
}).pipe(Effect.provide(Theirs.layerStoreMemory));

const asked = (limiter: Theirs.RateLimiter, window: Duration.Duration) =>
  Theirs.sleep(limiter, {
    algorithm: "token-bucket",
    key: "key",
    limit: burst,
    window,
  });

/** As one would write it: everyone works out its time, and sleeps until then. */
const naive = Effect.gen(function* () {
  const crowd = new Crowd();
  const start = performance.now();
  let next = start - burst / perMilli;
  yield* crowd.pass(() =>
    Effect.suspend(() => {
      const now = performance.now();
      next = Math.max(next, now - burst / perMilli) + 1 / perMilli;
      return next <= now ? Effect.void : Effect.sleep(Math.ceil(next - now));
    })
  );
  return { millis: yield* crowd.since(start), overtaken: crowd.overtaken() };
});

/** Bytes that each of a crowd weighs while it waits. */
async function weight(
  ask: Effect.Effect<(i: number) => Effect.Effect<unknown, unknown>>,
): Promise<number> {
  const crowd = new Crowd();
  const before = await heap();
  const held = await Effect.runPromise(
    Effect.tap(ask, (ask) => crowd.enter(ask)),
  );
  const bytes = (await heap() - before) / waiters;
  crowd.leave();
  // What they wait for must not be gone before it was weighed.
  if (held === undefined) throw new Error("nothing was weighed");
  return bytes;
}

const weights = {
  "Weir": () =>
    weight(Effect.gen(function* () {
      const limiter = yield* Limiter.make(bucket);
      yield* limiter.pause();
      return () => limiter.acquire();
    })),
  "effect's RateLimiter": () =>
    weight(
      Effect.gen(function* () {
        const limiter = yield* Theirs.make;
        return () => asked(limiter, Duration.hours(5));
      }).pipe(Effect.provide(Theirs.layerStoreMemory)),
    ),
  "one sleep each": () => weight(Effect.succeed(() => Effect.sleep("1 hour"))),
  "fibers that wait for nothing": () =>
    weight(Effect.succeed(() => Effect.never)),
};

/** A hundred thousand waiters: time, order, weight. */
export async function waitingInLine(): Promise<ReadonlyArray<Row>> {
  const overtaken = {
    "Weir": 0,
    "effect's RateLimiter": 0,
    "one sleep each": 0,
  };
  const run = (
    name: keyof typeof overtaken,
    program: typeof weir,
  ) =>
  async () => {
    const result = await Effect.runPromise(program);
    overtaken[name] = Math.max(overtaken[name], result.overtaken);
    return result.millis;
  };
  const millis = await rounds({
    "Weir": run("Weir", weir),
    "effect's RateLimiter": run("effect's RateLimiter", theirs),
    "one sleep each": run("one sleep each", naive),
  }, { counted: 7, warmUp: 1 });
  const bytes = await rounds(weights, { counted: 3, warmUp: 1 });
  return [
    atMost(
      ideal * 1.01,
      `Weir, time; ${ideal} at best`,
      median(millis["Weir"]),
      "ms",
    ),
    shown(
      "effect's RateLimiter, time",
      median(millis["effect's RateLimiter"]),
      "ms",
    ),
    shown("one sleep each, time", median(millis["one sleep each"]), "ms"),
    atMost(0, "Weir, overtaken in the worst round", overtaken["Weir"], ""),
    shown(
      "effect's RateLimiter, overtaken",
      overtaken["effect's RateLimiter"],
      "",
    ),
    shown("one sleep each, overtaken", overtaken["one sleep each"], ""),
    atMost(1200, "Weir, a waiter", median(bytes["Weir"]), "B"),
    ...[
      "effect's RateLimiter",
      "one sleep each",
      "fibers that wait for nothing",
    ]
      .map((name) =>
        shown(
          `${name}, a waiter`,
          median(bytes[name as keyof typeof bytes]),
          "B",
        )
      ),
  ];
}
