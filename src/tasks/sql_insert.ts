/**
 * How tasks come in.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type { SqlError } from "effect/sql/SqlError";
import type { NewRow, Row } from "./model.ts";
import { corrupt, type Full, fullColumns, rowOf, toText } from "./sql_row.ts";
import type { Step } from "./sql_step.ts";
import { TaskStoreError } from "./store_service.ts";

const running = "SELECT count(*) AS running FROM weir_tasks WHERE stage = 0";

const find = `SELECT ${fullColumns} FROM weir_tasks WHERE id = ?`;

/** A task that was stored, or was there. */
interface Stored {
  readonly row: Row;
  readonly existed: boolean;
}

/** Stores tasks whose ids are new, all or none. */
export function insert(
  step: Step,
  rows: ReadonlyArray<NewRow>,
  capacity: number,
): Effect.Effect<ReadonlyArray<Stored>, SqlError | TaskStoreError> {
  return Effect.gen(function* () {
    const stored: Array<Stored> = [];
    const before = yield* waiting(step);
    let added = 0;
    for (const given of rows) {
      const task = taskOf(step, given);
      if (yield* step.insert(task)) {
        step.state.task = task.seq;
        step.change();
        added++;
        if (given.lane !== undefined) {
          const lane = yield* step.lanes.load(given.lane.key);
          lane.limit(given.lane);
          lane.tasks++;
          lane.move(undefined, task.status);
        }
        stored.push({ row: rowOf(task), existed: false });
      } else {
        const [found] = yield* step.execute<Full>(find, [given.id]);
        stored.push({
          row: rowOf(found ?? corrupt(`Task "${given.id}" is gone`)),
          existed: true,
        });
      }
    }
    return added > 0 && before + added > capacity
      ? yield* full(added, before, capacity)
      : stored;
  });
}

/** How many wait. Those that run are few, and counted. */
export function waiting(step: Step): Effect.Effect<number, SqlError> {
  const { active, scheduled } = step.state;
  return Effect.map(
    step.execute<{ readonly running: number }>(running, []),
    ([row]) => scheduled + active - (row?.running ?? 0),
  );
}

/** Refuses tasks that there is no room for. */
export function full(
  added: number,
  waiting: number,
  capacity: number,
): TaskStoreError {
  return new TaskStoreError({
    reason: "Full",
    detail: `no room for ${added} more: ${waiting} of ${capacity} tasks wait`,
  });
}

function taskOf({ now, state }: Step, given: NewRow): Full {
  const { start } = given;
  const due = Math.ceil(
    "at" in start ? start.at : now + Math.max(0, start.delay),
  );
  const isDue = due <= now;
  return {
    seq: state.task + 1,
    id: given.id,
    name: given.name,
    lane: given.lane?.key ?? null,
    rank: 0 - given.priority,
    most: given.maxAttempts,
    created: now,
    status: isDue ? "pending" : "scheduled",
    stage: isDue && given.lane === undefined ? 1 : null,
    event: state.event + 1,
    attempts: 0,
    due,
    started: null,
    finished: null,
    lease: null,
    expires: null,
    asked: 0,
    progress: null,
    result: null,
    error: null,
    payload: toText(given.payload),
  };
}
