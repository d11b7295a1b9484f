/**
 * What a store does in a second: ours beside effect's.
 *
 * @module
 */
import { TaskStore } from "@weir/weir/tasks";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import { rounds, type Row } from "../report.ts";
import { besides, figures } from "./rows.ts";
import {
  kind,
  memoryPeer,
  memoryStore,
  open,
  sqlPeer,
  sqlStore,
} from "./sites.ts";
import {
  complete,
  delayed,
  fill,
  fillPeer,
  insert,
  laned,
  offer,
  perSecond,
  take,
} from "./work.ts";

const one = { fibers: 1 };
const ten = { fibers: 10 };
const hundred = { batch: 100 };
const plan = { counted: 5, warmUp: 1 };
/** How many are in the way, or rather are not. */
const crowd = 100_000;
/** How many are stored, or claimed and completed, in a round. */
const count = 2000;
const many = 20_000;

/** What is there besides the tasks that are measured. */
export type Crowd = "nothing" | "delayed" | "laned";

async function openAll(directory: string) {
  const [memory, sql] = [
    await open(TaskStore.TaskStore, memoryStore),
    await open(TaskStore.TaskStore, sqlStore(directory)),
  ];
  const [memoryQueue, sqlQueue] = [
    await memoryPeer(),
    await sqlPeer(directory),
  ];
  return {
    memory: memory.service,
    sql: sql.service,
    memoryQueue: memoryQueue.service,
    sqlQueue: sqlQueue.service,
    close: async () => {
      await Promise.all(
        [memory, sql, memoryQueue, sqlQueue].map(({ close }) => close()),
      );
    },
  };
}

/** Tasks that come in. */
export async function inserts(directory: string): Promise<ReadonlyArray<Row>> {
  const { close, memory, memoryQueue, sql, sqlQueue } = await openAll(
    directory,
  );
  const scores = await rounds({
    "memory, one fiber": perSecond(many, insert(memory, many, one)),
    "memory, 100 at once": perSecond(many, insert(memory, many, hundred)),
    "PersistedQueue, memory, one fiber": perSecond(
      many,
      offer(memoryQueue, many, 1),
    ),
    "SQLite, one fiber": perSecond(count, insert(sql, count, one)),
    "SQLite, ten fibers": perSecond(count, insert(sql, count, ten)),
    "SQLite, 100 at once": perSecond(many, insert(sql, many, hundred)),
    "PersistedQueue, SQLite, one fiber": perSecond(
      count,
      offer(sqlQueue, count, 1),
    ),
    "PersistedQueue, SQLite, ten fibers": perSecond(
      count,
      offer(sqlQueue, count, 10),
    ),
  }, plan);
  await close();
  return [
    ...figures(scores),
    ...besides(scores, [
      ["memory, one fiber", "PersistedQueue, memory, one fiber"],
      ["SQLite, one fiber", "PersistedQueue, SQLite, one fiber"],
      ["SQLite, ten fibers", "PersistedQueue, SQLite, ten fibers"],
    ]),
  ];
}

/** Tasks that are claimed and completed, with others there. */
export async function completions(
  directory: string,
  others: Crowd,
): Promise<ReadonlyArray<Row>> {
  const { close, memory, memoryQueue, sql, sqlQueue } = await openAll(
    directory,
  );
  for (const store of [memory, sql]) {
    await Effect.runPromise(crowdIn(store, others));
  }
  const hasPeers = others !== "laned";
  const hour = { delay: 3_600_000 };
  if (others === "delayed") {
    for (const queue of [memoryQueue, sqlQueue]) {
      await Effect.runPromise(fillPeer(queue, crowd, hour));
    }
  }
  const ours = (
    store: TaskStore.Service,
    n: number,
    way: Parameters<typeof complete>[2],
  ) => perSecond(n, complete(store, n, way), fill(store, n));
  const theirs = (queue: typeof memoryQueue) =>
    perSecond(count, take(queue, count, 10), fillPeer(queue, count));
  const scores = await rounds<string>({
    "memory, one fiber": ours(memory, many, one),
    "memory, ten fibers": ours(memory, many, ten),
    "memory, 100 at once": ours(memory, many, hundred),
    "SQLite, one fiber": ours(sql, count, one),
    "SQLite, ten fibers": ours(sql, count, ten),
    "SQLite, 100 at once": ours(sql, many, hundred),
    ...(hasPeers && {
      "PersistedQueue, memory, ten fibers": theirs(memoryQueue),
      "PersistedQueue, SQLite, ten fibers": theirs(sqlQueue),
    }),
  }, plan);
  await close();
  return [
    ...figures(scores, {
      "memory, one fiber": 100_000,
      "memory, ten fibers": 100_000,
      "memory, 100 at once": 100_000,
      "SQLite, ten fibers": 6000,
      "SQLite, 100 at once": 10_000,
    }),
    ...besides(scores, [
      ["memory, ten fibers", "PersistedQueue, memory, ten fibers"],
      ["SQLite, ten fibers", "PersistedQueue, SQLite, ten fibers"],
    ]),
  ];
}

function crowdIn(
  store: TaskStore.Service,
  others: Crowd,
): Effect.Effect<unknown, TaskStore.TaskStoreError> {
  if (others === "nothing") return Effect.void;
  if (others === "delayed") return fill(store, crowd, delayed);
  // The one that the lane lets begin is claimed, and goes on.
  return Effect.andThen(
    fill(store, crowd, laned),
    store.claim({ names: [kind], limit: 1, lease: Duration.hours(1) }),
  );
}
