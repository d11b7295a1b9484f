/**
 * Does what is due: promotes tasks, fires schedules, forgets what is old.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import * as Queue from "effect/Queue";
import type * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import type { ScheduleRow } from "./model.ts";
import { dueOf, rowFor } from "./repeats.ts";
import type { Service as Store, TaskStoreError } from "./store_service.ts";

/** What is kept of tasks that have ended. */
export interface Retention {
  /** How long, in milliseconds. */
  readonly keepFor: number;
  /** How many. */
  readonly keepCount: number;
}

/** How many tasks are promoted or forgotten in one step. */
const together = 1000;
/** How long to go without a look at most, in milliseconds: clocks are set, and other processes write. */
const longest = 10_000;
/** How long to go without a look at least, in milliseconds, however much happens. */
const shortest = 20;
/** How often what is old is forgotten, in milliseconds. */
const pruning = 60_000;

/** Looks after the times of a store. */
export class Timekeeper {
  private constructor(
    private readonly store: Store,
    private readonly bell: Queue.Queue<void>,
    private readonly wake: Queue.Queue<void>,
  ) {}

  /** Keeps time until the scope ends, and wakes who claims when something may be due. */
  static start(
    store: Store,
    retention: Retention,
    wake: Queue.Queue<void>,
  ): Effect.Effect<Timekeeper, never, Scope.Scope> {
    return Effect.gen(function* () {
      const keeper = new Timekeeper(
        store,
        yield* Queue.dropping<void>(1),
        wake,
      );
      yield* Effect.forkScoped(keeper.keeping);
      yield* Effect.forkScoped(
        Stream.runForEach(store.changes, () => keeper.look),
      );
      yield* Effect.forkScoped(forgetting(store, retention));
      return keeper;
    });
  }

  /** Looks whether something is due. */
  get look(): Effect.Effect<void> {
    return Effect.asVoid(Queue.offer(this.bell, undefined));
  }

  private get keeping(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      while (true) {
        const wait = yield* Effect.catch(this.step, (error) =>
          Effect.as(
            Effect.logWarning("Nothing can be made due", error),
            longest,
          ));
        const soonest = Math.min(wait, shortest);
        yield* Effect.sleep(soonest);
        const called = yield* Queue.take(this.bell).pipe(
          Effect.timeoutOption(Math.min(wait, longest) - soonest),
        );
        if (Option.isNone(called)) yield* Queue.offer(this.wake, undefined);
      }
    });
  }

  /** Does what is due now. Says how long until the next, in milliseconds. */
  private get step(): Effect.Effect<number, TaskStoreError> {
    return Effect.gen({ self: this }, function* () {
      const promotion = yield* this.store.promote(together);
      const firing = yield* this.fire;
      return Math.min(
        firing,
        Option.match(promotion, {
          onNone: () => Infinity,
          onSome: Duration.toMillis,
        }),
      );
    });
  }

  private get fire(): Effect.Effect<number, TaskStoreError> {
    return Effect.gen({ self: this }, function* () {
      while (true) {
        const [first] = yield* this.store.schedules;
        if (first === undefined) return Infinity;
        const now = yield* Clock.currentTimeMillis;
        if (first.next > now) return first.next - now;
        yield* this.fireOne(first, now);
      }
    });
  }

  /** Another process may be first: then it is done as well. */
  private fireOne(
    row: ScheduleRow,
    now: number,
  ): Effect.Effect<boolean, TaskStoreError> {
    const { next, slots } = dueOf(row, now);
    return this.store.fire({
      id: row.id,
      from: row.next,
      next,
      rows: slots.map((slot) => rowFor(row, slot)),
    });
  }
}

function forgetting(
  store: Store,
  { keepCount, keepFor }: Retention,
): Effect.Effect<void> {
  const options = {
    keepFor: Duration.millis(keepFor),
    keepCount,
    limit: together,
  };
  const step = Effect.gen(function* () {
    while ((yield* store.prune(options)) === together) yield* Effect.yieldNow;
  });
  return step.pipe(
    Effect.catch((error) =>
      Effect.logWarning("Ended tasks cannot be forgotten", error)
    ),
    Effect.andThen(Effect.sleep(pruning)),
    Effect.forever,
  );
}
