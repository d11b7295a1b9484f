/**
 * How attempts are held and end, and how tasks are cancelled and begin anew.
 *
 * @module
 */
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type { SqlError } from "effect/sql/SqlError";
import type { Lease, Outcome } from "./model.ts";
import type { Progress } from "./status.ts";
import { expiry } from "./sql_claim.ts";
import { full, waiting } from "./sql_insert.ts";
import { type Core, coreColumns, toText } from "./sql_row.ts";
import type { Step } from "./sql_step.ts";
import type { TaskStoreError } from "./store_service.ts";
import {
  type Circumstances,
  outOfAttempts,
  transition,
} from "./transitions.ts";

const sql = {
  hold: `UPDATE weir_tasks SET expires = ?
    WHERE id = ? AND lease = ? RETURNING asked`,
  progress: "UPDATE weir_tasks SET progress = ?, event = ? WHERE seq = ?",
  ask: "UPDATE weir_tasks SET asked = 1 WHERE seq = ?",
  passed: `SELECT ${coreColumns} FROM weir_tasks
    WHERE stage = 0 AND expires <= ? ORDER BY expires, seq LIMIT ? + 0`,
};

/** Holds leases for longer. */
export function heartbeat(
  step: Step,
  leases: ReadonlyArray<Lease>,
  lease: Duration.Duration,
): Effect.Effect<{
  readonly lost: ReadonlyArray<Lease>;
  readonly cancelled: ReadonlyArray<Lease>;
}, SqlError> {
  return Effect.gen(function* () {
    const lost: Array<Lease> = [];
    const cancelled: Array<Lease> = [];
    const expires = expiry(step.now, lease);
    for (const held of leases) {
      const [found] = yield* step.execute<Pick<Core, "asked">>(sql.hold, [
        ...[expires, held.id, tokenOf(held)],
      ]);
      if (found === undefined) lost.push(held);
      else if (found.asked === 1) cancelled.push(held);
    }
    return { lost, cancelled };
  });
}

/** Keeps how far a task is. */
export function progress(
  step: Step,
  lease: Lease,
  progress: Progress,
): Effect.Effect<boolean, SqlError> {
  return Effect.gen(function* () {
    const task = yield* find(step, lease);
    if (task === undefined) return false;
    task.progress = JSON.stringify(progress);
    step.tell(task);
    step.write(sql.progress, [task.progress, task.event, task.seq]);
    return true;
  });
}

/** Ends attempts. */
export function settle(
  step: Step,
  outcomes: ReadonlyArray<
    { readonly lease: Lease; readonly outcome: Outcome }
  >,
): Effect.Effect<ReadonlyArray<Lease>, SqlError> {
  return Effect.gen(function* () {
    const lost: Array<Lease> = [];
    const settled = new Set<string>();
    for (const { lease, outcome } of outcomes) {
      // What was settled in this step is not written yet.
      const task = settled.has(lease.id) ? undefined : yield* find(step, lease);
      if (task === undefined) {
        lost.push(lease);
        continue;
      }
      settled.add(lease.id);
      yield* step.lanes.loadOf(task.lane);
      end(step, task, outcome);
    }
    return lost;
  });
}

/** Ends a task that waits; asks the holder of one that runs. */
export function cancel(
  step: Step,
  id: string,
): Effect.Effect<"cancelled" | "asked" | "ended" | "missing", SqlError> {
  return Effect.gen(function* () {
    const task = yield* step.find(id);
    if (task === undefined) return "missing";
    const to = transition(task.status, "cancel");
    if (to === undefined) return "ended";
    if (to === "running") {
      step.write(sql.ask, [task.seq]);
      step.change();
      return "asked";
    }
    yield* step.lanes.loadOf(task.lane);
    step.move(task, to);
    return "cancelled";
  });
}

/** Puts a failed or cancelled task back in the queue with no attempts. */
export function retry(
  step: Step,
  id: string,
  capacity: number,
): Effect.Effect<boolean, SqlError | TaskStoreError> {
  return Effect.gen(function* () {
    const task = yield* step.find(id);
    const to = task && transition(task.status, "retry");
    if (task === undefined || to === undefined) return false;
    const before = yield* waiting(step);
    if (before >= capacity) return yield* full(1, before, capacity);
    yield* step.lanes.loadOf(task.lane);
    task.attempts = 0;
    task.started = null;
    task.progress = null;
    task.error = null;
    task.due = step.now;
    step.move(task, to);
    return true;
  });
}

/** Takes leases that have passed. */
export function reap(
  step: Step,
  limit: number,
): Effect.Effect<number, SqlError> {
  return Effect.gen(function* () {
    const passed = yield* step.execute<Core>(sql.passed, [step.now, limit]);
    for (const task of passed) {
      yield* step.lanes.loadOf(task.lane);
      const to = transition("running", "reap", circumstances(task))!;
      if (to === "failed") task.error = toText(outOfAttempts(task.attempts));
      else if (to === "pending") task.due = step.now;
      step.move(task, to);
    }
    return passed.length;
  });
}

/** The task of a lease that is still good. */
function find(
  step: Step,
  lease: Lease,
): Effect.Effect<Core | undefined, SqlError> {
  return Effect.map(
    step.find(lease.id),
    (task) => task?.lease === tokenOf(lease) ? task : undefined,
  );
}

/** The number of a token; one that was never given for what is no token. */
function tokenOf({ token }: Lease): number {
  return /^[1-9]\d{0,15}$/.test(token) ? Number(token) : -1;
}

function end(step: Step, task: Core, outcome: Outcome): void {
  const delay = outcome._tag === "Retry" ? outcome.delay : 0;
  const to = transition("running", outcome._tag, {
    ...circumstances(task),
    delayed: delay > 0,
  })!;
  if (outcome._tag === "Completed") {
    task.result = toText(outcome.result);
    task.error = null;
  } else if (outcome._tag === "Released") task.attempts--;
  else if (outcome._tag !== "Cancelled") task.error = toText(outcome.error);
  if (outcome._tag === "Retry" && (to === "scheduled" || to === "pending")) {
    task.due = Math.ceil(step.now + delay);
  }
  step.move(task, to);
}

function circumstances({ asked, attempts, most }: Core): Circumstances {
  return { asked: asked === 1, spent: attempts >= most };
}
