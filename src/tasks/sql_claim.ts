/**
 * Who begins next, and the attempts that begin.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type { SqlError } from "effect/sql/SqlError";
import type { Claimed } from "./model.ts";
import { type Full, fullColumns, rowOf } from "./sql_row.ts";
import type { Step } from "./sql_step.ts";
import type { Service } from "./store_service.ts";

/** How many kinds one statement looks at. */
const kindsAtOnce = 100;

const order = "ORDER BY rank, due, seq LIMIT ? + 0";

const oneKind = `SELECT ${fullColumns} FROM weir_tasks
  WHERE stage = 1 AND name = ? ${order}`;

const anyKind = (count: number) => {
  const each = `SELECT * FROM (SELECT seq, rank, due FROM weir_tasks
    WHERE stage = 1 AND name = ? ${order})`;
  return `SELECT ${fullColumns} FROM weir_tasks WHERE seq IN (
    SELECT seq FROM (${Array(count).fill(each).join(" UNION ALL ")}) ${order}
  ) ORDER BY rank, due, seq`;
};

const nextOfLane = `SELECT ${fullColumns} FROM weir_tasks
  WHERE status = 'pending' AND lane = ? AND name = ?
    AND (rank, due, seq) > (?, ?, ?) ${order}`;

/** Takes the first pending tasks of these kinds whose lanes have room. */
export function claim(
  step: Step,
  { lease, limit, names }: Parameters<Service["claim"]>[0],
): Effect.Effect<Array<Claimed>, SqlError> {
  return Effect.gen(function* () {
    yield* step.lanes.step;
    const kinds = step.state.halted === 1 ? [] : claimable(step, names);
    const expires = expiry(step.now, lease);
    const claimed: Array<Claimed> = [];
    let hasMore = kinds.length > 0;
    while (hasMore && claimed.length < limit) {
      const wanted = limit - claimed.length;
      const found = yield* first(step, kinds, wanted);
      hasMore = found.length === wanted;
      const round = new Round(step, found, hasMore);
      for (;;) {
        const task = round.next();
        if (task === undefined) break;
        if (task.lane !== null) {
          const lane = yield* step.lanes.load(task.lane);
          if (!lane.charge(step.now)) continue;
        }
        task.attempts++;
        task.started = step.now;
        task.progress = null;
        task.expires = expires;
        step.move(task, "running");
        const lease = { id: task.id, token: String(task.lease) };
        claimed.push({ ...rowOf(task), lease });
        if (claimed.length === limit) break;
        if (task.lane !== null) yield* round.follow(task, task.lane, wanted);
      }
      if (hasMore && claimed.length < limit) yield* step.flush;
    }
    return claimed;
  });
}

/** When a lease passes that begins now. */
export function expiry(now: number, lease: Duration.Duration): number {
  return Math.min(
    Math.ceil(now + Duration.toMillis(lease)),
    Number.MAX_SAFE_INTEGER,
  );
}

function claimable(
  { state: { paused } }: Step,
  names: ReadonlyArray<string>,
): ReadonlyArray<string> {
  if (paused === "[]" && names.length === 1) return names;
  const kinds = new Set(names);
  for (const name of pausedOf(paused)) kinds.delete(name);
  return [...kinds];
}

/** The kinds that are paused. */
export function pausedOf(paused: string): ReadonlyArray<string> {
  // What `pause` wrote.
  return JSON.parse(paused) as ReadonlyArray<string>;
}

/** The first tasks that stand in the way of claims: of a lane, the first of each kind. */
function first(
  step: Step,
  kinds: ReadonlyArray<string>,
  limit: number,
): Effect.Effect<ReadonlyArray<Full>, SqlError> {
  const [kind] = kinds;
  if (kinds.length === 1) return step.execute(oneKind, [kind, limit]);
  const parts = Array.from(
    { length: Math.ceil(kinds.length / kindsAtOnce) },
    (_, n) => kinds.slice(n * kindsAtOnce, (n + 1) * kindsAtOnce),
  );
  return Effect.map(
    Effect.forEach(parts, (names) =>
      step.execute<Full>(anyKind(names.length), [
        ...names.flatMap((name) => [name, limit]),
        limit,
      ])),
    (found) =>
      found.length === 1
        ? found[0]!
        : found.flat().sort(compare).slice(0, limit),
  );
}

/** Candidates in order, with those that their lanes let follow. */
class Round {
  private readonly candidates: Array<Full>;
  private at = 0;
  /** What comes after it is not known yet. */
  private readonly last: Full | undefined;

  constructor(
    private readonly step: Step,
    found: ReadonlyArray<Full>,
    hasMore: boolean,
  ) {
    this.candidates = [...found];
    this.last = hasMore ? found.at(-1) : undefined;
  }

  next(): Full | undefined {
    const task = this.candidates[this.at];
    if (
      task === undefined ||
      this.last !== undefined && compare(task, this.last) > 0
    ) return undefined;
    this.at++;
    return task;
  }

  /** Adds those behind a task of a lane, unless some of the same kind are there still. */
  follow(
    task: Full,
    lane: string,
    limit: number,
  ): Effect.Effect<void, SqlError> {
    const { at, candidates, step } = this;
    const isSame = (other: Full) =>
      other.lane === lane && other.name === task.name;
    if (step.lanes.get(lane)?.hasRoom !== true) return Effect.void;
    if (candidates.slice(at).some(isSame)) return Effect.void;
    const { due, name, rank, seq } = task;
    return Effect.map(
      step.execute<Full>(nextOfLane, [lane, name, rank, due, seq, limit]),
      (found) => {
        candidates.splice(
          0,
          candidates.length,
          ...[...candidates.slice(at), ...found].sort(compare),
        );
        this.at = 0;
      },
    );
  }
}

function compare(a: Full, b: Full): number {
  return a.rank - b.rank || a.due - b.due || a.seq - b.seq;
}
