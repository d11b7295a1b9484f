/**
 * What is done to stores: tasks come in, are claimed and completed.
 *
 * @module
 */
import type { TaskStore } from "@weir/weir/tasks";
import type { NonEmptyReadonlyArray } from "effect/Array";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import { kind, payload, type Peer } from "./sites.ts";

const lease = Duration.minutes(5);
const inBulk = 1000;

/** How many fibers, or how many tasks at once. */
export type Way = { readonly fibers: number } | { readonly batch: number };

/** Where tasks are to stand that are stored. */
export type Place = Partial<Pick<TaskStore.NewRow, "start" | "lane">>;

/** In an hour. */
export const delayed: Place = { start: { delay: 3_600_000 } };

/** All of one lane, of which one runs at a time. */
export const laned: Place = {
  lane: { key: "acme", concurrency: 1, quota: undefined },
};

function rows(
  length: number,
  place: Place = {},
): NonEmptyReadonlyArray<TaskStore.NewRow> {
  const one = (): TaskStore.NewRow => ({
    ...{ id: crypto.randomUUID(), name: kind, payload, priority: 0 },
    ...{ maxAttempts: 10, start: { delay: 0 }, lane: undefined },
    ...place,
  });
  return [one(), ...Array.from({ length: length - 1 }, one)];
}

/** Tasks that come in: one by one, or many at once. */
export function insert(
  store: TaskStore.Service,
  count: number,
  way: Way,
  place?: Place,
): Effect.Effect<unknown, TaskStore.TaskStoreError> {
  return "batch" in way
    ? repeat(count / way.batch, 1, () => store.insert(rows(way.batch, place)))
    : repeat(count, way.fibers, () => store.insert(rows(1, place)));
}

/** Stores tasks to be claimed. */
export const fill = (
  store: TaskStore.Service,
  count: number,
  place?: Place,
): Effect.Effect<unknown, TaskStore.TaskStoreError> =>
  insert(store, count, { batch: Math.min(count, inBulk) }, place);

/** Claims tasks and completes them: one by one, or many at once. */
export function complete(
  store: TaskStore.Service,
  count: number,
  way: Way,
): Effect.Effect<unknown, TaskStore.TaskStoreError> {
  const limit = "batch" in way ? way.batch : 1;
  const step = Effect.flatMap(
    store.claim({ names: [kind], limit, lease }),
    (claimed) => {
      const [first, ...others] = claimed.map(({ lease }) => ({
        lease,
        outcome: { _tag: "Completed", result: "sent" } as const,
      }));
      return first === undefined || claimed.length < limit
        ? Effect.die(`${claimed.length} of ${limit} tasks could be claimed`)
        : store.settle([first, ...others]);
    },
  );
  const fibers = "fibers" in way ? way.fibers : 1;
  return repeat(count / limit, fibers, () => step);
}

/** What effect's queue is given, in transactions, one by one. */
export const fillPeer = (
  { queue, together }: Peer,
  count: number,
  options?: { readonly delay: number },
): Effect.Effect<unknown> =>
  repeat(
    count / inBulk,
    1,
    () => together(repeat(inBulk, 1, () => queue.offer(payload, options))),
  );

/** What effect's queue is given, one by one. */
export const offer = (
  { queue }: Peer,
  count: number,
  fibers: number,
): Effect.Effect<unknown> =>
  Effect.orDie(repeat(count, fibers, () => queue.offer(payload)));

/** What effect's queue gives, one by one. */
export const take = (
  { queue }: Peer,
  count: number,
  fibers: number,
): Effect.Effect<unknown> =>
  Effect.orDie(repeat(count, fibers, () => queue.take(() => Effect.void)));

function repeat<A, E>(
  count: number,
  concurrency: number,
  body: () => Effect.Effect<A, E>,
): Effect.Effect<void, E> {
  const one = Effect.suspend(body);
  return Effect.forEach(
    Array.from({ length: concurrency }),
    () => Effect.replicateEffect(one, count / concurrency, { discard: true }),
    { concurrency, discard: true },
  );
}

/** How many there are of something in a second that is done to `count` tasks, once it is prepared. */
export const perSecond = <E>(
  count: number,
  run: Effect.Effect<unknown, E>,
  prepare: Effect.Effect<unknown, E> = Effect.void,
) =>
async (): Promise<number> => {
  await Effect.runPromise(prepare);
  const start = performance.now();
  await Effect.runPromise(run);
  return count / (performance.now() - start) * 1000;
};
