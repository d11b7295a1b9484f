/**
 * Follows what happens to tasks.
 *
 * @module
 */
import * as Arr from "effect/Array";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import * as Schedule from "effect/Schedule";
import type * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import { TaskNotFound } from "./errors.ts";
import type { EventRow, Row } from "./model.ts";
import type { Service as Store, TaskStoreError } from "./store_service.ts";
import { isFinal } from "./transitions.ts";

/** How many events are read in one step. */
const page = 1000;
/** How long a waiter trusts that it will be called, in milliseconds. */
const patience = 10_000;

/** Wakes those who wait for tasks to end. */
export class Watch {
  private readonly waiters = new Map<string, Set<() => void>>();

  private constructor(private readonly store: Store) {}

  /** Watches until the scope ends. */
  static start(store: Store): Effect.Effect<Watch, never, Scope.Scope> {
    const watch = new Watch(store);
    const call = ({ id, status }: EventRow) =>
      Effect.sync(() => {
        if (!isFinal(status)) return;
        for (const wake of watch.waiters.get(id) ?? []) wake();
      });
    const follow = Effect.flatMap(
      store.lastEvent,
      (last) => Stream.runForEach(eventsAfter(store, last), call),
    );
    return Effect.as(
      Effect.forkScoped(Effect.retry(follow, Schedule.spaced("1 second"))),
      watch,
    );
  }

  /** The task, once it has ended. */
  ended(id: string): Effect.Effect<Row, TaskNotFound | TaskStoreError> {
    return Effect.gen({ self: this }, function* () {
      while (true) {
        const row = yield* this.rowOrCall(id);
        if (row !== undefined) return row;
      }
    });
  }

  /** The task if it has ended; nothing once it may have. Who waits is entered before the look, so that no end is missed. */
  private rowOrCall(
    id: string,
  ): Effect.Effect<Row | undefined, TaskNotFound | TaskStoreError> {
    return Effect.acquireUseRelease(
      Effect.sync(() => this.enter(id)),
      ({ called }) =>
        Effect.gen({ self: this }, function* () {
          const row = yield* this.store.get(id);
          if (Option.isNone(row)) return yield* new TaskNotFound({ id });
          if (isFinal(row.value.status)) return row.value;
          yield* Effect.timeoutOption(called, patience);
          return undefined;
        }),
      ({ leave }) => Effect.sync(leave),
    );
  }

  private enter(id: string): {
    readonly called: Effect.Effect<void>;
    readonly leave: () => void;
  } {
    let wasCalled = false;
    let resumeIt: (() => void) | undefined;
    const wake = () => {
      wasCalled = true;
      resumeIt?.();
    };
    const others = this.waiters.get(id) ?? new Set();
    this.waiters.set(id, others.add(wake));
    return {
      called: Effect.callback((resume) => {
        resumeIt = () => resume(Effect.void);
        if (wasCalled) resumeIt();
      }),
      leave: () => {
        others.delete(wake);
        if (others.size === 0) this.waiters.delete(id);
      },
    };
  }
}

/** All events after one, as they come. */
export function eventsAfter(
  store: Store,
  after: number,
): Stream.Stream<EventRow, TaskStoreError> {
  return Stream.suspend(() => {
    let last = after;
    return Stream.flatMap(
      store.changes,
      () =>
        Stream.suspend(() => storedAfter(store, last)).pipe(
          Stream.tap(({ sequence }) =>
            Effect.sync(() => {
              last = sequence;
            })
          ),
        ),
    );
  });
}

/** The events after one that there are now. */
export function storedAfter(
  store: Store,
  after: number,
): Stream.Stream<EventRow, TaskStoreError> {
  return Stream.paginate(
    after,
    (last) =>
      Effect.map(store.events(last, page), (events) =>
        [
          events,
          Option.map(
            events.length < page ? Option.none() : Arr.last(events),
            ({ sequence }) => sequence,
          ),
        ] as const),
  );
}
