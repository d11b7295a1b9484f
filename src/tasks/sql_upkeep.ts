/**
 * What time does to tasks: it makes them due, and lets them be forgotten.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import type { SqlError } from "effect/sql/SqlError";
import { type Core, coreColumns } from "./sql_row.ts";
import type { Step } from "./sql_step.ts";
import type { Service } from "./store_service.ts";
import { transition } from "./transitions.ts";

/** How many events are kept at least; more than that go with the next prune. */
const keptEvents = 1_000_000;

const sql = {
  due: `SELECT ${coreColumns} FROM weir_tasks
    WHERE status = 'scheduled' AND due <= ? ORDER BY due, seq LIMIT ? + 0`,
  nextDue: `SELECT min(due) AS due FROM weir_tasks
    WHERE status = 'scheduled'`,
  ended: `SELECT seq, event, status, lane, finished FROM weir_tasks
    WHERE finished IS NOT NULL ORDER BY finished, event LIMIT ? + 0`,
  forget: "DELETE FROM weir_tasks WHERE seq = ?",
  forgetEventsOf: `WITH RECURSIVE told (sequence) AS (
      SELECT ?
      UNION ALL
      SELECT event.previous FROM weir_task_events AS event
      JOIN told ON event.sequence = told.sequence
      WHERE event.previous IS NOT NULL
    )
    DELETE FROM weir_task_events
    WHERE sequence IN (SELECT sequence FROM told)`,
  forgetEvents: `DELETE FROM weir_task_events WHERE sequence IN (
    SELECT sequence FROM weir_task_events WHERE sequence <= ?
    ORDER BY sequence LIMIT ? + 0)`,
};

/** Makes scheduled tasks pending whose time has come. */
export function promote(
  step: Step,
  limit: number,
): Effect.Effect<Option.Option<Duration.Duration>, SqlError> {
  return Effect.gen(function* () {
    yield* step.lanes.step;
    const due = yield* step.execute<Core>(sql.due, [step.now, limit]);
    for (const task of due) {
      yield* step.lanes.loadOf(task.lane);
      step.move(task, transition(task.status, "promote")!);
    }
    yield* step.flush;
    const [scheduled] = yield* step.execute<
      { readonly due: number | null }
    >(sql.nextDue, []);
    const next = Math.min(
      scheduled?.due ?? Infinity,
      yield* step.lanes.nextFree,
    );
    return next === Infinity
      ? Option.none()
      : Option.some(Duration.millis(Math.max(0, next - step.now)));
  });
}

/** Forgets ended tasks that are too old or too many, the first to end first. */
export function prune(
  step: Step,
  { keepCount, keepFor, limit }: Parameters<Service["prune"]>[0],
): Effect.Effect<number, SqlError> {
  return Effect.gen(function* () {
    const { now, state } = step;
    const { cancelled, completed, failed } = state;
    const tooMany = completed + failed + cancelled - keepCount;
    const before = now - Duration.toMillis(keepFor);
    const oldest = yield* step.execute<
      & Pick<Core, "seq" | "event" | "status" | "lane">
      & { readonly finished: number }
    >(sql.ended, [limit]);
    let pruned = 0;
    for (const { event, finished, lane, seq, status } of oldest) {
      if (finished > before && pruned >= tooMany) break;
      const left = yield* step.lanes.loadOf(lane);
      left?.forget(now);
      step.count(status, -1);
      step.write(sql.forgetEventsOf, [event]);
      step.write(sql.forget, [seq]);
      pruned++;
    }
    yield* step.lanes.forget(limit);
    yield* step.execute(sql.forgetEvents, [state.event - keptEvents, limit]);
    return pruned;
  });
}
