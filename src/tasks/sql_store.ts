/**
 * Tasks in a database.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type { SqlClient } from "effect/sql/SqlClient";
import { isSqlError, type SqlError } from "effect/sql/SqlError";
import { whole } from "../internal/check.ts";
import { openTables } from "../internal/sql.ts";
import type { ScheduleRow } from "./model.ts";
import { claim, pausedOf } from "./sql_claim.ts";
import { insert } from "./sql_insert.ts";
import { toText } from "./sql_row.ts";
import { taskTables } from "./sql_schema.ts";
import { SqlSession, unavailable } from "./sql_session.ts";
import {
  cancel,
  heartbeat,
  progress,
  reap,
  retry,
  settle,
} from "./sql_settle.ts";
import type { Step } from "./sql_step.ts";
import { promote, prune } from "./sql_upkeep.ts";
import { events, get, lastEvent, list, schedules, stats } from "./sql_watch.ts";
import type { Options } from "./store_options.ts";
import { type Service, TaskStore, TaskStoreError } from "./store_service.ts";

const sql = {
  putSchedule: `INSERT INTO weir_task_schedules (id, spec, next)
    VALUES (?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET spec = excluded.spec, next = excluded.next`,
  removeSchedule: "DELETE FROM weir_task_schedules WHERE id = ? RETURNING id",
  moveSchedule: `UPDATE weir_task_schedules SET next = ?
    WHERE id = ? AND next = ? RETURNING id`,
};

/**
 * Keeps tasks in a database: SQLite by `DenoSqlite.layer`. Makes and migrates its tables, whose names begin with `weir_task`.
 * Throws a `RangeError` that names a bad option.
 *
 * Any number of processes may share the database. Each operation happened as a whole or not at all, whatever becomes of the
 * process, and has been committed when it answers; what survives a power cut is said by `synchronous` of `DenoSqlite`. Those
 * that several fibers ask for at once share a transaction. Within `withTransaction` of the same client an operation is part of
 * that transaction: a task can be stored along with what it is about, or not at all.
 *
 * The time is that of each process's clock, in whole milliseconds. Processes of one machine share it. Where the clock is set
 * back, leases last that much longer and quotas of lanes wait until it is where it was; where it is set forward, leases pass
 * early, and what they held is begun again.
 *
 * Fails with `Unavailable` where the database cannot be read or written, after three more tries where another process held it;
 * with `Corrupt` for rows that this release did not write; with `Full` at its capacity. Of events the last million are kept.
 *
 * @example A task is stored along with the order that it is about
 * ```ts
 * import { DenoSqlite } from "@weir/weir/deno";
 * import { TaskStore } from "@weir/weir/tasks";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import { SqlClient } from "effect/sql/SqlClient";
 * import { strictEqual } from "node:assert/strict";
 *
 * const program = Effect.gen(function* () {
 *   const sql = yield* SqlClient;
 *   const store = yield* TaskStore.TaskStore;
 *   yield* sql`CREATE TABLE orders (id INTEGER PRIMARY KEY)`;
 *
 *   const order = Effect.gen(function* () {
 *     yield* sql`INSERT INTO orders VALUES (7)`;
 *     yield* store.insert([{
 *       id: "receipt-7",
 *       name: "send-receipt",
 *       payload: { order: 7 },
 *       priority: 0,
 *       maxAttempts: 10,
 *       start: { delay: 0 },
 *       lane: undefined,
 *     }]);
 *   });
 *   yield* sql.withTransaction(order);
 *   strictEqual((yield* store.stats).pending, 1);
 * });
 * const Sqlite = DenoSqlite.layer({ filename: ":memory:" });
 * const Store = Layer.provideMerge(TaskStore.layerSql(), Sqlite);
 * await Effect.runPromise(Effect.provide(program, Store));
 * ```
 */
export const layerSql = (
  options: Options = {},
): Layer.Layer<TaskStore, TaskStoreError, SqlClient> => {
  const capacity = whole("capacity", options.capacity ?? 1_000_000, 1);
  return Layer.effect(
    TaskStore,
    openTables(taskTables).pipe(
      Effect.mapError((error) =>
        isSqlError(error)
          ? unavailable(error)
          : new TaskStoreError({ reason: "Unavailable", detail: error.message })
      ),
      Effect.flatMap((client) =>
        Effect.map(
          Effect.context<never>(),
          (context) => make(new SqlSession(client, context), capacity),
        )
      ),
    ),
  );
};

function make(session: SqlSession, capacity: number): Service {
  return {
    insert: (rows) => session.write((step) => insert(step, rows, capacity)),
    get: (id) => get(session, id),
    list: (query) => list(session, query),
    claim: (options) => session.write((step) => claim(step, options)),
    heartbeat: (leases, lease) =>
      session.write((step) => heartbeat(step, leases, lease)),
    progress: (lease, done) =>
      session.write((step) => progress(step, lease, done)),
    settle: (outcomes) => session.write((step) => settle(step, outcomes)),
    cancel: (id) => session.write((step) => cancel(step, id)),
    retry: (id) => session.write((step) => retry(step, id, capacity)),
    promote: (limit) => session.write((step) => promote(step, limit)),
    reap: (limit) => session.write((step) => reap(step, limit)),
    prune: (options) => session.write((step) => prune(step, options)),
    pause: (name, paused) =>
      session.write((step) => Effect.sync(() => pause(step, name, paused))),
    stats: stats(session),
    putSchedule: (row) => session.write((step) => putSchedule(step, row)),
    removeSchedule: (id) =>
      session.write((step) =>
        Effect.map(step.execute(sql.removeSchedule, [id]), ({ length }) => {
          if (length > 0) step.change();
          return length > 0;
        })
      ),
    schedules: schedules(session),
    fire: ({ from, id, next, rows }) =>
      session.write((step) =>
        Effect.gen(function* () {
          const moved = yield* step.execute(sql.moveSchedule, [next, id, from]);
          if (moved.length === 0) return false;
          step.change();
          yield* insert(step, rows, capacity);
          return true;
        })
      ),
    events: (after, limit) => events(session, after, limit),
    lastEvent: lastEvent(session),
    changes: session.changes,
  };
}

function pause(step: Step, name: string | undefined, paused: boolean): void {
  const { state } = step;
  step.change();
  if (name === undefined) {
    state.halted = paused ? 1 : 0;
    return;
  }
  const names = new Set(pausedOf(state.paused));
  if (paused) names.add(name);
  else names.delete(name);
  state.paused = JSON.stringify([...names]);
}

function putSchedule(
  step: Step,
  { id, next, spec }: ScheduleRow,
): Effect.Effect<void, SqlError> {
  step.change();
  return Effect.asVoid(
    step.execute(sql.putSchedule, [id, toText(spec), next]),
  );
}
