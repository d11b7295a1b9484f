/**
 * Turns, pauses and repetitions of a limited client.
 *
 * @module
 */
import { KeyedLimiter, Quota } from "@weir/weir";
import { LimitedHttpClient } from "@weir/weir/http";
import { testEffect, testProperty } from "@weir/weir/testing";
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as HttpBody from "effect/http/HttpBody";
import * as HttpClient from "effect/http/HttpClient";
import type * as HttpClientError from "effect/http/HttpClientError";
import * as HttpClientRequest from "effect/http/HttpClientRequest";
import * as Layer from "effect/Layer";
import * as CircuitBreaker from "effect/persistence/CircuitBreaker";
import * as Schedule from "effect/Schedule";
import * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { inOrder, limited, perHost, pieces, upstream } from "./upstream.ts";

const host = "http://a.test/";
const status = (status: number, headers?: HeadersInit) => () =>
  new Response("", headers === undefined ? { status } : { status, headers });
const good = () => new Response("good");
const lost = () => undefined;
const never = { retry: Schedule.recurs(0) };
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
  "Retry-After pauses the host for those already in the queue, too",
  Effect.gen(function* () {
    const { arrivals, client } = upstream(
      inOrder(good, status(429, { "retry-after": "30" }), good),
    );
    const calls = yield* limited(
      client,
      never,
      perHost(Quota.slidingWindow({ limit: 1, window: "1 second" })),
    );
    const fiber = yield* Effect.forkChild(
      Effect.replicateEffect(calls.get(host), 4, { concurrency: 4 }),
    );
    yield* TestClock.adjust("5 seconds");
    yield* calls.get("http://b.test/");
    yield* TestClock.adjust("1 minute");
    deepStrictEqual(
      (yield* Fiber.join(fiber)).map(({ status }) => status),
      [200, 429, 200, 200],
    );
    deepStrictEqual(
      arrivals.map(({ at, url }) => [at, url]),
      [
        [0, host],
        [1000, host],
        [5000, "http://b.test/"],
        [31_000, host],
        [32_000, host],
      ],
    );
  }),
);

testEffect(
  "a RateLimit that is used up pauses the host",
  Effect.gen(function* () {
    const { arrivals, client } = upstream(
      inOrder(status(200, { ratelimit: '"default";r=0;t=10' }), good),
    );
    const calls = yield* limited(client);
    yield* calls.get(host);
    const next = yield* Effect.forkChild(calls.get(host));
    yield* TestClock.adjust("9999 millis");
    strictEqual(arrivals.length, 1);
    yield* TestClock.adjust("1 millis");
    yield* Fiber.join(next);
  }),
);

testEffect(
  "no pause is longer than maxPause, and what asks for more is not tried again",
  Effect.gen(function* () {
    const { arrivals, client } = upstream(
      inOrder(status(503, { "retry-after": "31536000" }), good),
    );
    const calls = yield* limited(client, { maxPause: "1 minute" });
    strictEqual((yield* calls.get(host)).status, 503);
    const next = yield* Effect.forkChild(calls.get(host));
    yield* TestClock.adjust("59 seconds");
    strictEqual(arrivals.length, 1);
    yield* TestClock.adjust("1 seconds");
    strictEqual((yield* Fiber.join(next)).status, 200);
  }),
);

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

testProperty(
  "no request to a host starts before its pause is over",
  FastCheck.array(
    FastCheck.record({
      at: FastCheck.integer({ min: 0, max: 5000 }),
      host: FastCheck.constantFrom("a.test", "b.test"),
      takes: FastCheck.integer({ min: 0, max: 500 }),
      pause: FastCheck.option(FastCheck.integer({ min: 0, max: 5 })),
      by: FastCheck.constantFrom("retry-after", "ratelimit"),
    }),
    { minLength: 1, maxLength: 20 },
  ),
  (script) =>
    Effect.gen(function* () {
      const pausedUntil = new Map<string, number>();
      const early: Array<unknown> = [];
      let next = 0;
      const { arrivals, client } = upstream(({ at, url }) => {
        const { by, pause, takes } = script[next++ % script.length]!;
        const { host } = new URL(url);
        // The test clock's times are fractions, which add up to a little less.
        if (at + 1e-6 < (pausedUntil.get(host) ?? 0)) early.push({ at, host });
        return Effect.gen(function* () {
          yield* Effect.sleep(takes);
          const now = yield* Clock.currentTimeMillis;
          if (pause === null) return new Response("");
          const until = Math.max(
            pausedUntil.get(host) ?? 0,
            now + pause * 1000,
          );
          pausedUntil.set(host, until);
          return by === "retry-after"
            ? new Response("", {
              status: 503,
              headers: { [by]: String(pause) },
            })
            : new Response("", { headers: { [by]: `"a";r=0;t=${pause}` } });
        });
      });
      const calls = yield* limited(
        client,
        {},
        perHost(Quota.unlimited, { concurrency: 2 }),
      );
      const fiber = yield* Effect.forkChild(
        Effect.forEach(
          script,
          ({ at, host }) => Effect.delay(calls.get(`http://${host}/`), at),
          {
            concurrency: "unbounded",
          },
        ),
      );
      yield* TestClock.adjust("30 minutes");
      yield* Fiber.join(fiber);
      ok(arrivals.length >= script.length);
      deepStrictEqual(early, []);
    }),
  { numRuns: 60 },
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
