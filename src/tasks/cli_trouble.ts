/**
 * What went wrong between the command line and the service, in words for people.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as HttpApiError from "effect/http-api/HttpApiError";
import * as HttpClientError from "effect/http/HttpClientError";
import type * as HttpClientResponse from "effect/http/HttpClientResponse";
import * as ProblemDetails from "effect/http/ProblemDetails";
import * as Schema from "effect/Schema";
import { Forbidden, Unauthorized } from "./api_access.ts";
import { visible } from "./cli_text.ts";
import { TaskConflict, TaskNotFound } from "./errors.ts";
import { TaskStoreError } from "./store_service.ts";

/** Why something could not be done. */
export class Trouble {
  constructor(
    /** In plain words, on one line or more. */
    readonly message: string,
    /** Whether it may be otherwise in a moment. */
    readonly mayPass: boolean,
  ) {}
}

/** Whom was asked, and how. */
export interface Asked {
  /** Where the service should be. */
  readonly url: string;
  /** Whether a token was sent. */
  readonly hasToken: boolean;
}

/** Makes trouble. */
export function trouble(
  lines: string | ReadonlyArray<string>,
  mayPass: boolean = false,
): Trouble {
  return new Trouble([lines].flat().map(visible).join("\n"), mayPass);
}

/** Asks the service, and says in words what is wrong. */
export function asking<A, R>(
  effect: Effect.Effect<A, unknown, R>,
  asked: Asked,
): Effect.Effect<A, Trouble, R> {
  return Effect.catch(
    effect,
    (error) => Effect.flatMap(inWords(error, asked), Effect.fail),
  );
}

function inWords(error: unknown, asked: Asked): Effect.Effect<Trouble> {
  if (error instanceof Trouble) return Effect.succeed(error);
  if (HttpClientError.isHttpClientError(error)) {
    const { response } = error;
    if (response === undefined) return Effect.succeed(unreached(error, asked));
    return response.status < 400
      ? Effect.succeed(broken(error, asked))
      : refusal(response, asked);
  }
  return Effect.succeed(answered(error, asked));
}

/** What the service is known to answer. */
function answered(error: unknown, { hasToken, url }: Asked): Trouble {
  if (error instanceof TaskNotFound) {
    return trouble(
      `There is no task "${error.id}": it never was, or it ended so long ago that it was forgotten`,
    );
  }
  if (error instanceof TaskConflict) {
    return trouble(
      `There is another task "${error.id}" already, with another name or payload: choose another --id`,
    );
  }
  if (error instanceof TaskStoreError) {
    return trouble(
      error.reason === "Full"
        ? `The service has no room for more tasks: try again later (${error.detail})`
        : `The service cannot reach its tasks: try again later (${error.detail})`,
      true,
    );
  }
  if (error instanceof Unauthorized) {
    return trouble(
      hasToken
        ? `The service at ${url} does not know this token (401): look at WEIR_TOKEN or --token`
        : `The service at ${url} asks for a token (401): set WEIR_TOKEN, or give --token`,
    );
  }
  if (error instanceof Forbidden) {
    return trouble(
      `The service at ${url} answers only its own machine, because it has no token of its own (403)`,
    );
  }
  if (error instanceof HttpApiError.BadRequestProblem) {
    return trouble([
      `The service did not take it (400): ${error.detail ?? error.title}`,
      ...(error.errors ?? []).map(({ message, path }) =>
        `  ${path.join(".")}: ${message}`
      ),
    ]);
  }
  return strange({ hasToken, url });
}

/** It may be something on the way, and gone in a moment. */
function strange({ url }: Asked, answer?: string): Trouble {
  return trouble(
    `What answers at ${url} does not answer as a task service does${
      answer === undefined ? "" : ` (${answer})`
    }: is the URL right?`,
    answer === undefined,
  );
}

/** An answer that the API does not know, of something on the way, perhaps. */
function refusal(
  response: HttpClientResponse.HttpClientResponse,
  asked: Asked,
): Effect.Effect<Trouble> {
  const { headers, status } = response;
  const mayPass = status === 429 || status >= 500;
  return response.json.pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(ProblemDetails.Schema)),
    Effect.map(({ detail, title }) =>
      [title, detail].filter((text) => text !== undefined).join(": ")
    ),
    Effect.catch(() => Effect.succeed("")),
    Effect.map((said) => {
      const answer = said === "" ? `${status}` : `${status} ${said}`;
      if (!mayPass) return strange(asked, answer);
      const wait = headers["retry-after"];
      return trouble(
        `The service at ${asked.url} answered ${answer}` +
          (wait === undefined ? "" : ` (try again in ${wait} s)`),
        true,
      );
    }),
  );
}

/** An answer that began well. */
function broken(error: HttpClientError.HttpClientError, asked: Asked): Trouble {
  return causesOf(error).includes("reading a body")
    ? trouble(`The connection to ${asked.url} was lost`, true)
    : strange(asked);
}

function unreached(
  error: HttpClientError.HttpClientError,
  { url }: Asked,
): Trouble {
  const cause = causesOf(error);
  if (cause.includes("--allow-net")) {
    return trouble(
      `Deno may not connect to ${url}: run it with --allow-net=${
        new URL(url).host
      }`,
    );
  }
  const why = /refused/i.test(cause)
    ? "the connection was refused"
    : /dns|lookup/i.test(cause)
    ? "its name is not known"
    : /certificate|tls/i.test(cause)
    ? "its certificate is not trusted"
    : "the connection failed";
  return trouble(
    `No service answers at ${url} (${why}): is it running, and is --url or WEIR_URL right?`,
    true,
  );
}

/** What was thrown, and what that came of. */
function causesOf(error: unknown): string {
  const texts: Array<string> = [];
  for (let one = error; one instanceof Error; one = one.cause) {
    texts.push(one.message);
  }
  return texts.join(" ");
}
