/**
 * How it is written where tasks stand, and how far they are.
 *
 * @module
 */
import * as Schema from "effect/Schema";
import type { Progress, Status } from "./status.ts";

/** Encodes a {@linkcode Progress}. */
export const ProgressSchema: Schema.Codec<Progress, unknown> = Schema.Struct({
  done: Schema.Number,
  total: Schema.optionalKey(Schema.Number),
  message: Schema.optionalKey(Schema.String),
});

/** Encodes a {@linkcode Status}. */
export const StatusSchema: Schema.Codec<Status, string> = Schema.Literals([
  "scheduled",
  "pending",
  "running",
  "completed",
  "failed",
  "cancelled",
]);
