/**
 * Which tasks to list.
 *
 * @module
 */
import type { Status } from "./status.ts";

/** Which tasks to list, newest first. */
export interface Query {
  /** Only where they stand so. */
  readonly status?: Status | undefined;
  /** Only of this kind. */
  readonly name?: string | undefined;
  /** How many at most: a whole number, at least 1; 100 if omitted. */
  readonly limit?: number | undefined;
  /** Where the last page ended. Newer tasks do not shift what is older. */
  readonly cursor?: string | undefined;
}
