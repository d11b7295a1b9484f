/**
 * Tasks as rows of a table, there and back.
 *
 * @module
 */
import type { Row, ScheduleRow } from "./model.ts";
import type { Progress, Status } from "./status.ts";
import { TaskStoreError } from "./store_service.ts";

/** A task as its columns, without what it is given. JSON is text; what there is none of is `null`. */
export interface Core {
  readonly seq: number;
  readonly id: string;
  readonly name: string;
  readonly lane: string | null;
  readonly rank: number;
  readonly most: number;
  readonly created: number;
  status: Status;
  stage: number | null;
  event: number;
  attempts: number;
  due: number;
  started: number | null;
  finished: number | null;
  lease: number | null;
  expires: number | null;
  asked: number;
  progress: string | null;
  result: string | null;
  error: string | null;
}

/** All columns of a task. */
export interface Full extends Core {
  readonly payload: string | null;
}

/** The columns that a change of status may change. */
export const changing: ReadonlyArray<keyof Core> = [
  ...["status", "stage", "event", "attempts", "due", "started"] as const,
  ...["finished", "lease", "expires", "asked", "progress"] as const,
  ...["result", "error"] as const,
];

const kept = ["seq", "id", "name", "lane", "rank", "most", "created"] as const;

export const coreColumns: string = [...kept, ...changing].join(", ");
export const fullColumns: string = `${coreColumns}, payload`;

/** The values of columns, in their order. */
export function valuesOf<K extends keyof Full>(
  row: { readonly [C in K]: Full[C] },
  columns: ReadonlyArray<K>,
): Array<unknown> {
  return columns.map((column) => row[column]);
}

/** All columns, as they are inserted. */
export const allColumns: ReadonlyArray<keyof Full> = [
  ...kept,
  ...changing,
  "payload",
];

const statuses: ReadonlySet<unknown> = new Set<Status>([
  ...["scheduled", "pending", "running"] as const,
  ...["completed", "failed", "cancelled"] as const,
]);

/** Throws what is raised where a row is not what this code writes. */
export function corrupt(detail: string): never {
  throw new TaskStoreError({ reason: "Corrupt", detail });
}

/** Reads one of the statuses. */
export function statusOf(text: unknown, whose: string): Status {
  return statuses.has(text)
    // One of the set above.
    ? text as Status
    : corrupt(`${whose} has the status ${JSON.stringify(text)}`);
}

/** JSON as text; `null` where there is none. */
export function toText(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** Reads what {@linkcode toText} wrote. */
export function fromText(text: string | null, whose: string): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return corrupt(`${whose} is not JSON`);
  }
}

/** Reads how far a task is. */
export function progressOf(
  text: string | null,
  id: string,
): Progress | undefined {
  const value = fromText(text, `The progress of task "${id}"`);
  return value === undefined || isProgress(value)
    ? value
    : corrupt(`The progress of task "${id}" is none`);
}

function isProgress(value: unknown): value is Progress {
  if (typeof value !== "object" || value === null) return false;
  const { done, message, total }: Readonly<Record<string, unknown>> = {
    ...value,
  };
  return typeof done === "number" &&
    (total === undefined || typeof total === "number") &&
    (message === undefined || typeof message === "string");
}

/** Reads a task. */
export function rowOf(row: Full): Row {
  const { id } = row;
  const whose = `Task "${id}"`;
  return {
    id,
    name: row.name,
    status: statusOf(row.status, whose),
    payload: fromText(row.payload, `The payload of task "${id}"`),
    priority: 0 - row.rank,
    lane: row.lane ?? undefined,
    attempts: row.attempts,
    maxAttempts: row.most,
    createdAt: row.created,
    runAt: row.due,
    startedAt: row.started ?? undefined,
    finishedAt: row.finished ?? undefined,
    progress: progressOf(row.progress, id),
    result: fromText(row.result, `The result of task "${id}"`),
    error: fromText(row.error, `The error of task "${id}"`),
  };
}

/** A schedule as its columns. */
export interface ScheduleColumns {
  readonly id: string;
  readonly spec: string | null;
  readonly next: number;
}

/** Reads a schedule. */
export function scheduleOf({ id, next, spec }: ScheduleColumns): ScheduleRow {
  return { id, spec: fromText(spec, `Schedule "${id}"`), next };
}
