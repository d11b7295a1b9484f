/**
 * What a task manager does in a second, beside other queues with their workers.
 *
 * @module
 */
import { Limiter } from "@weir/weir";
import { Task, TaskManager, type TaskStore } from "@weir/weir/tasks";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Schema from "effect/Schema";
import { rounds, type Row } from "../report.ts";
import { bullmq } from "./bullmq.ts";
import {
  kind,
  memoryPeer,
  memoryStore,
  open,
  payload,
  type Site,
  sqlPeer,
  sqlStore,
} from "./sites.ts";
import { besides, figures } from "./rows.ts";
import { fillPeer, perSecond, take } from "./work.ts";

const plan = { counted: 5, warmUp: 1 };
const count = 2000;
const many = 10_000;
const inBulk = 1000;
const workers = 10;

const Work = Task.make(kind, { payload: { to: Schema.String } });
const Handler = Work.toLayer(() => Effect.void);

type Store = Layer.Layer<TaskStore.TaskStore, unknown>;

function manager(
  store: Store,
  handler: typeof Handler,
): Promise<Site<TaskManager.Service>> {
  return open(
    TaskManager.TaskManager,
    handler.pipe(
      Layer.provideMerge(TaskManager.layer({ workers })),
      Layer.provide([Limiter.layerUnlimited, store]),
    ),
  );
}

const submit = (
  tasks: TaskManager.Service,
  length: number,
  fibers: number,
): Effect.Effect<void, TaskStore.TaskStoreError> =>
  Effect.forEach(
    Array.from({ length: fibers }),
    () =>
      Effect.replicateEffect(
        Effect.suspend(() => tasks.submit(Work, payload)),
        length / fibers,
        { discard: true },
      ),
    { concurrency: fibers, discard: true },
  );

const submitMany = (
  tasks: TaskManager.Service,
  length: number,
  atOnce: number,
): Effect.Effect<void, TaskStore.TaskStoreError> =>
  Effect.replicateEffect(
    Effect.suspend(() =>
      tasks.submitMany(Work, Array.from({ length: atOnce }, () => payload))
    ),
    length / atOnce,
    { discard: true },
  );

/** Tasks that are submitted. */
export async function submitted(
  directory: string,
): Promise<ReadonlyArray<Row>> {
  const memory = await manager(memoryStore, Layer.empty);
  const sql = await manager(sqlStore(directory), Layer.empty);
  const scores = await rounds({
    "memory, one fiber": perSecond(many, submit(memory.service, many, 1)),
    "memory, 100 at once": perSecond(
      many,
      submitMany(memory.service, many, 100),
    ),
    "SQLite, one fiber": perSecond(count, submit(sql.service, count, 1)),
    "SQLite, ten fibers": perSecond(count, submit(sql.service, count, 10)),
    "SQLite, 100 at once": perSecond(many, submitMany(sql.service, many, 100)),
  }, plan);
  await memory.close();
  await sql.close();
  return figures(scores);
}

/** Tasks that wait, until all have been run and settled. */
export async function managed(
  directory: string,
): Promise<ReadonlyArray<Row>> {
  const memory = await manager(memoryStore, Handler);
  const sql = await manager(sqlStore(directory), Handler);
  const memoryQueue = await memoryPeer();
  const sqlQueue = await sqlPeer(directory);
  const redis = await bullmq(directory);
  const bull = "bullmq, concurrency 100";
  const ours = (tasks: TaskManager.Service) =>
    perSecond(
      many,
      Effect.andThen(tasks.resume(kind), allEnded(tasks)),
      Effect.andThen(tasks.pause(kind), submitMany(tasks, many, inBulk)),
    );
  const theirs = ({ service }: typeof memoryQueue, n: number) =>
    perSecond(n, take(service, n, workers), fillPeer(service, n));
  const scores = await rounds<string>({
    "memory": ours(memory.service),
    "PersistedQueue, memory": theirs(memoryQueue, many),
    "SQLite": ours(sql.service),
    "PersistedQueue, SQLite": theirs(sqlQueue, count),
    ...(redis && { [bull]: () => redis.perSecond(many) }),
  }, plan);
  for (const { close } of [memory, sql, memoryQueue, sqlQueue]) await close();
  await redis?.close();
  return [
    ...figures(scores),
    ...(redis === undefined
      ? [{ name: bull, value: "skipped: no redis-server" }]
      : []),
    ...besides(scores, [
      ["memory", "PersistedQueue, memory"],
      ["SQLite", "PersistedQueue, SQLite"],
      ["SQLite", bull],
    ]),
  ];
}

function allEnded(
  tasks: TaskManager.Service,
): Effect.Effect<void, TaskStore.TaskStoreError> {
  const isOver = Effect.map(
    tasks.stats,
    ({ pending, running }) => pending + running === 0,
  );
  return Effect.flatMap(
    isOver,
    (over) =>
      over ? Effect.void : Effect.andThen(Effect.sleep(5), allEnded(tasks)),
  );
}
