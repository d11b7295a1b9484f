/**
 * Tasks as they go on: a table that redraws itself, or a line for each event.
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import * as Result from "effect/Result";
import type * as Scope from "effect/Scope";
import { follow } from "./cli_follow.ts";
import type { Session } from "./cli_session.ts";
import { screen, table, type View } from "./cli_table.ts";
import { type Trouble, trouble } from "./cli_trouble.ts";
import { eventJson, eventLine } from "./cli_words.ts";
import type { Info } from "./info.ts";

/** How often the service is asked at most, in milliseconds. */
const pace = 500;
/** How long to wait after it could not answer, in milliseconds. */
const patience = 3000;

/** Another screen, without a cursor, on which nothing wraps. */
const enter = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const leave = "\x1b[?7h\x1b[?25h\x1b[?1049l";
const home = "\x1b[H";
const eraseLine = "\x1b[2K";
const eraseBelow = "\x1b[J";

/** Shows all tasks for ever, or one until it has ended. */
export function watch(
  session: Session,
  id: string | undefined,
): Effect.Effect<void, Trouble> {
  return session.isLive ? watchLive(session, id) : watchLines(session, id);
}

function watchLines(
  session: Session,
  id: string | undefined,
): Effect.Effect<void, Trouble> {
  return follow(session, id, {
    onConnected: Effect.void,
    onEvent: (event) =>
      session.print(session.json ? eventJson(event) : eventLine(event)),
    onLost: (note) => Console.error(note),
  });
}

function watchLive(
  session: Session,
  id: string | undefined,
): Effect.Effect<void, Trouble> {
  return Effect.gen(function* () {
    const live = new LiveTable(session, id);
    // A service that cannot be asked is told of on the screen that stays.
    yield* live.refresh;
    yield* Effect.scoped(run(live, session, id));
    if (id === undefined) return;
    yield* live.refresh;
    yield* session.print(...table(live.tasks, yield* session.look));
  });
}

/** Draws on another screen until there is nothing more to come. */
function run(
  live: LiveTable,
  session: Session,
  id: string | undefined,
): Effect.Effect<void, Trouble, Scope.Scope> {
  return Effect.gen(function* () {
    yield* Effect.acquireRelease(
      live.display(enter),
      () => Effect.ignore(live.display(leave)),
    );
    const sizes = yield* session.terminal.size;
    const asks = yield* Queue.sliding<void>(1);
    const ask = Effect.sync(() => {
      Queue.offerUnsafe(asks, undefined);
    });
    const refresh = Effect.gen(function* () {
      yield* Queue.take(asks);
      const hasWorked = yield* live.tryRefresh;
      yield* Effect.sleep(hasWorked ? pace : patience);
      if (!hasWorked) yield* ask;
    });
    const resize = Effect.gen(function* () {
      yield* Effect.catch(Queue.take(sizes), () => Effect.never);
      yield* live.redraw;
      yield* ask;
    });
    yield* Effect.raceAllFirst([
      follow(session, id, {
        onConnected: Effect.andThen(live.lose(""), ask),
        onEvent: () => ask,
        onLost: live.lose,
      }),
      Effect.forever(refresh),
      Effect.forever(resize),
      Effect.forever(Effect.andThen(Effect.sleep("1 second"), live.draw)),
    ]);
  });
}

/** What is shown, and how it gets there. */
class LiveTable {
  private known: Pick<View, "stats" | "tasks"> = {
    stats: undefined,
    tasks: [],
  };
  /** Why nothing is heard, and why nothing new is known. */
  private lost = "";
  private stale = "";
  private shown = "";

  constructor(
    private readonly session: Session,
    private readonly id: string | undefined,
  ) {}

  get tasks(): ReadonlyArray<Info> {
    return this.known.tasks;
  }

  /** Asks the service for what is to be shown. */
  get refresh(): Effect.Effect<void, Trouble> {
    return Effect.gen({ self: this }, function* () {
      const { ask, client, terminal } = this.session;
      if (this.id !== undefined) {
        const task = yield* ask(client.get({ params: { id: this.id } }));
        this.known = { tasks: [task], stats: undefined };
        return;
      }
      const limit = Math.min(1000, Math.max(1, yield* terminal.rows));
      const { tasks } = yield* ask(client.list({ query: { limit } }));
      this.known = { tasks, stats: yield* ask(client.stats()) };
    });
  }

  /** The same, and shows it, or why that could not be done. False if so. */
  get tryRefresh(): Effect.Effect<boolean, Trouble> {
    return Effect.gen({ self: this }, function* () {
      const result = yield* Effect.result(this.refresh);
      if (Result.isFailure(result) && !result.failure.mayPass) {
        return yield* Effect.fail(result.failure);
      }
      this.stale = Result.isFailure(result) ? result.failure.message : "";
      yield* this.draw;
      return Result.isSuccess(result);
    });
  }

  /** Says that the connection is lost, or stands again. */
  readonly lose = (note: string): Effect.Effect<void, Trouble> =>
    Effect.suspend(() => {
      this.lost = note;
      return this.draw;
    });

  /** Draws what differs from what is shown. */
  get draw(): Effect.Effect<void, Trouble> {
    return Effect.gen({ self: this }, function* () {
      const look = yield* this.session.look;
      const height = (yield* this.session.terminal.rows) || 24;
      const note = this.lost || this.stale;
      const lines = screen({ ...this.known, note }, look, height);
      // Erased first: behind a line of full width the cursor still stands on its end.
      const drawn = home +
        lines.map((line) => eraseLine + line).join("\r\n") +
        (lines.length < height ? `\r\n${eraseBelow}` : "");
      if (drawn === this.shown) return;
      yield* this.display(drawn);
      this.shown = drawn;
    });
  }

  /** Draws all of it. */
  get redraw(): Effect.Effect<void, Trouble> {
    return Effect.suspend(() => {
      this.shown = "";
      return this.draw;
    });
  }

  display(text: string): Effect.Effect<void, Trouble> {
    return Effect.mapError(
      this.session.terminal.display(text),
      ({ message }) => trouble(`The terminal cannot be written: ${message}`),
    );
  }
}
