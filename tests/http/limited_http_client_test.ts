/**
 * Turns of a limited client.
 *
 * @module
 */
import { KeyedLimiter, Quota } from "@weir/weir";
import { LimitedHttpClient } from "@weir/weir/http";
import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as HttpClient from "effect/http/HttpClient";
import * as Layer from "effect/Layer";
import * as CircuitBreaker from "effect/persistence/CircuitBreaker";
import * as Schedule from "effect/Schedule";
import * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import {
  good,
  inOrder,
  limited,
  lost,
  perHost,
  pieces,
  upstream,
} from "./upstream.ts";

const host = "http://a.test/";
const twice = { retry: Schedule.recurs(2) };

testEffect(
  "make() gives each host its own turns",
  Effect.gen(function* () {
    const { arrivals, client } = upstream(good);
    const calls = yield* limited(
      client,
      {},
      perHost(Quota.slidingWindow({ limit: 1, window: "1 second" })),
    );
    const urls = [
      "http://a.test/1",
      "http://a.test/2",
      "http://a.test:81/",
      "http://b.test/",
    ];
    const fiber = yield* Effect.forkChild(
      Effect.forEach(urls, (url) => calls.get(url), { concurrency: 4 }),
    );
    yield* TestClock.adjust("10 seconds");
    yield* Fiber.join(fiber);
    deepStrictEqual(arrivals.map(({ at, url }) => [at, url]), [
      [0, "http://a.test/1"],
      [0, "http://a.test:81/"],
      [0, "http://b.test/"],
      [1000, "http://a.test/2"],
    ]);
  }),
);

testEffect(
  "make() asks the limiter by its own key",
  Effect.gen(function* () {
    const { arrivals, client } = upstream(good);
    const calls = yield* limited(
      client,
      { key: ({ headers }) => headers["x-tenant"] ?? "" },
      perHost(Quota.slidingWindow({ limit: 1, window: "1 second" })),
    );
    const fiber = yield* Effect.forkChild(Effect.all([
      calls.get(host, { headers: { "x-tenant": "anna" } }),
      calls.get(host, { headers: { "x-tenant": "ben" } }),
    ]));
    yield* TestClock.adjust(0);
    yield* Fiber.join(fiber);
    deepStrictEqual(arrivals.map(({ at }) => at), [0, 0]);
  }),
);

testEffect(
  "layer() takes the place of the client below it",
  Effect.gen(function* () {
    const { arrivals, client } = upstream(inOrder(lost, good));
    const Live = LimitedHttpClient.layer({
      retry: Schedule.recurs(1),
    }).pipe(
      Layer.provide([Layer.succeed(HttpClient.HttpClient, client), perHost()]),
    );
    const response = yield* Effect.provide(HttpClient.get(host), Live);
    strictEqual(response.status, 200);
    strictEqual(arrivals.length, 2);
  }),
);

testEffect(
  "make() holds the turn until the response is read",
  Effect.gen(function* () {
    const big = pieces(100, 10);
    const { arrivals, client } = upstream(({ url }) =>
      new Response(url.endsWith("big") ? big.body : "small")
    );
    const calls = yield* limited(
      client,
      {},
      perHost(Quota.unlimited, { concurrency: 1 }),
    );
    const response = yield* calls.get(`${host}big`);
    const next = yield* Effect.forkChild(calls.get(host));
    yield* TestClock.adjust("29 seconds");
    strictEqual(arrivals.length, 1);
    ok(big.state.sent < 20);
    strictEqual((yield* response.arrayBuffer).byteLength, 1000);
    yield* Fiber.join(next);
    strictEqual(arrivals.length, 2);
  }),
);

testEffect(
  "make() holds no turn for a short response that nobody reads",
  Effect.gen(function* () {
    const { arrivals, client } = upstream(() =>
      new Response(pieces(15, 10).body)
    );
    const calls = yield* limited(
      client,
      {},
      perHost(Quota.unlimited, { concurrency: 1 }),
    );
    yield* Effect.replicateEffect(calls.get(host), 5);
    strictEqual(arrivals.length, 5);
  }),
);

testEffect(
  "make() closes a response that nobody reads in time",
  Effect.gen(function* () {
    const big = pieces(100, 10);
    const { client } = upstream(() => new Response(big.body));
    const calls = yield* limited(client, { maxUnread: "5 seconds" });
    const response = yield* calls.get(host);
    yield* TestClock.adjust("4999 millis");
    ok(!big.state.cancelled);
    yield* TestClock.adjust("1 millis");
    ok(big.state.cancelled);
    const failure = yield* Effect.flip(response.text);
    strictEqual(failure.reason._tag, "DecodeError");
    ok(failure.message.includes("not read in 5 seconds"), failure.message);
  }),
);

