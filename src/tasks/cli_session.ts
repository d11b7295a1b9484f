/**
 * One use of the command line: whom it asks, and how it prints.
 *
 * @module
 */
import * as Console from "effect/Console";
import * as DateTime from "effect/DateTime";
import * as Effect from "effect/Effect";
import * as HttpApiClient from "effect/http-api/HttpApiClient";
import * as HttpClient from "effect/http/HttpClient";
import * as HttpClientRequest from "effect/http/HttpClientRequest";
import type * as HttpClientResponse from "effect/http/HttpClientResponse";
import type * as Redacted from "effect/Redacted";
import * as Stdio from "effect/Stdio";
import * as Stream from "effect/Stream";
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities";
import * as Terminal from "effect/Terminal";
import { Api } from "./api_definition.ts";
import type { Look } from "./cli_table.ts";
import { asking, type Trouble } from "./cli_trouble.ts";
import { infoJson } from "./cli_words.ts";
import type { Info } from "./info.ts";

/** The typed client of a service. */
export type Client = HttpApiClient.ForApi<typeof Api>;

/** What every command is told. */
export interface Settings {
  /** Where the service is. */
  readonly url: string;
  /** What it asks for. */
  readonly token: Redacted.Redacted | undefined;
  /** Whether the output is for programs. */
  readonly json: boolean;
}

/** One use of the command line. */
export interface Session {
  readonly client: Client;
  readonly json: boolean;
  /** Whether a table that redraws itself can be shown. */
  readonly isLive: boolean;
  readonly terminal: Terminal.Terminal;
  /** How to draw, now. */
  readonly look: Effect.Effect<Look>;
  /** Asks the service, and says in words what is wrong. */
  readonly ask: <A>(
    effect: Effect.Effect<A, unknown>,
  ) => Effect.Effect<A, Trouble>;
  /** Prints lines. */
  readonly print: (...lines: ReadonlyArray<string>) => Effect.Effect<void>;
  /** Prints a task: as JSON where that is asked for, else as these lines. */
  readonly printInfo: (
    info: Info,
    ...lines: ReadonlyArray<string>
  ) => Effect.Effect<void>;
}

/** How long a stream of events may be silent, in milliseconds; the service says something every 15 s. */
const patience = 45_000;

/** Begins a use of the command line. */
export function open(settings: Settings): Effect.Effect<
  Session,
  never,
  HttpClient.HttpClient | Stdio.Stdio | Terminal.Terminal
> {
  const { json, token, url } = settings;
  const asked = { url, hasToken: token !== undefined };
  return Effect.gen(function* () {
    const client = yield* HttpApiClient.make(Api, {
      baseUrl: url,
      transformClient: (client) =>
        client.pipe(
          token === undefined
            ? (same) => same
            : HttpClient.mapRequest(HttpClientRequest.bearerToken(token)),
          HttpClient.transformResponse(Effect.map(withPatience)),
        ),
    });
    const stdio = yield* Stdio.Stdio;
    const terminal = yield* Terminal.Terminal;
    const { canAnimate, canColor } = yield* TerminalCapabilities
      .TerminalCapabilities;
    const isTerminal = yield* stdio.stdoutIsTerminal;
    const print = (...lines: ReadonlyArray<string>) =>
      lines.length === 0 ? Effect.void : Console.log(lines.join("\n"));
    return {
      ...{ client, json, terminal, print },
      isLive: canAnimate && !json,
      ask: (effect) => asking(effect, asked),
      look: Effect.gen(function* () {
        const columns = isTerminal ? yield* terminal.columns : 0;
        return {
          width: columns === 0 ? Infinity : columns,
          now: yield* DateTime.now,
          colors: canColor && isTerminal,
        };
      }),
      printInfo: (info, ...lines) =>
        json ? Effect.flatMap(infoJson(info), print) : print(...lines),
    };
  });
}

/** Takes a stream of events that says nothing at all for one that has ended. */
function withPatience(
  response: HttpClientResponse.HttpClientResponse,
): HttpClientResponse.HttpClientResponse {
  if (!response.headers["content-type"]?.startsWith("text/event-stream")) {
    return response;
  }
  return Object.create(response, {
    stream: { get: () => Stream.timeout(response.stream, patience) },
  });
}
