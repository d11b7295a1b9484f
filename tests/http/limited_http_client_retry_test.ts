/**
 * What a limited client sends again.
 *
 * @module
 */
import { Quota, RetryBudget } from "@weir/weir";
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

testEffect(
  "repetitions are spent from the budget, into which each request puts its part; then the last answer is handed out",
  Effect.gen(function* () {
    const retryBudget = yield* RetryBudget.make({ ratio: 0.5, reserve: 2 });
    const { arrivals, client } = upstream(
      inOrder(status(503), status(502), lost, status(404), lost),
    );
    const retry = Schedule.recurs(9);
    const calls = yield* limited(client, { retry, retryBudget });
    const failure = yield* Effect.flip(calls.get(host));
    strictEqual(failure.reason._tag, "TransportError");
    strictEqual(arrivals.length, 3);
    // What is not to be repeated takes nothing.
    strictEqual((yield* calls.get(host)).status, 404);
    strictEqual((yield* retryBudget.stats).refused, 1);
    yield* Effect.flip(calls.get(host));
    deepStrictEqual([arrivals.length, yield* retryBudget.stats], [
      ...[6, { available: 0, spent: 3, refused: 2 }],
    ]);
  }),
);

testEffect(
  "the schedule is asked before the budget, and one request counts once, however often it is redirected",
  Effect.gen(function* () {
    const retryBudget = yield* RetryBudget.make({ ratio: 1, reserve: 3 });
    const moved = status(302, { location: "/moved" });
    const { client } = upstream(inOrder(lost, lost, moved, moved, lost));
    const calls = yield* limited(client, { ...twice, retryBudget });
    yield* Effect.flip(calls.get(host));
    deepStrictEqual(yield* retryBudget.stats, {
      available: 1,
      spent: 2,
      refused: 0,
    });
  }),
);

testEffect(
  "a repetition that is interrupted before it is sent is put back; one that was sent is spent",
  Effect.gen(function* () {
    const retryBudget = yield* RetryBudget.make({ ratio: 0.5, reserve: 5 });
    const { arrivals, client } = upstream(({ at }) =>
      at < 2000 ? undefined : Effect.never
    );
    const calls = yield* limited(client, {
      retry: Schedule.spaced("1 second"),
      retryBudget,
    });
    const waiting = yield* Effect.forkChild(calls.get(host));
    yield* TestClock.adjust("1500 millis");
    strictEqual((yield* retryBudget.stats).spent, 2);
    yield* Fiber.interrupt(waiting);
    strictEqual((yield* retryBudget.stats).spent, 1);

    const sent = yield* Effect.forkChild(calls.get(host));
    yield* TestClock.adjust("1500 millis");
    strictEqual(arrivals.length, 4);
    yield* Fiber.interrupt(sent);
    strictEqual((yield* retryBudget.stats).spent, 2);
  }),
);
