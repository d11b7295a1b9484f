/**
 * A frontier in a database.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Option from "effect/Option";
import type { SqlClient } from "effect/sql/SqlClient";
import type { SqlError } from "effect/sql/SqlError";
import { named, whole } from "../internal/check.ts";
import { openTables, patiently, transaction } from "../internal/sql.ts";
import {
  type Entry,
  Frontier,
  FrontierError,
  type Options,
  type Service,
  type Size,
} from "./frontier_service.ts";
import { gone, Step } from "./frontier_step.ts";
import { frontierTables } from "./frontier_tables.ts";

/** How much a frontier in a database holds, and whose it is. */
export interface SqlOptions extends Options {
  /** Tells crawls in one database apart; `"default"` if omitted. Not empty. */
  readonly crawl?: string | undefined;
}

const sql = {
  find: "SELECT id FROM weir_frontier_crawls WHERE name = ?",
  create: `INSERT INTO weir_frontier_crawls (name, seen, pending, turn)
    VALUES (?, 0, 0, 0) ON CONFLICT (name) DO NOTHING`,
  done: "DELETE FROM weir_frontier_visits WHERE crawl = ? AND url = ?",
  size: "SELECT seen, pending FROM weir_frontier_crawls WHERE id = ?",
};

/**
 * Keeps the way in a database: SQLite by `DenoSqlite.layer`. A crawl that was stopped, or killed, goes on: as the layer is
 * built, URLs that were on their way wait again, each where it stood. Makes and migrates its tables, whose names begin with
 * `weir_frontier`. Throws a `RangeError` that names a bad option.
 *
 * Any number of crawls may share the database, told apart by `crawl`, but **one process at a time** goes by each: a second one
 * would take what is on its way in the first for lost, and visit it too.
 *
 * Each operation is one transaction, so that it happened as a whole or not at all, whatever becomes of the process; what survives
 * a power cut is said by `synchronous` of `DenoSqlite`. Within `withTransaction` of the same client an operation is part of that
 * transaction: a page can be stored along with the end of its visit.
 *
 * Fails with a {@linkcode FrontierError} where the database cannot be read or written, after three more tries where another
 * process held it, and where its tables are those of a later release.
 *
 * @example A crawl that goes on
 * ```ts
 * import { DenoSqlite } from "@weir/weir/deno";
 * import { Frontier } from "@weir/weir/scraper";
 * import * as Effect from "effect/Effect";
 * import * as Layer from "effect/Layer";
 * import * as Option from "effect/Option";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const { Frontier: Way } = Frontier;
 * const url = "https://example.com/";
 * const first = Effect.gen(function* () {
 *   const way = yield* Way;
 *   yield* way.add([{ url, host: "example.com", depth: 0, referrer: undefined }]);
 *   yield* way.next(new Set());
 *   // Here it is killed.
 * });
 * const second = Effect.gen(function* () {
 *   const way = yield* Way;
 *   return Option.map(yield* way.next(new Set()), (entry) => entry.url);
 * });
 *
 * const process = <A>(program: Effect.Effect<A, Frontier.FrontierError, Frontier.Frontier>) =>
 *   Effect.provide(program, Layer.fresh(Frontier.layerSql({ crawl: "docs" })));
 * const both = Effect.andThen(process(first), process(second));
 * const Sqlite = DenoSqlite.layer({ filename: ":memory:" });
 * deepStrictEqual(
 *   await Effect.runPromise(Effect.provide(both, Sqlite)),
 *   Option.some(url),
 * );
 * ```
 */
export const layerSql = (
  options: SqlOptions = {},
): Layer.Layer<Frontier, FrontierError, SqlClient> => {
  const capacity = whole("capacity", options.capacity ?? 1_000_000, 1);
  const crawl = named("crawl", options.crawl ?? "default");
  return Layer.effect(
    Frontier,
    openTables(frontierTables).pipe(
      Effect.mapError((cause) => new FrontierError({ cause })),
      Effect.flatMap((client) =>
        Effect.map(
          open(client, crawl),
          (id) => new SqlFrontier(client, id, capacity),
        )
      ),
    ),
  );
};

class SqlFrontier implements Service {
  constructor(
    private readonly client: SqlClient,
    private readonly crawl: number,
    private readonly capacity: number,
  ) {}

  readonly add = (
    entries: ReadonlyArray<Entry>,
  ): Effect.Effect<number, FrontierError> =>
    this.write((step) => step.add(entries, this.capacity));

  readonly next = (
    busy: ReadonlySet<string>,
  ): Effect.Effect<Option.Option<Entry>, FrontierError> =>
    Effect.map(
      this.write((step) => step.next(busy)),
      Option.fromUndefinedOr,
    );

  readonly done = (url: string): Effect.Effect<void, FrontierError> =>
    Effect.asVoid(this.run(sql.done, [this.crawl, url]));

  readonly recover: Effect.Effect<void, FrontierError> = Effect.suspend(() =>
    this.write((step) => step.recover)
  );

  readonly size: Effect.Effect<Size, FrontierError> = Effect.flatMap(
    Effect.suspend(() => this.run<Size>(sql.size, [this.crawl])),
    ([size]) => size === undefined ? gone() : Effect.succeed(size),
  );

  private run<Row extends object>(
    text: string,
    params: ReadonlyArray<unknown>,
  ): Effect.Effect<ReadonlyArray<Row>, FrontierError> {
    return safely(this.client.unsafe<Row>(text, params).withoutTransform);
  }

  private write<A>(
    body: (step: Step) => Effect.Effect<A, SqlError>,
  ): Effect.Effect<A, FrontierError> {
    const { client, crawl } = this;
    return safely(
      transaction(
        client,
        (connection) =>
          Effect.flatMap(
            Step.begin(connection, crawl),
            (step) => Effect.tap(body(step), () => step.finish),
          ),
      ),
    );
  }
}

/** Begins a crawl, or goes on with it; gives its number. */
function open(
  client: SqlClient,
  name: string,
): Effect.Effect<number, FrontierError> {
  return safely(transaction(
    client,
    Effect.fnUntraced(function* (connection) {
      yield* connection.execute(sql.create, [name], undefined);
      const [found] = yield* connection.execute(sql.find, [name], undefined);
      const step = yield* Step.begin(connection, found.id);
      yield* step.recover;
      yield* step.finish;
      return found.id;
    }),
  ));
}

/** Says what went wrong in the words of the frontier. */
function safely<A>(
  effect: Effect.Effect<A, SqlError | FrontierError>,
): Effect.Effect<A, FrontierError> {
  return patiently(
    effect,
    (error) => error instanceof FrontierError,
    (cause) => new FrontierError({ cause }),
  );
}
