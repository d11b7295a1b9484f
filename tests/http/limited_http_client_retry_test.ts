/**
 * What a limited client sends again.
 *
 * @module
 */
import { Quota } from "@weir/weir";
import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as HttpBody from "effect/http/HttpBody";
import type * as HttpClientError from "effect/http/HttpClientError";
import * as HttpClientRequest from "effect/http/HttpClientRequest";
import * as Schedule from "effect/Schedule";
import * as Stream from "effect/Stream";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  good,
  inOrder,
  limited,
  lost,
  perHost,
  pieces,
  status,
  upstream,
} from "./upstream.ts";

const host = "http://a.test/";
const twice = { retry: Schedule.recurs(2) };

testEffect(
  "a request is tried three more times, ever later",
  Effect.gen(function* () {
    const { arrivals, client } = upstream(status(502));
    const calls = yield* limited(client);
    const fiber = yield* Effect.forkChild(calls.get(host));
    yield* TestClock.adjust("10 seconds");
    strictEqual((yield* Fiber.join(fiber)).status, 502);
    const gaps = arrivals.slice(1).map(({ at }, i) => at - arrivals[i]!.at);
    strictEqual(gaps.length, 3);
    gaps.forEach((gap, i) => {
      const base = 500 * 2 ** i;
      ok(gap >= 0.8 * base - 1 && gap <= 1.2 * base + 1, `${gap} for ${base}`);
    });
  }),
);

for (
  const [what, answers, asked, outcome] of [
    ["what is lost", [lost, good], 2, 200],
    ["429", [status(429), good], 2, 200],
    ["502", [status(502), good], 2, 200],
    ["503", [status(503), good], 2, 200],
    ["504", [status(504), good], 2, 200],
    ["404 not", [status(404), good], 1, 404],
    ["500 not", [status(500), good], 1, 500],
    ["to the last response", [lost, status(503)], 3, 503],
    ["to the last failure", [status(503), lost], 3, "TransportError"],
  ] as const
) {
  testEffect(
    `a request is tried again: ${what}`,
    Effect.gen(function* () {
      const { arrivals, client } = upstream(inOrder(...answers));
      const calls = yield* limited(client, twice);
      const result = yield* Effect.match(calls.get(host), {
        onFailure: ({ reason }) => reason._tag,
        onSuccess: ({ status }) => status,
      });
      deepStrictEqual([arrivals.length, result], [asked, outcome]);
    }),
  );
}

const stream = HttpBody.stream(Stream.make(new Uint8Array(1)));
const text = HttpBody.text("a");
const once = HttpBody.raw(new ReadableStream());
const key = { "idempotency-key": '"8e03978e"' };
for (
  const [name, request, asked] of [
    ["GET", HttpClientRequest.get(host), 2],
    ["HEAD", HttpClientRequest.head(host), 2],
    ["PUT", HttpClientRequest.put(host, { body: text }), 2],
    ["DELETE", HttpClientRequest.delete(host), 2],
    ["POST", HttpClientRequest.post(host, { body: text }), 1],
    ["PATCH", HttpClientRequest.patch(host, { body: text }), 1],
    [
      "PUT of an Effect stream",
      HttpClientRequest.put(host, { body: stream }),
      1,
    ],
    ["PUT of a web stream", HttpClientRequest.put(host, { body: once }), 1],
    [
      "POST with Idempotency-Key",
      HttpClientRequest.post(host, { body: text, headers: key }),
      2,
    ],
    [
      "POST of a stream with Idempotency-Key",
      HttpClientRequest.post(host, { body: stream, headers: key }),
      1,
    ],
  ] as const
) {
  testEffect(
    `a ${name} is sent ${asked === 2 ? "again" : "once"}`,
    Effect.gen(function* () {
      const { arrivals, client } = upstream(inOrder(lost, good));
      const calls = yield* limited(client, twice);
      yield* Effect.ignore(calls.execute(request));
      strictEqual(arrivals.length, asked);
    }),
  );
}

testEffect(
  "a repetition waits for Retry-After, and holds nothing meanwhile",
  Effect.gen(function* () {
    const big = pieces(100, 10);
    const headers = { "retry-after": "7" };
    const { arrivals, client } = upstream(
      inOrder(() => new Response(big.body, { status: 503, headers }), good),
    );
    const calls = yield* limited(
      client,
      twice,
      perHost(Quota.unlimited, { concurrency: 1 }),
    );
    const fiber = yield* Effect.forkChild(calls.get(host));
    yield* TestClock.adjust("6999 millis");
    strictEqual(arrivals.length, 1);
    ok(big.state.cancelled);
    yield* TestClock.adjust("1 millis");
    strictEqual((yield* Fiber.join(fiber)).status, 200);
  }),
);

testEffect(
  "the schedule is told what went wrong",
  Effect.gen(function* () {
    const { client } = upstream(inOrder(lost, status(429), good));
    const seen: Array<string> = [];
    const retry = Schedule.recurs(5).pipe(
      Schedule.setInputType<HttpClientError.HttpClientError>(),
      Schedule.tap(({ input: { reason } }) =>
        Effect.sync(() => seen.push(reason._tag))
      ),
    );
    const calls = yield* limited(client, { retry });
    yield* calls.get(host);
    deepStrictEqual(seen, ["TransportError", "StatusCodeError"]);
  }),
);