testEffect(
  "make() gives the turn back when a stream is left",
  Effect.gen(function* () {
    const big = pieces(100, 10);
    const { client } = upstream(({ url }) =>
      new Response(url.endsWith("big") ? big.body : "small")
    );
    const calls = yield* limited(
      client,
      {},
      perHost(Quota.unlimited, { concurrency: 1 }),
    );
    const response = yield* calls.get(`${host}big`);
    yield* Stream.runHead(response.stream);
    ok(big.state.cancelled);
    strictEqual(yield* Effect.flatMap(calls.get(host), (r) => r.text), "small");
  }),
);

for (
  const [where, answer, first] of [
    ["in the queue", Effect.succeed(new Response("")), "taken"],
    ["on the way", Effect.never, "free"],
  ] as const
) {
  testEffect(
    `an interrupted request gives back its turn: ${where}`,
    Effect.gen(function* () {
      const { client } = upstream(({ url }) =>
        url.endsWith("good") ? good() : answer
      );
      yield* Effect.gen(function* () {
        const limiter = (yield* KeyedLimiter.KeyedLimiter).for("a.test");
        const calls = yield* LimitedHttpClient.make(client);
        const holder = yield* Effect.forkChild(
          limiter.limit(first === "taken" ? Effect.never : Effect.void),
        );
        yield* TestClock.adjust(0);
        const call = yield* Effect.forkChild(calls.get(host));
        yield* TestClock.adjust(0);
        yield* Fiber.interrupt(call);
        const { running, waiting } = yield* limiter.stats;
        deepStrictEqual([running, waiting], [first === "taken" ? 1 : 0, 0]);
        yield* Fiber.interrupt(holder);
        strictEqual((yield* calls.get(`${host}good`)).status, 200);
      }).pipe(Effect.provide(perHost(Quota.unlimited, { concurrency: 1 })));
    }),
  );
}

testEffect(
  "closing the layer ends requests under way, and closes what is not read",
  Effect.gen(function* () {
    const big = pieces(100, 10);
    const { client } = upstream(({ url }) =>
      url === host ? Effect.never : new Response(big.body)
    );
    const Live = LimitedHttpClient.layer({ maxUnread: "1 hour" }).pipe(
      Layer.provide([Layer.succeed(HttpClient.HttpClient, client), perHost()]),
    );
    const scope = yield* Scope.make();
    const context = yield* Layer.buildWithScope(Live, scope);
    const get = (url: string) =>
      Effect.provideContext(HttpClient.get(url), context);
    const response = yield* get(`${host}big`);
    const call = yield* Effect.forkChild(get(host));
    yield* TestClock.adjust(0);
    yield* Scope.close(scope, Exit.void);
    ok(Exit.isFailure(yield* Fiber.await(call)));
    ok(big.state.cancelled);
    const failure = yield* Effect.flip(response.text);
    ok(failure.message.includes("closed"), failure.message);
  }),
);

testEffect(
  "HttpClient.withCircuitBreaker() around it counts a call once, with its repetitions",
  Effect.gen(function* () {
    const { arrivals, client } = upstream(lost);
    const breaker = yield* CircuitBreaker.make({
      tripPolicy: CircuitBreaker.consecutive(2),
      openDuration: "30 seconds",
    });
    const calls = HttpClient.withCircuitBreaker(
      yield* limited(client, twice),
      { breaker },
    );
    yield* Effect.flip(calls.get(host));
    yield* Effect.flip(calls.get(host));
    strictEqual(arrivals.length, 6);
    const refused = yield* Effect.flip(calls.get(host));
    strictEqual(refused._tag, "CircuitBreakerError");
    strictEqual(arrivals.length, 6);
  }).pipe(Effect.provide(CircuitBreaker.layerStoreMemory())),
);

Deno.test("make() and layer() refuse bad options, by name", () => {
  const { client } = upstream(good);
  for (
    const [options, message] of [
      [{ maxBytes: 0 }, /"maxBytes" must be a whole number, at least 1, was 0/],
      [
        { maxRedirects: -1 },
        /"maxRedirects" must be a whole number, at least 0, was -1/,
      ],
      [{ maxPause: -1 }, /"maxPause" must be a duration/],
      [{ maxUnread: Infinity }, /"maxUnread" must be a duration/],
    ] as const
  ) {
    throws(() => LimitedHttpClient.make(client, options), message);
    throws(() => LimitedHttpClient.layer(options), message);
  }
});
