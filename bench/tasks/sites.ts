/**
 * Stores to be measured: ours and effect's, in memory and in a file.
 *
 * @module
 */
import { DenoSqlite } from "@weir/weir/deno";
import { TaskStore } from "@weir/weir/tasks";
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Layer from "effect/Layer";
import * as PersistedQueue from "effect/persistence/PersistedQueue";
import * as Schema from "effect/Schema";
import * as Scope from "effect/Scope";
import { SqlClient } from "effect/sql/SqlClient";

/** A kind of task, as all of them know it. */
export const kind = "send-email";
/** What each task is given. */
export const payload = { to: "anna@example.com" };

/** What was opened, until it is closed. */
export interface Site<A> {
  readonly service: A;
  readonly close: () => Promise<void>;
}

/** Opens a service. */
export async function open<I, A, E>(
  key: Context.Key<I, A>,
  layer: Layer.Layer<I, E>,
): Promise<Site<A>> {
  const scope = Scope.makeUnsafe();
  const context = await Effect.runPromise(Layer.buildWithScope(layer, scope));
  return {
    service: Context.get(context, key),
    close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
  };
}

/** A database in a new file of this directory. */
const sqlite = (directory: string) =>
  DenoSqlite.layer({ filename: `${directory}/${crypto.randomUUID()}.db` });

/** The store in memory. */
export const memoryStore: Layer.Layer<TaskStore.TaskStore> = TaskStore
  .layerMemory();

/** The store in a new file of this directory. */
export const sqlStore = (
  directory: string,
): Layer.Layer<TaskStore.TaskStore, unknown> =>
  Layer.provide(TaskStore.layerSql(), sqlite(directory));

/** One of effect's queues. */
export interface Peer {
  readonly queue: PersistedQueue.PersistedQueue<typeof payload>;
  /** Runs an effect in a transaction, where there are any. */
  readonly together: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A>;
}

class PeerKey extends Context.Service<PeerKey, Peer>()("Peer") {}

const queue = PersistedQueue.make({
  name: kind,
  schema: Schema.Struct({ to: Schema.String }),
});

/** Effect's queue in memory. */
export const memoryPeer = (): Promise<Site<Peer>> =>
  open(
    PeerKey,
    Layer.effect(
      PeerKey,
      Effect.map(queue, (queue) => ({ queue, together: Effect.orDie })),
    ).pipe(
      Layer.provide(PersistedQueue.layer),
      Layer.provide(PersistedQueue.layerStoreMemory),
    ),
  );

/** Effect's queue in a new file of this directory. */
export const sqlPeer = (directory: string): Promise<Site<Peer>> =>
  open(
    PeerKey,
    Layer.effect(
      PeerKey,
      Effect.gen(function* () {
        const sql = yield* SqlClient;
        return {
          queue: yield* queue,
          together: (effect) => Effect.orDie(sql.withTransaction(effect)),
        };
      }),
    ).pipe(
      Layer.provide(PersistedQueue.layer),
      Layer.provide(PersistedQueue.layerStoreSql()),
      Layer.provide(sqlite(directory)),
    ),
  );
