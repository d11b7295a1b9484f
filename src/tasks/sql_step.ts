/**
 * One transaction of the store, and its bookkeeping: what is written of tasks is written through it, so that counts, lanes and
 * events go with it.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type { Connection } from "effect/sql/SqlConnection";
import type { SqlError } from "effect/sql/SqlError";
import type { Status } from "./status.ts";
import { SqlLanes } from "./sql_lanes.ts";
import {
  allColumns,
  changing,
  type Core,
  coreColumns,
  corrupt,
  type Full,
  valuesOf,
} from "./sql_row.ts";
import { isFinal } from "./transitions.ts";

/** What is counted: tasks that are pending and those that run are so together. */
type Slot = Exclude<Status, "pending" | "running"> | "active";

/** The one row of `weir_task_state`. */
export interface State extends Record<Slot, number> {
  version: number;
  task: number;
  /** The number of the last event. */
  event: number;
  halted: number;
  /** Kinds that are paused, as a JSON array. */
  paused: string;
  /** When the next lane may go on by its quota. */
  readonly free: number | null;
}

const columns: ReadonlyArray<keyof State> = [
  ...["version", "task", "event", "halted", "paused", "scheduled"] as const,
  ...["active", "completed", "failed", "cancelled"] as const,
];

/** The state, with the last event looked up, and when the next lane may go on by its quota. */
export const selectState: string = `SELECT ${
  columns.map((column) =>
    column === "event"
      ? `max(event, coalesce(
        (SELECT max(sequence) FROM weir_task_events), 0)) AS event`
      : column
  ).join(", ")
},
  (SELECT min(free) FROM weir_task_lanes
    WHERE free IS NOT NULL AND pending > 0) AS free
  FROM weir_task_state`;

/** Throws what is raised where the row is gone. */
export function noState(): never {
  return corrupt("the row of weir_task_state is gone");
}

/** Where a task is counted that stands there. */
function slotOf(status: Status): Slot {
  return status === "pending" || status === "running" ? "active" : status;
}

const named = (columns: ReadonlyArray<string>) =>
  columns.map((column) => `${column} = ?`).join(", ");
const marks = (columns: ReadonlyArray<string>) =>
  columns.map(() => "?").join(", ");

const sql = {
  find: `SELECT ${coreColumns} FROM weir_tasks WHERE id = ?`,
  insert: `INSERT INTO weir_tasks (${allColumns.join(", ")})
    VALUES (${marks(allColumns)}) ON CONFLICT (id) DO NOTHING RETURNING seq`,
  update: `UPDATE weir_tasks SET ${named(changing)} WHERE seq = ?`,
  event: "INSERT INTO weir_task_events VALUES (?, ?, ?, ?, ?, ?)",
  save: `UPDATE weir_task_state SET ${named(columns)}`,
};

/** What is to be written, in order. */
type Write = readonly [text: string, params: ReadonlyArray<unknown>];

/** A transaction that has the right to write. */
export class Step {
  readonly lanes: SqlLanes;
  private writes: Array<Write> = [];
  private isChanged = false;
  private isStateChanged = false;

  private constructor(
    readonly connection: Connection,
    /** When it is, in whole milliseconds. */
    readonly now: number,
    readonly state: State,
  ) {
    this.lanes = new SqlLanes(this.execute, now, state.free);
  }

  static begin(
    connection: Connection,
    now: number,
  ): Effect.Effect<Step, SqlError> {
    return Effect.map(
      connection.execute(selectState, [], undefined),
      ([state]) =>
        new Step(
          connection,
          now,
          state ?? corrupt("The row of counts is gone"),
        ),
    );
  }

  /** Runs a statement. Its rows are taken to be of the type that is expected of them. */
  readonly execute = <A = unknown>(
    text: string,
    params: ReadonlyArray<unknown>,
  ): Effect.Effect<ReadonlyArray<A>, SqlError> =>
    this.connection.execute(text, params, undefined);

  /** Finds a task, without its payload. */
  find(id: string): Effect.Effect<Core | undefined, SqlError> {
    return Effect.map(this.execute<Core>(sql.find, [id]), ([row]) => row);
  }

  /** Stores a new task at once, unless there is one with its id. Says whether there was none. */
  insert(row: Full): Effect.Effect<boolean, SqlError> {
    return Effect.map(
      this.execute(sql.insert, valuesOf(row, allColumns)),
      ({ length }) => {
        if (length === 0) return false;
        this.count(row.status, 1);
        this.tell(row, null);
        return true;
      },
    );
  }

  /** Moves a task to where it is to stand. What else changes was written to it before; the lane was {@linkcode SqlLanes.load loaded}. */
  move(task: Core, to: Status): void {
    const { status: from } = task;
    if (slotOf(from) !== slotOf(to)) {
      this.count(from, -1);
      this.count(to, 1);
    }
    const lane = task.lane === null ? undefined : this.lanes.get(task.lane);
    lane?.move(from, to);
    if (from === "running") {
      task.lease = task.expires = null;
      task.asked = 0;
    }
    task.status = to;
    task.stage = stageOf(to, lane !== undefined);
    task.finished = isFinal(to) ? this.now : null;
    this.tell(task);
    if (to === "running") task.lease = task.event;
    this.write(sql.update, [...valuesOf(task, changing), task.seq]);
  }

  /** Tells what became of a task, after the event that it was told of last. */
  tell(task: Core, previous: number | null = task.event): void {
    const { progress, seq, status } = task;
    task.event = ++this.state.event;
    this.isChanged = true;
    this.write(sql.event, [
      ...[task.event, previous, seq, this.now, status, progress],
    ]);
  }

  /** Counts one more or one less where a task stands. */
  count(status: Status, by: number): void {
    this.state[slotOf(status)] += by;
    this.isStateChanged = true;
  }

  /** Has a statement run when all before it have. */
  write(text: string, params: ReadonlyArray<unknown>): void {
    this.writes.push([text, params]);
  }

  /** Has readers told of what no event tells. */
  change(): void {
    this.state.version++;
    this.isChanged = this.isStateChanged = true;
  }

  /** Writes what is to be written, the state apart. */
  readonly flush: Effect.Effect<void, SqlError> = Effect.suspend(() => {
    const { writes } = this;
    this.writes = [];
    return Effect.andThen(
      Effect.forEach(
        writes,
        ([text, params]) => this.execute(text, params),
        { discard: true },
      ),
      this.lanes.save,
    );
  });

  /** Writes all; says whether there was anything that readers are to be told of. */
  readonly finish: Effect.Effect<boolean, SqlError> = Effect.suspend(() => {
    const { isChanged, isStateChanged, state } = this;
    if (isStateChanged) {
      this.write(sql.save, columns.map((column) => state[column]));
    }
    return Effect.as(this.flush, isChanged);
  });
}

function stageOf(status: Status, isLaned: boolean): number | null {
  if (status === "running") return 0;
  return status === "pending" && !isLaned ? 1 : null;
}
