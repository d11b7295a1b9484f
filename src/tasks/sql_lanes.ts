/**
 * Lanes in a transaction: how many of each wait and run, what its quota remembers, and which of its tasks are in the way of
 * claims.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Result from "effect/Result";
import * as Schema from "effect/Schema";
import type { SqlError } from "effect/sql/SqlError";
import { Quota } from "../limiter/mod.ts";
import type { NewRow } from "./model.ts";
import type { Status } from "./status.ts";
import { corrupt, fromText, toText } from "./sql_row.ts";

/** A lane as its columns. */
interface Columns {
  readonly key: string;
  readonly concurrency: number | null;
  readonly quota: string | null;
  readonly pace: string | null;
  readonly free: number | null;
  readonly open: number;
  readonly pending: number;
  readonly running: number;
  readonly tasks: number;
  readonly idle: number;
}

const columns = [
  ...["key", "concurrency", "quota", "pace", "free", "open"] as const,
  ...["pending", "running", "tasks", "idle"] as const,
];

/** The first task of each kind in a lane, by looking up one kind after the other. */
const firstTasks = `WITH RECURSIVE kinds (name) AS (
    SELECT (SELECT name FROM weir_tasks
      WHERE lane = ?1 AND status = 'pending' ORDER BY name LIMIT 1)
    UNION ALL
    SELECT (SELECT name FROM weir_tasks
      WHERE lane = ?1 AND status = 'pending' AND name > kinds.name
      ORDER BY name LIMIT 1)
    FROM kinds WHERE kinds.name IS NOT NULL
  )
  SELECT (SELECT seq FROM weir_tasks AS task
    WHERE task.lane = ?1 AND task.name = kinds.name AND status = 'pending'
    ORDER BY rank, due, seq LIMIT 1) AS seq
  FROM kinds WHERE kinds.name IS NOT NULL`;

const sql = {
  find: `SELECT ${columns.join(", ")} FROM weir_task_lanes WHERE key = ?`,
  save: `INSERT INTO weir_task_lanes (${columns.join(", ")})
    VALUES (${columns.map(() => "?").join(", ")})
    ON CONFLICT (key) DO UPDATE SET ${
    columns.slice(1).map((name) => `${name} = excluded.${name}`).join(", ")
  }`,
  freed: `SELECT key FROM weir_task_lanes
    WHERE free IS NOT NULL AND pending > 0 AND free <= ?
    ORDER BY free LIMIT ${/* as many as one step lets go on */ 256}`,
  nextFree: `SELECT min(free) AS free FROM weir_task_lanes
    WHERE free IS NOT NULL AND pending > 0`,
  idle: `SELECT key FROM weir_task_lanes
    WHERE tasks = 0 AND idle <= ? ORDER BY idle LIMIT ? + 0`,
  forget: "DELETE FROM weir_task_lanes WHERE key = ?",
  ready: `SELECT seq FROM weir_tasks
    WHERE stage = 1 AND lane IS NOT NULL AND lane = ?`,
  setReady: "UPDATE weir_tasks SET stage = ? WHERE seq = ?",
  firstTasks,
};

/** How long a lane without tasks is left alone whose quota remembers some still. */
const minute = 60_000;

const decodeQuota = Schema.decodeUnknownResult(Quota.Quota);

/** A lane in a transaction. */
export class SqlLane {
  concurrency: number | null;
  quota: string | null;
  pace: string | null;
  /** When its quota allows the next, if it denied one. */
  free: number | null;
  /** Whether its first tasks stand in the way of claims. */
  open: number;
  pending: number;
  running: number;
  tasks: number;
  idle: number;
  isChanged = false;

  constructor(readonly key: string, columns: Columns | undefined) {
    this.concurrency = columns?.concurrency ?? null;
    this.quota = columns?.quota ?? null;
    this.pace = columns?.pace ?? null;
    this.free = columns?.free ?? null;
    this.open = columns?.open ?? 0;
    this.pending = columns?.pending ?? 0;
    this.running = columns?.running ?? 0;
    this.tasks = columns?.tasks ?? 0;
    this.idle = columns?.idle ?? 0;
  }

  /** Whether its tasks may begin. */
  get hasRoom(): boolean {
    return this.free === null &&
      (this.concurrency === null || this.running < this.concurrency);
  }

  /** Has these limits from now on. */
  limit({ concurrency, quota }: NonNullable<NewRow["lane"]>): void {
    this.isChanged = true;
    this.concurrency = concurrency ?? null;
    const text = toText(quota);
    if (text === this.quota) return;
    this.quota = text;
    this.free = null;
  }

  /** One of its tasks moves. */
  move(from: Status | undefined, to: Status): void {
    this.isChanged = true;
    if (from === "pending") this.pending--;
    else if (from === "running") this.running--;
    if (to === "pending") this.pending++;
    else if (to === "running") this.running++;
    if (this.pending === 0) this.free = null;
  }

  /** One of its tasks, which had ended, is forgotten. */
  forget(now: number): void {
    this.isChanged = true;
    if (--this.tasks === 0) this.idle = now;
  }

  /** Takes one from the quota; false if that allows none now. */
  charge(now: number): boolean {
    if (!this.hasRoom) return false;
    const quota = this.quotaOf();
    if (quota === undefined) return true;
    this.isChanged = true;
    const [decision, state] = Quota.decide(quota, this.paceOf(), now);
    if (decision._tag === "Denied") {
      this.free = Math.ceil(now + Duration.toMillis(decision.retryAfter));
      return false;
    }
    this.pace = JSON.stringify(state);
    return true;
  }

