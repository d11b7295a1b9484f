/**
 * Where each operation takes a task, from where: one table for all stores.
 *
 * @module
 */
import type { Outcome } from "./model.ts";
import type { Status } from "./status.ts";

/** What moves a task: an operation of the store, or how its attempt ended. */
export type Operation =
  | "promote"
  | "claim"
  | "cancel"
  | "retry"
  | "reap"
  | Outcome["_tag"];

/** Where to, as plain data. Of several conditions that are true the first counts, in the order in which they stand here. */
export interface Rule {
  /** If it was to be cancelled while it ran. */
  readonly asked?: Status;
  /** If no attempt is left. */
  readonly spent?: Status;
  /** If it may not begin at once. */
  readonly delayed?: Status;
  /** Else. */
  readonly to: Status;
}

/** What the conditions of a rule speak of. */
export interface Circumstances {
  /** Whether it was to be cancelled while it ran. */
  readonly asked?: boolean;
  /** Whether no attempt is left. */
  readonly spent?: boolean;
  /** Whether it may not begin at once. */
  readonly delayed?: boolean;
}

/**
 * All that can happen to a task. What is not here is refused: so the first final state stays, unless someone retries, and a
 * task that was to be cancelled ends, whatever becomes of its attempt.
 */
export const transitions: Readonly<
  Record<Status, Readonly<Partial<Record<Operation, Rule>>>>
> = {
  scheduled: {
    promote: { to: "pending" },
    cancel: { to: "cancelled" },
  },
  pending: {
    claim: { to: "running" },
    cancel: { to: "cancelled" },
  },
  running: {
    // Its holder is asked.
    cancel: { to: "running" },
    Completed: { to: "completed" },
    Failed: { to: "failed" },
    Cancelled: { to: "cancelled" },
    Retry: {
      asked: "cancelled",
      spent: "failed",
      delayed: "scheduled",
      to: "pending",
    },
    Released: { asked: "cancelled", to: "pending" },
    reap: { asked: "cancelled", spent: "failed", to: "pending" },
  },
  completed: {},
  failed: { retry: { to: "pending" } },
  cancelled: { retry: { to: "pending" } },
};

/** Where an operation takes a task; nowhere if it cannot happen to one that stands there. */
export function transition(
  from: Status,
  operation: Operation,
  { asked = false, delayed = false, spent = false }: Circumstances = {},
): Status | undefined {
  const rule = transitions[from][operation];
  if (rule === undefined) return undefined;
  return (asked ? rule.asked : undefined) ??
    (spent ? rule.spent : undefined) ??
    (delayed ? rule.delayed : undefined) ?? rule.to;
}

/** Whether a task that stands there has ended. */
export function isFinal(status: Status): boolean {
  return status === "completed" || status === "failed" ||
    status === "cancelled";
}

/** Why a task failed that nobody ended: its lease passed, and no attempt was left. */
export function outOfAttempts(attempts: number): {
  readonly _tag: "Attempts";
  readonly detail: string;
} {
  return {
    _tag: "Attempts",
    detail: `nobody ended the last of its ${attempts} attempts`,
  };
}
