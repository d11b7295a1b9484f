/**
 * Servers that are made up, and what they were asked.
 *
 * @module
 */
import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
import { LimitedHttpClient } from "@weir/weir/http";
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as HttpClient from "effect/http/HttpClient";
import * as HttpClientError from "effect/http/HttpClientError";
import type * as HttpClientRequest from "effect/http/HttpClientRequest";
import * as HttpClientResponse from "effect/http/HttpClientResponse";
import * as Layer from "effect/Layer";
import type * as Stream from "effect/Stream";

/** A request, when it came. */
export interface Arrival {
  readonly at: number;
  readonly method: string;
  readonly url: string;
  readonly request: HttpClientRequest.HttpClientRequest;
}

/** What a made-up server answers; `undefined` loses the connection. */
export type Answer = (
  arrival: Arrival,
) => Response | undefined | Effect.Effect<Response | undefined>;

/** A client of a made-up server, and what arrived there. */
export function upstream(answer: Answer): {
  readonly client: HttpClient.HttpClient;
  readonly arrivals: ReadonlyArray<Arrival>;
} {
  const arrivals: Array<Arrival> = [];
  const client = HttpClient.make((request, url) =>
    Effect.gen(function* () {
      const at = yield* Clock.currentTimeMillis;
      const arrival = { at, method: request.method, url: url.href, request };
      arrivals.push(arrival);
      const answered = answer(arrival);
      const response = Effect.isEffect(answered) ? yield* answered : answered;
      if (response !== undefined) {
        return HttpClientResponse.fromWeb(request, response);
      }
      return yield* Effect.fail(
        new HttpClientError.HttpClientError({
          reason: new HttpClientError.TransportError({ request }),
        }),
      );
    })
  );
  return { client, arrivals };
}

/** Answers with a status and no body. */
export const status =
  (status: number, headers: HeadersInit = {}): () => Response => () =>
    new Response("", { status, headers });

/** Answers well. */
export const good = (): Response => new Response("good");

/** Loses the connection. */
export const lost = (): undefined => undefined;

/** Answers in order, then the last one again and again. */
export function inOrder(
  ...answers: ReadonlyArray<() => Response | undefined>
): Answer {
  let next = 0;
  return () => answers[Math.min(next++, answers.length - 1)]!();
}

/** Limits for each host. */
export function perHost(
  quota: Quota.Quota = Quota.unlimited,
  options?: KeyedLimiter.Options,
): Layer.Layer<KeyedLimiter.KeyedLimiter> {
  return Layer.provide(
    KeyedLimiter.layer(quota, options),
    LimiterStore.layerMemory(),
  );
}

/** A limited client, under limits of its own. */
export function limited(
  client: HttpClient.HttpClient,
  options?: LimitedHttpClient.Options,
  limits: Layer.Layer<KeyedLimiter.KeyedLimiter> = perHost(),
): Effect.Effect<HttpClient.HttpClient> {
  return Effect.provide(LimitedHttpClient.make(client, options), limits);
}

/** A response whose body is a stream of Effect's, without a promise in it. */
export function streamed(
  request: HttpClientRequest.HttpClientRequest,
  init: ResponseInit,
  body: Stream.Stream<Uint8Array>,
): HttpClientResponse.HttpClientResponse {
  const head = HttpClientResponse.fromWeb(request, new Response(null, init));
  return Object.create(head, { stream: { value: body } });
}

/** A body of so many pieces of so many bytes, and how much of it was taken. */
export function pieces(count: number, size: number): {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly state: { sent: number; cancelled: boolean };
} {
  const state = { sent: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (state.sent === count) return controller.close();
      state.sent++;
      controller.enqueue(new Uint8Array(size));
    },
    cancel() {
      state.cancelled = true;
    },
  }, { highWaterMark: 0 });
  return { body, state };
}
