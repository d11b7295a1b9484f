/**
 * One transaction of a frontier in a database.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type { Connection } from "effect/sql/SqlConnection";
import type { SqlError } from "effect/sql/SqlError";
import { check, entryOf, type Place, rankOf } from "./frontier_entry.ts";
import { type Entry, FrontierError } from "./frontier_service.ts";

const sql = {
  state: "SELECT seen, pending, turn FROM weir_frontier_crawls WHERE id = ?",
  save: `UPDATE weir_frontier_crawls SET seen = ?, pending = ?, turn = ?
    WHERE id = ?`,
  unseen: `SELECT each.key FROM json_each(?) AS each
    WHERE NOT EXISTS (
      SELECT 1 FROM weir_frontier_seen WHERE crawl = ? AND url = each.value)
    ORDER BY each.key`,
  see: `INSERT INTO weir_frontier_seen (crawl, url)
    SELECT ?, value FROM json_each(?)`,
  stand: `INSERT INTO weir_frontier_hosts (crawl, name, turn)
    SELECT ?, value, ? + key FROM json_each(?) WHERE true
    ON CONFLICT (crawl, name)
    DO UPDATE SET turn = coalesce(turn, excluded.turn) RETURNING id, name`,
  join: `UPDATE weir_frontier_hosts SET turn = coalesce(turn, ?)
    WHERE id = ?`,
  turn: "UPDATE weir_frontier_hosts SET turn = ? WHERE id = ?",
  hosts: `SELECT id, name, turn FROM weir_frontier_hosts
    WHERE crawl = ? AND turn > ? ORDER BY turn LIMIT ? + 0`,
  wait: `INSERT INTO weir_frontier_waiting
    (host, rank, depth, seq, url, redirects, referrer)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4,
      value ->> 5, value ->> 6 FROM json_each(?)`,
  first: `SELECT rank, depth, seq, url, redirects, referrer
    FROM weir_frontier_waiting
    WHERE host = ? ORDER BY rank, depth, seq LIMIT 2`,
  take: `DELETE FROM weir_frontier_waiting
    WHERE host = ? AND rank = ? AND depth = ? AND seq = ?`,
  visit: `INSERT INTO weir_frontier_visits
    (crawl, url, host, rank, depth, seq, redirects, referrer)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  visits: `SELECT url, host, rank, depth, seq, redirects, referrer
    FROM weir_frontier_visits WHERE crawl = ? ORDER BY seq`,
  forget: "DELETE FROM weir_frontier_visits WHERE crawl = ?",
};

/** How many hosts are looked at first; four times as many the next time. */
const fewHosts = 4;

/** What a crawl counts. */
interface State {
  seen: number;
  pending: number;
  turn: number;
}

/** A URL as its columns. */
interface Waiting extends Place {
  readonly url: string;
  readonly redirects: number;
  readonly referrer: string | null;
}

interface Visit extends Waiting {
  readonly host: number;
}

interface Host {
  readonly id: number;
  readonly name: string;
  readonly turn: number;
}

/** Reads and writes one crawl, whose counts are written by `finish`. */
export class Step {
  private isChanged = false;

  private constructor(
    private readonly connection: Connection,
    private readonly crawl: number,
    private readonly state: State,
  ) {}

  static begin(
    connection: Connection,
    crawl: number,
  ): Effect.Effect<Step, SqlError | FrontierError> {
    return Effect.flatMap(
      connection.execute(sql.state, [crawl], undefined),
      ([state]) =>
        state === undefined
          ? gone()
          : Effect.succeed(new Step(connection, crawl, state)),
    );
  }

  /** Adds those not seen, while there is room for them. */
  add(
    entries: ReadonlyArray<Entry>,
    capacity: number,
  ): Effect.Effect<number, SqlError> {
    return Effect.gen({ self: this }, function* () {
      const { crawl, state } = this;
      for (const entry of entries) check(entry);
      const room = Math.max(0, capacity - state.seen);
      const news = room === 0
        ? []
        : (yield* this.unseen(entries)).slice(0, room);
      if (news.length === 0) return 0;
      const hosts = yield* this.stand(news);
      const urls = news.map(({ url }) => url);
      yield* this.execute(sql.see, [crawl, JSON.stringify(urls)]);
      yield* this.wait(
        news.map((entry) => ({
          url: entry.url,
          // It was asked for.
          host: hosts.get(entry.host)!,
          rank: rankOf(entry),
          depth: entry.depth,
          seq: ++state.seen,
          redirects: entry.redirects ?? 0,
          referrer: entry.referrer ?? null,
        })),
      );
      return news.length;
    });
  }

