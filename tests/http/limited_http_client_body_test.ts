/**
 * Bodies that a limited client reads.
 *
 * @module
 */
import { Quota } from "@weir/weir";
import { LimitedHttpClient } from "@weir/weir/http";
import { testEffect, testProperty } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as HttpClient from "effect/http/HttpClient";
import * as HttpClientResponse from "effect/http/HttpClientResponse";
import * as Stream from "effect/Stream";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { limited, perHost, pieces, upstream } from "./upstream.ts";

const host = "http://a.test/";

testEffect(
  "a body is read once as a stream, and as often as one likes as a whole",
  Effect.gen(function* () {
    const { client } = upstream(() => new Response('{"a":1}'));
    const calls = yield* limited(client);
    const whole = yield* calls.get(host);
    strictEqual(yield* whole.text, '{"a":1}');
    deepStrictEqual(yield* whole.json, { a: 1 });
    const again = yield* Effect.flip(Stream.runDrain(whole.stream));
    ok(again.message.includes("read before"), again.message);
    const streamed = yield* calls.get(host);
    yield* Stream.runDrain(streamed.stream);
    ok((yield* Effect.flip(streamed.text)).message.includes("read before"));
  }),
);

testEffect(
  "a response keeps all forms of its body",
  Effect.gen(function* () {
    const type = "application/x-www-form-urlencoded";
    const { client } = upstream(({ url }) =>
      url.endsWith("none")
        ? new Response(null, { status: 204 })
        : new Response("a=1&b=2", { headers: { "content-type": type } })
    );
    const calls = yield* limited(client);
    const response = yield* calls.get(host);
    deepStrictEqual((yield* response.urlParamsBody).params, [["a", "1"], [
      "b",
      "2",
    ]]);
    strictEqual((yield* response.formData).get("b"), "2");
    const none = yield* calls.get(`${host}none`);
    strictEqual(yield* none.text, "");
    const empty = yield* calls.get(`${host}none`);
    const failure = yield* Effect.flip(Stream.runDrain(empty.stream));
    strictEqual(failure.reason._tag, "EmptyBodyError");
  }),
);

testEffect(
  "a response of more than maxBytes fails at once where it says so",
  Effect.gen(function* () {
    const { body, state } = pieces(3, 10);
    const headers = { "content-length": "30" };
    const { arrivals, client } = upstream(({ method }) =>
      new Response(method === "HEAD" ? null : body, { headers })
    );
    const calls = yield* limited(client, { maxBytes: 29 });
    const failure = yield* Effect.flip(calls.get(host));
    ok(failure.cause instanceof LimitedHttpClient.ResponseTooLarge);
    deepStrictEqual([failure.cause.maxBytes, failure.cause.size], [29, 30]);
    strictEqual(arrivals.length, 1);
    ok(state.cancelled);
    strictEqual((yield* calls.head(host)).status, 200);
  }),
);

testProperty(
  "a response is given whole up to maxBytes, and fails beyond",
  FastCheck.record({
    maxBytes: FastCheck.integer({ min: 1, max: 200 }),
    count: FastCheck.integer({ min: 0, max: 30 }),
    size: FastCheck.integer({ min: 1, max: 10 }),
    declared: FastCheck.boolean(),
    streams: FastCheck.boolean(),
  }),
  ({ count, declared, maxBytes, size, streams }) =>
    Effect.gen(function* () {
      const total = count * size;
      const { body, state } = pieces(count, size);
      const headers: HeadersInit = declared
        ? { "content-length": String(total) }
        : {};
      const { client } = upstream(() => new Response(body, { headers }));
      const calls = yield* limited(client, { maxBytes });
      const read = Effect.flatMap(
        calls.get(host),
        (response) =>
          streams
            ? Stream.runFold(
              response.stream,
              () => 0,
              (sum, piece) => sum + piece.byteLength,
            )
            : Effect.map(response.arrayBuffer, (bytes) => bytes.byteLength),
      );
      const exit = yield* Effect.result(read);
      if (total <= maxBytes) {
        strictEqual(exit._tag === "Success" && exit.success, total);
      } else {
        ok(exit._tag === "Failure");
        ok(exit.failure.cause instanceof LimitedHttpClient.ResponseTooLarge);
        ok(
          state.sent * size <= maxBytes + size,
          "no more than one piece too much",
        );
        ok(state.cancelled);
      }
    }),
);

testEffect(
  "a response that switches protocols is handed out unread",
  Effect.gen(function* () {
    const { body, state } = pieces(1, 10);
    const client = HttpClient.make((request) =>
      Effect.succeed(
        Object.create(HttpClientResponse.fromWeb(request, new Response(body)), {
          status: { value: 101 },
        }),
      )
    );
    const calls = yield* limited(
      client,
      {},
      perHost(Quota.unlimited, { concurrency: 1 }),
    );
    yield* Effect.replicateEffect(calls.get(host), 2);
    strictEqual(state.sent, 0);
  }),
);
