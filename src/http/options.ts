/**
 * How requests are limited.
 *
 * @module
 */
import type * as Duration from "effect/Duration";
import type { Incoming, Key } from "./incoming.ts";

/** How requests are limited. */
export interface Options {
  /** Whose request it is; `byAddress` if omitted. A key of more than 128 characters is shortened to its beginning and a hash. */
  readonly key?: Key | undefined;
  /** What a request takes; 1 if omitted. */
  readonly cost?: number | ((request: Incoming) => number) | undefined;
  /** How long a request waits for its turn rather than be refused. Not at all if omitted. */
  readonly maxWait?: Duration.Input | undefined;
  /**
   * Sends `X-RateLimit-Limit`, `-Remaining` and `-Reset` too, of the limit that leaves least. `-Reset` is a time: seconds since
   * 1970, as GitHub and most others send it. Off if omitted.
   */
  readonly legacyHeaders?: boolean | undefined;
}