  /** Takes the first URL of the first host that is not busy. */
  next(
    busy: ReadonlySet<string>,
  ): Effect.Effect<Entry | undefined, SqlError> {
    return Effect.gen({ self: this }, function* () {
      const host = yield* this.free(busy);
      if (host === undefined) return undefined;
      const { id, name } = host;
      const [first, second] = yield* this.execute<Waiting>(sql.first, [id]);
      // A host without a URL that waits has no turn.
      const { depth, rank, redirects, referrer, seq, url } = first!;
      const turn = second === undefined ? null : ++this.state.turn;
      yield* this.execute(sql.turn, [turn, id]);
      yield* this.execute(sql.take, [id, rank, depth, seq]);
      yield* this.execute(sql.visit, [
        ...[this.crawl, url, id, rank, depth, seq, redirects, referrer],
      ]);
      this.count(-1);
      return entryOf(name, first!);
    });
  }

  /** Has what was on its way wait again. */
  readonly recover: Effect.Effect<void, SqlError> = Effect.gen(
    { self: this },
    function* () {
      const visits = yield* this.execute<Visit>(sql.visits, [this.crawl]);
      for (const { host } of visits) {
        yield* this.execute(sql.join, [++this.state.turn, host]);
      }
      yield* this.wait(visits);
      yield* this.execute(sql.forget, [this.crawl]);
    },
  );

  /** Writes the counts. */
  readonly finish: Effect.Effect<void, SqlError> = Effect.suspend(() => {
    const { pending, seen, turn } = this.state;
    return this.isChanged
      ? Effect.asVoid(
        this.execute(sql.save, [seen, pending, turn, this.crawl]),
      )
      : Effect.void;
  });

  /** Runs a statement. Its rows are taken to be of the type that is expected of them. */
  private execute<A = unknown>(
    text: string,
    params: ReadonlyArray<unknown>,
  ): Effect.Effect<ReadonlyArray<A>, SqlError> {
    return this.connection.execute(text, params, undefined);
  }

  /** Those that were never added, each once. */
  private unseen(
    entries: ReadonlyArray<Entry>,
  ): Effect.Effect<ReadonlyArray<Entry>, SqlError> {
    const byUrl = new Map<string, Entry>();
    for (const entry of entries) {
      if (!byUrl.has(entry.url)) byUrl.set(entry.url, entry);
    }
    const each = [...byUrl.values()];
    return Effect.map(
      this.execute<{ readonly key: number }>(sql.unseen, [
        ...[JSON.stringify([...byUrl.keys()]), this.crawl],
      ]),
      (unseen) => unseen.map(({ key }) => each[key]!),
    );
  }

  /** The numbers of their hosts, which come to stand behind all others if nothing of them waited. */
  private stand(
    entries: ReadonlyArray<Entry>,
  ): Effect.Effect<ReadonlyMap<string, number>, SqlError> {
    const { crawl, state } = this;
    const names = [...new Set(entries.map(({ host }) => host))];
    const first = state.turn + 1;
    state.turn += names.length;
    return Effect.map(
      this.execute<Host>(sql.stand, [crawl, first, JSON.stringify(names)]),
      (hosts) => new Map(hosts.map(({ id, name }) => [name, id])),
    );
  }

  private wait(visits: ReadonlyArray<Visit>): Effect.Effect<void, SqlError> {
    this.count(visits.length);
    const rows = visits.map((
      { depth, host, rank, redirects, referrer, seq, url },
    ) => [host, rank, depth, seq, url, redirects, referrer]);
    return Effect.asVoid(this.execute(sql.wait, [JSON.stringify(rows)]));
  }

  /** The first host in turn that is not busy. Looks at few that are not in `busy`, however many wait. */
  private free(
    busy: ReadonlySet<string>,
  ): Effect.Effect<Host | undefined, SqlError> {
    const from = (
      turn: number,
      limit: number,
    ): Effect.Effect<Host | undefined, SqlError> =>
      Effect.flatMap(
        this.execute<Host>(sql.hosts, [this.crawl, turn, limit]),
        (hosts) => {
          const free = hosts.find(({ name }) => !busy.has(name));
          return free !== undefined || hosts.length < limit
            ? Effect.succeed(free)
            : from(hosts[limit - 1]!.turn, 4 * limit);
        },
      );
    return from(0, fewHosts);
  }

  private count(more: number): void {
    this.state.pending += more;
    if (more !== 0) this.isChanged = true;
  }
}

/** Fails because somebody took the crawl out of the database. */
export function gone(): Effect.Effect<never, FrontierError> {
  const cause = new Error("the row of the crawl is gone");
  return Effect.fail(new FrontierError({ cause }));
}
