/**
 * What the commands of the command line do.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Console from "effect/Console";
import * as DateTime from "effect/DateTime";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import { follow } from "./cli_follow.ts";
import type { Session } from "./cli_session.ts";
import { countsOf, table } from "./cli_table.ts";
import { type Trouble, trouble } from "./cli_trouble.ts";
import { infoJson, infoLine, infoLines, json } from "./cli_words.ts";
import type { Info } from "./info.ts";
import type { Status } from "./status.ts";

/** A task to submit. */
export interface Submission {
  readonly name: string;
  readonly payload: unknown;
  readonly id: string | undefined;
  readonly priority: number | undefined;
  readonly delay: Duration.Duration | undefined;
  readonly runAt: DateTime.Utc | undefined;
  /** Whether to wait until it has ended. */
  readonly wait: boolean;
}

/** Which tasks to list. */
export interface Listing {
  readonly status: Status | undefined;
  readonly name: string | undefined;
  /** At most so many, newest first. */
  readonly limit: number;
}

/** How many tasks are asked for at once. */
const page = 200;

/** Submits a task. With `wait` it fails unless the task is completed. */
export function submit(
  session: Session,
  { delay, id, name, payload, priority, runAt, wait }: Submission,
): Effect.Effect<void, Trouble> {
  return Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis;
    const at = delay === undefined
      ? runAt
      : DateTime.makeUnsafe(now + Duration.toMillis(delay));
    const info = yield* session.ask(session.client.submit({
      payload: {
        name,
        ...(payload === undefined ? {} : { payload }),
        ...(priority === undefined ? {} : { priority }),
        ...(at === undefined ? {} : { runAt: at }),
      },
      headers: id === undefined ? {} : { "idempotency-key": id },
    }));
    if (!wait) return yield* session.printInfo(info, infoLine(info));
    const ended = yield* untilEnded(session, info.id);
    yield* session.printInfo(ended, ...infoLines(ended));
    if (ended.status === "completed") return;
    const why = ended.error === undefined ? "" : `: ${ended.error}`;
    return yield* Effect.fail(
      trouble(`Task "${ended.id}" is ${ended.status}${why}`),
    );
  });
}

/** Lists tasks, newest first. */
export function list(
  session: Session,
  { limit, name, status }: Listing,
): Effect.Effect<void, Trouble> {
  return Effect.gen(function* () {
    let left = limit;
    let cursor: string | undefined;
    do {
      const { tasks, ...next } = yield* session.ask(session.client.list({
        query: {
          limit: Math.min(left, page),
          ...(status === undefined ? {} : { status }),
          ...(name === undefined ? {} : { name }),
          ...(cursor === undefined ? {} : { cursor }),
        },
      }));
      const lines = session.json
        ? yield* Effect.forEach(tasks, infoJson)
        : table(tasks, yield* session.look).slice(cursor === undefined ? 0 : 1);
      yield* session.print(...lines);
      left -= tasks.length;
      cursor = next.cursor;
    } while (cursor !== undefined && left > 0);
  });
}

/** Prints what is known about a task. */
export function get(
  session: Session,
  id: string,
): Effect.Effect<void, Trouble> {
  return Effect.flatMap(
    session.ask(session.client.get({ params: { id } })),
    (info) => session.printInfo(info, ...infoLines(info)),
  );
}

/** Cancels a task. Fails if it had ended otherwise. */
export function cancel(
  session: Session,
  id: string,
): Effect.Effect<void, Trouble> {
  return Effect.gen(function* () {
    const info = yield* session.ask(session.client.cancel({ params: { id } }));
    yield* session.printInfo(info, infoLine(info));
    if (info.status === "completed" || info.status === "failed") {
      return yield* Effect.fail(
        trouble(`Task "${id}" cannot be cancelled: it is ${info.status}`),
      );
    }
    if (info.status !== "cancelled") {
      yield* Console.error("It takes its time to stop, and will be cancelled");
    }
  });
}

/** Lets a failed or cancelled task begin anew. Fails if it stands elsewhere. */
export function retry(
  session: Session,
  id: string,
): Effect.Effect<void, Trouble> {
  return Effect.gen(function* () {
    const { status } = yield* session.ask(
      session.client.get({ params: { id } }),
    );
    if (status !== "failed" && status !== "cancelled") {
      return yield* Effect.fail(trouble(
        `Task "${id}" is ${status}: only what failed or was cancelled can be tried again`,
      ));
    }
    const info = yield* session.ask(session.client.retry({ params: { id } }));
    yield* session.printInfo(info, infoLine(info));
  });
}

/** Prints how many tasks stand where. */
export function stats(session: Session): Effect.Effect<void, Trouble> {
  return Effect.flatMap(
    session.ask(session.client.stats()),
    (stats) => session.print(session.json ? json(stats) : countsOf(stats)),
  );
}

/** Waits until a task has ended. */
function untilEnded(
  session: Session,
  id: string,
): Effect.Effect<Info, Trouble> {
  return Effect.andThen(
    follow(session, id, {
      onConnected: Effect.void,
      onEvent: () => Effect.void,
      onLost: (note) => Console.error(note),
    }),
    session.ask(session.client.get({ params: { id } })),
  );
}
