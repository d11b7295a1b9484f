/**
 * What a meter answers, as a decision.
 *
 * @module
 */
import { duration } from "../internal/time.ts";
import type { Allowed, Denied } from "./decision.ts";
import type { Meter } from "./meter.ts";

/** What a meter answers after a charge, or for a peek. */
export function allowed(meter: Meter, now: number): Allowed {
  const remaining = Math.max(0, meter.left(now));
  const { resetAt, tier } = meter;
  return {
    _tag: "Allowed",
    tier,
    remaining,
    resetAfter: duration(Math.max(0, resetAt - now)),
  };
}

/** A refusal by `tier`, for `wait` milliseconds. */
export function denied(tier: string, wait: number): Denied {
  return { _tag: "Denied", tier, retryAfter: duration(wait) };
}
