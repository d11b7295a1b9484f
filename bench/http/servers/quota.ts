/**
 * A limit that nobody reaches: what is measured is the way to it.
 *
 * @module
 */
import { Quota } from "@weir/weir";

/** A thousand million a minute. */
export const perMinute = 1e9;

/** The same as a quota. */
export const quota: Quota.Quota = Quota.fixedWindow({
  limit: perMinute,
  window: "1 minute",
});