  /** Whether its quota remembers nothing. */
  isIdle(now: number): boolean {
    const quota = this.quotaOf();
    const pace = this.paceOf();
    return quota === undefined || pace === undefined ||
      Quota.isIdle(quota, pace, now);
  }

  private quotaOf(): Quota.Quota | undefined {
    const { quota } = this;
    if (quota === null) return undefined;
    const known = quotas.get(quota);
    if (known !== undefined) return known;
    const whose = `The quota of lane "${this.key}"`;
    const decoded = decodeQuota(fromText(quota, whose));
    if (Result.isFailure(decoded)) return corrupt(`${whose} is none`);
    if (quotas.size === keptQuotas) quotas.clear();
    quotas.set(quota, decoded.success);
    return decoded.success;
  }

  private paceOf(): Quota.State | undefined {
    // What `charge` wrote; numbers that are none would be found by the quota itself.
    return fromText(this.pace, `The pace of lane "${this.key}"`) as
      | Quota.State
      | undefined;
  }
}

/** Quotas that were read, by their text. */
const quotas = new Map<string, Quota.Quota>();
const keptQuotas = 256;

/** Runs a statement. */
type Execute = <A>(
  text: string,
  params: ReadonlyArray<unknown>,
) => Effect.Effect<ReadonlyArray<A>, SqlError>;

/** The lanes that a transaction has to do with. */
export class SqlLanes {
  private readonly lanes = new Map<string, SqlLane>();

  constructor(
    private readonly execute: Execute,
    private readonly now: number,
    /** When the next may go on by its quota. */
    private readonly free: number | null,
  ) {}

  /** Reads a lane. One that is not known is new. */
  load(key: string): Effect.Effect<SqlLane, SqlError> {
    const known = this.lanes.get(key);
    if (known !== undefined) return Effect.succeed(known);
    return Effect.map(this.execute<Columns>(sql.find, [key]), ([columns]) => {
      const lane = new SqlLane(key, columns);
      this.lanes.set(key, lane);
      return lane;
    });
  }

  /** Reads the lane of a task, if it has one. */
  loadOf(lane: string | null): Effect.Effect<SqlLane | undefined, SqlError> {
    return lane === null ? Effect.undefined : this.load(lane);
  }

  /** A lane that was loaded. */
  get(key: string): SqlLane | undefined {
    return this.lanes.get(key);
  }

  /** Lets lanes go on whose quota allows it. */
  readonly step: Effect.Effect<void, SqlError> = Effect.suspend(() =>
    this.free === null || this.free > this.now ? Effect.void : Effect.flatMap(
      this.execute<{ readonly key: string }>(sql.freed, [this.now]),
      (freed) =>
        Effect.andThen(
          Effect.forEach(freed, ({ key }) =>
            Effect.map(this.load(key), (lane) => {
              lane.free = null;
              lane.isChanged = true;
            }), { discard: true }),
          this.save,
        ),
    )
  );

  /** When the next lane may go on by its quota. */
  readonly nextFree: Effect.Effect<number, SqlError> = Effect.suspend(() =>
    Effect.map(
      this.execute<{ readonly free: number | null }>(sql.nextFree, []),
      ([row]) => row?.free ?? Infinity,
    )
  );

  /** Forgets lanes that have no tasks and whose quotas remember nothing; looks at up to so many. */
  forget(limit: number): Effect.Effect<void, SqlError> {
    return Effect.flatMap(
      this.execute<{ readonly key: string }>(sql.idle, [this.now, limit]),
      (found) =>
        Effect.forEach(
          found,
          ({ key }) =>
            Effect.flatMap(this.load(key), (lane) => {
              if (lane.isIdle(this.now)) {
                this.lanes.delete(key);
                return Effect.asVoid(this.execute(sql.forget, [key]));
              }
              lane.idle = this.now + minute;
              lane.isChanged = true;
              return Effect.void;
            }),
          { discard: true },
        ),
    );
  }

  /** Writes what has changed, the tasks that are in the way of claims among it. */
  readonly save: Effect.Effect<void, SqlError> = Effect.suspend(() => {
    if (this.lanes.size === 0) return Effect.void;
    const changed = [...this.lanes.values()].filter((lane) => lane.isChanged);
    return Effect.forEach(changed, (lane) => {
      const show = lane.hasRoom && lane.pending > 0;
      const hide = lane.open === 1;
      lane.open = show ? 1 : 0;
      lane.isChanged = false;
      const saved = this.execute(sql.save, columns.map((name) => lane[name]));
      return show || hide
        ? Effect.andThen(saved, this.expose(lane.key, show))
        : saved;
    }, { discard: true });
  });

  /** Puts the first tasks of a lane in the way of claims, and takes all others out. */
  private expose(key: string, show: boolean): Effect.Effect<void, SqlError> {
    interface Seq {
      readonly seq: number;
    }
    return Effect.flatMap(
      this.execute<Seq>(sql.ready, [key]),
      (ready) =>
        Effect.flatMap(
          show ? this.execute<Seq>(sql.firstTasks, [key]) : Effect.succeed([]),
          (first) => {
            const before = new Set(ready.map(({ seq }) => seq));
            const after = new Set(first.map(({ seq }) => seq));
            return Effect.forEach(
              before.symmetricDifference(after),
              (seq) =>
                this.execute(sql.setReady, [after.has(seq) ? 1 : null, seq]),
              { discard: true },
            );
          },
        ),
    );
  }
}
