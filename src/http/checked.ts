/**
 * Options as they were given, checked.
 *
 * @module
 */
import type * as Duration from "effect/Duration";
import { millis, positive } from "../internal/check.ts";
import { byAddress } from "./by_address.ts";
import type { Incoming, Key } from "./incoming.ts";
import type { Options } from "./options.ts";

/** How requests are limited, checked. */
export interface Checked {
  readonly key: Key;
  readonly costOf: (request: Incoming) => number;
  readonly maxWait: number | undefined;
  readonly legacyHeaders: boolean;
}

/** Refuses bad options with a `RangeError`. */
export function checked(options: Options = {}): Checked {
  const { cost = 1, key = byAddress(), legacyHeaders = false } = options;
  return {
    key,
    costOf: typeof cost === "function" ? cost : always(positive("cost", cost)),
    maxWait: maxWaitOf(options.maxWait),
    legacyHeaders,
  };
}

/** Refuses a `maxWait` that is none. */
export function maxWaitOf(
  maxWait: Duration.Input | undefined,
): number | undefined {
  return maxWait === undefined ? undefined : millis("maxWait", maxWait);
}

function always(cost: number): () => number {
  return () => cost;
}
