/**
 * What is known about a task.
 *
 * @module
 */
import type * as DateTime from "effect/DateTime";
import * as Schema from "effect/Schema";
import type { Progress, Status } from "./status.ts";
import { ProgressSchema, StatusSchema } from "./status_schemas.ts";

/** What is known about a task. */
export interface Info {
  /** Names it. */
  readonly id: string;
  /** Its kind. */
  readonly name: string;
  /** Where it stands. */
  readonly status: Status;
  /** Higher goes first. */
  readonly priority: number;
  /** How often it was begun. */
  readonly attempts: number;
  /** When it was accepted. */
  readonly createdAt: DateTime.Utc;
  /** When it may begin, while it is scheduled. */
  readonly runAt?: DateTime.Utc;
  /** When its last attempt began. */
  readonly startedAt?: DateTime.Utc;
  /** When it ended. */
  readonly finishedAt?: DateTime.Utc;
  /** Its lane. */
  readonly lane?: string;
  /** What its handler last said. */
  readonly progress?: Progress;
  /** What it was given, as it is stored. */
  readonly payload: unknown;
  /** What it gave, as it is stored. */
  readonly result?: unknown;
  /** Why it failed last, for people. */
  readonly error?: string;
}

/** Encodes an {@linkcode Info} for HTTP and stores. */
export const Info: Schema.Codec<Info, unknown> = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  status: StatusSchema,
  priority: Schema.Number,
  attempts: Schema.Number,
  createdAt: Schema.DateTimeUtcFromString,
  runAt: Schema.optionalKey(Schema.DateTimeUtcFromString),
  startedAt: Schema.optionalKey(Schema.DateTimeUtcFromString),
  finishedAt: Schema.optionalKey(Schema.DateTimeUtcFromString),
  lane: Schema.optionalKey(Schema.String),
  progress: Schema.optionalKey(ProgressSchema),
  payload: Schema.Unknown,
  result: Schema.optionalKey(Schema.Unknown),
  error: Schema.optionalKey(Schema.String),
});
