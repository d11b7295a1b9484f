/**
 * What the server tells.
 *
 * @module
 */

/** @typedef {"scheduled" | "pending" | "running" | "completed" | "failed" | "cancelled"} Status */
/** @typedef {{ done: number, total?: number, message?: string }} Progress */
/**
 * @typedef {{
 *   id: string, name: string, status: Status, priority: number, attempts: number,
 *   createdAt: string, runAt?: string, startedAt?: string, finishedAt?: string,
 *   lane?: string, progress?: Progress, error?: string,
 * }} Task
 */
/** @typedef {{ at: string, id: string, status: Status, progress?: Progress }} TaskEvent */
/** @typedef {{ at: string, waiting: number, running: number, completed: number, failed: number }} Sample */

/** @type {readonly Status[]} */
export const statuses = [
  "scheduled",
  "pending",
  "running",
  "completed",
  "failed",
  "cancelled",
];

/** @param {Status} status */
export function isFinal(status) {
  return ["completed", "failed", "cancelled"].includes(status);
}

/** @param {Status} status */
export function canBeRetried(status) {
  return status === "failed" || status === "cancelled";
}
