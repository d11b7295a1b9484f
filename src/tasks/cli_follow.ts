/**
 * Events of a service, past the end of a connection.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Random from "effect/Random";
import * as Result from "effect/Result";
import * as Stream from "effect/Stream";
import type { Session } from "./cli_session.ts";
import { spanOf } from "./cli_table.ts";
import type { Trouble } from "./cli_trouble.ts";
import type { Event } from "./service.ts";
import { isFinal } from "./transitions.ts";

/** Who wants to hear. */
export interface Reader {
  /** The connection stands, for the first time or again. */
  readonly onConnected: Effect.Effect<void, Trouble>;
  /** Something happened. */
  readonly onEvent: (event: Event) => Effect.Effect<void, Trouble>;
  /** The connection is lost, and what is done about it. */
  readonly onLost: (note: string) => Effect.Effect<void, Trouble>;
}

/** How long to wait before the first try to connect again, and at most, in milliseconds. */
const firstWait = 500;
const longestWait = 10_000;

/**
 * Reads what happens, to all tasks for ever, or to one until it has ended. Once it was connected, it connects again for as long
 * as that may help, and goes on after the last event that it has seen.
 */
export function follow(
  session: Session,
  id: string | undefined,
  reader: Reader,
): Effect.Effect<void, Trouble> {
  let last: Event | undefined;
  let failures = 0;
  let wasConnected = false;
  const connect = Effect.suspend(() => {
    const { client } = session;
    if (id !== undefined) return client.taskEvents({ params: { id } });
    const headers = last && { "last-event-id": String(last.sequence) };
    return client.events({ headers: headers ?? {} });
  });
  const hear = (event: Event) =>
    Effect.suspend(() => {
      const isKnown = id !== undefined && last !== undefined &&
        tells(event) === tells(last);
      last = event;
      return isKnown ? Effect.void : reader.onEvent(event);
    });
  const read = Effect.gen(function* () {
    const events = yield* session.ask(connect);
    failures = 0;
    wasConnected = true;
    yield* reader.onConnected;
    yield* session.ask(Stream.runForEach(events, hear));
  });
  return Effect.gen(function* () {
    while (true) {
      const ended = yield* Effect.result(read);
      if (id !== undefined && last && isFinal(last.status)) return;
      if (Result.isFailure(ended)) {
        const { failure } = ended;
        if (!wasConnected || !failure.mayPass) {
          return yield* Effect.fail(failure);
        }
      }
      const wait = Math.min(longestWait, firstWait * 2 ** failures++) *
        (yield* Random.nextBetween(0.8, 1.2));
      yield* reader.onLost(
        `The connection was lost; connecting again in ${spanOf(wait + 999)}`,
      );
      yield* Effect.sleep(wait);
    }
  });
}

function tells({ progress, status }: Event): string {
  return JSON.stringify([status, progress]);
}
