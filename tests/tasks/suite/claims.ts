/**
 * What the tests of a store are written with.
 *
 * @module
 */
import { TaskStore } from "@weir/weir/tasks";
import { testEffect } from "@weir/weir/testing";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import type * as Layer from "effect/Layer";

/** Makes the store under test. Its time is that of the fiber's clock. */
export type LayerOf<E> = (
  options?: TaskStore.Options,
) => Layer.Layer<TaskStore.TaskStore, E>;

/** Registers a test of the store. */
export type Claim = (
  claim: string,
  body: (store: TaskStore.Service) => Effect.Effect<void, unknown>,
  options?: TaskStore.Options,
) => void;

export const claimsOf =
  <E>(name: string, layerOf: LayerOf<E>): Claim => (claim, body, options) =>
    testEffect(
      `${name}: ${claim}`,
      Effect.flatMap(TaskStore.TaskStore, body).pipe(
        Effect.provide(layerOf(options)),
      ),
    );

/** A task of kind "mail" that may begin at once, three times. */
export const task = (
  id: string,
  options: Partial<TaskStore.NewRow> = {},
): TaskStore.NewRow => ({
  id,
  name: "mail",
  payload: { to: id },
  priority: 0,
  maxAttempts: 3,
  start: { delay: 0 },
  lane: undefined,
  ...options,
});

/** Several that are alike. */
export const tasks = (
  ids: ReadonlyArray<string>,
  options: Partial<TaskStore.NewRow> = {},
): readonly [TaskStore.NewRow, ...Array<TaskStore.NewRow>] => {
  const [first = "", ...rest] = ids;
  return [task(first, options), ...rest.map((id) => task(id, options))];
};

/** So many names in order: `p0`, `p1`, and so on. */
export const names = (prefix: string, count: number): Array<string> =>
  Array.from({ length: count }, (_, n) => `${prefix}${n}`);

export const lane = (
  key: string,
  concurrency?: number,
  quota?: NonNullable<TaskStore.NewRow["lane"]>["quota"],
): { readonly lane: TaskStore.NewRow["lane"] } => ({
  lane: { key, concurrency, quota },
});

/** Claims with leases of ten seconds. */
export const claim = (
  store: TaskStore.Service,
  limit: number,
  names: ReadonlyArray<string> = ["mail"],
): Effect.Effect<
  ReadonlyArray<TaskStore.Claimed>,
  TaskStore.TaskStoreError
> => store.claim({ names, limit, lease: Duration.seconds(10) });

/** Claims, and gives the ids alone. */
export const claimIds = (
  store: TaskStore.Service,
  limit: number,
  names?: ReadonlyArray<string>,
): Effect.Effect<ReadonlyArray<string>, TaskStore.TaskStoreError> =>
  Effect.map(claim(store, limit, names), idsOf);

/** Claims one that must be there. */
export const claimOne = (
  store: TaskStore.Service,
  names?: ReadonlyArray<string>,
): Effect.Effect<TaskStore.Claimed, TaskStore.TaskStoreError> =>
  Effect.map(claim(store, 1, names), ([claimed]) => {
    if (claimed === undefined) throw new Error("nothing to claim");
    return claimed;
  });

export const idsOf = (
  rows: ReadonlyArray<{ readonly id: string }>,
): ReadonlyArray<string> => rows.map(({ id }) => id);

/** Settles one attempt, and says whether its lease was good. */
export const settle = (
  store: TaskStore.Service,
  lease: TaskStore.Lease,
  outcome: TaskStore.Outcome,
): Effect.Effect<boolean, TaskStore.TaskStoreError> =>
  Effect.map(
    store.settle([{ lease, outcome }]),
    (lost) => lost.length === 0,
  );

export const completed: TaskStore.Outcome = {
  _tag: "Completed",
  result: "done",
};
export const failed: TaskStore.Outcome = { _tag: "Failed", error: "broken" };
export const cancelled: TaskStore.Outcome = { _tag: "Cancelled" };
export const released: TaskStore.Outcome = { _tag: "Released" };
export const retried = (delay: number): TaskStore.Outcome => ({
  _tag: "Retry",
  error: "not yet",
  delay,
});

/** A task that must be there. */
export const row = (
  store: TaskStore.Service,
  id: string,
): Effect.Effect<TaskStore.Row, TaskStore.TaskStoreError> =>
  Effect.map(
    store.get(id),
    Option.getOrThrowWith(() => new Error(`no ${id}`)),
  );

/** Where a task stands. */
export const statusOf = (
  store: TaskStore.Service,
  id: string,
): Effect.Effect<
  TaskStore.Status | "missing",
  TaskStore.TaskStoreError
> =>
  Effect.map(
    store.get(id),
    (found) => Option.isSome(found) ? found.value.status : "missing",
  );

/** Where all tasks stand of which there are any. */
export const counts = (
  store: TaskStore.Service,
): Effect.Effect<
  Partial<Record<TaskStore.Status, number>>,
  TaskStore.TaskStoreError
> =>
  Effect.map(
    store.stats,
    (stats) =>
      Object.fromEntries(
        Object.entries(stats).filter(([, count]) => count > 0),
      ),
  );

/** Milliseconds until the next scheduled task, if there is one. */
export const promote = (
  store: TaskStore.Service,
  limit = 100,
): Effect.Effect<number | undefined, TaskStore.TaskStoreError> =>
  Effect.map(
    store.promote(limit),
    (next) => Option.getOrUndefined(Option.map(next, Duration.toMillis)),
  );

/** What happened after an event: `mail-1 running`. */
export const history = (
  store: TaskStore.Service,
  after = 0,
): Effect.Effect<ReadonlyArray<string>, TaskStore.TaskStoreError> =>
  Effect.map(
    store.events(after, 10_000),
    (events) => events.map(({ id, status }) => `${id} ${status}`),
  );
