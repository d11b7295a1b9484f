/**
 * How one sees tasks and what happens to them.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { whole } from "../internal/check.ts";
import { cursorOf, readCursor } from "./cursor.ts";
import type { EventRow, Row, ScheduleRow } from "./model.ts";
import type { Query } from "./query.ts";
import type { Status } from "./status.ts";
import {
  type Full,
  fullColumns,
  progressOf,
  rowOf,
  type ScheduleColumns,
  scheduleOf,
  statusOf,
} from "./sql_row.ts";
import type { SqlSession } from "./sql_session.ts";
import { noState, selectState, type State } from "./sql_step.ts";
import type { Service } from "./store_service.ts";

const sql = {
  get: `SELECT ${fullColumns} FROM weir_tasks WHERE id = ?`,
  stats: `SELECT scheduled, active, completed, failed, cancelled,
      (SELECT count(*) FROM weir_tasks WHERE stage = 0) AS running
    FROM weir_task_state`,
  schedules: "SELECT id, spec, next FROM weir_task_schedules ORDER BY next, id",
  events: `SELECT event.sequence, event.at, task.id, task.name, event.status,
      event.progress
    FROM weir_task_events AS event
    JOIN weir_tasks AS task ON task.seq = event.task
    WHERE event.sequence > ? ORDER BY event.sequence LIMIT ? + 0`,
};

/** One task. */
export function get(
  session: SqlSession,
  id: string,
): ReturnType<Service["get"]> {
  return session.read<Full, Option.Option<Row>>(
    sql.get,
    [id],
    ([row]) => row === undefined ? Option.none() : Option.some(rowOf(row)),
  );
}

/** The rare ones by their own indexes, which a parameter would not select. */
function withStatus(status: Status | undefined): string {
  switch (status) {
    case "scheduled":
    case "failed":
    case "cancelled":
      return `status = '${status}' AND status = ?`;
    case "running":
      return "stage = 0 AND status = ?";
    default:
      return "status = ?";
  }
}

/** How many tasks stand where. Those that run are few, and counted. */
export function stats(session: SqlSession): Service["stats"] {
  return session.read<
    State & { readonly running: number },
    Readonly<Record<Status, number>>
  >(sql.stats, [], ([state = noState()]) => {
    const { active, cancelled, completed, failed, running, scheduled } = state;
    const pending = active - running;
    return { scheduled, pending, running, completed, failed, cancelled };
  });
}

/** The number of the last event. */
export function lastEvent(session: SqlSession): Service["lastEvent"] {
  return session.read<State, number>(
    selectState,
    [],
    ([{ event } = noState()]) => event,
  );
}

/** All schedules, the next one first. */
export function schedules(session: SqlSession): Service["schedules"] {
  return session.read<ScheduleColumns, ReadonlyArray<ScheduleRow>>(
    sql.schedules,
    [],
    (rows) => rows.map(scheduleOf),
  );
}

/** Events in order. Those of tasks that were forgotten are gone with them. */
export function events(
  session: SqlSession,
  after: number,
  limit: number,
): ReturnType<Service["events"]> {
  return session.read<EventColumns, ReadonlyArray<EventRow>>(
    sql.events,
    [after, limit],
    (rows) =>
      rows.map(({ at, id, name, progress, sequence, status }) => ({
        sequence,
        at,
        id,
        name,
        status: statusOf(status, `Event ${sequence}`),
        progress: progressOf(progress, id),
      })),
  );
}

interface EventColumns extends Omit<EventRow, "progress"> {
  readonly progress: string | null;
}

/** A page of tasks, newest first. */
export function list(
  session: SqlSession,
  { cursor, limit = 100, name, status }: Query,
): ReturnType<Service["list"]> {
  return Effect.flatMap(readCursor(cursor), (before) => {
    whole("limit", limit, 1);
    const terms: ReadonlyArray<readonly [string, unknown]> = [
      [withStatus(status), status],
      ["name = ?", name],
      ["seq < ?", before === Infinity ? undefined : before],
    ];
    const given = terms.filter(([, value]) => value !== undefined);
    const where = given.length === 0
      ? ""
      : `WHERE ${given.map(([term]) => term).join(" AND ")}`;
    return session.read<Full, Effect.Success<ReturnType<Service["list"]>>>(
      `SELECT ${fullColumns} FROM weir_tasks ${where}
        ORDER BY seq DESC LIMIT ? + 0`,
      [...given.map(([, value]) => value), limit + 1],
      (found) => {
        const rows = found.slice(0, limit);
        const last = rows.at(-1);
        return {
          rows: rows.map(rowOf),
          cursor: found.length > limit && last !== undefined
            ? cursorOf(last.seq)
            : undefined,
        };
      },
    );
  });
}
