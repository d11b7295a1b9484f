import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
import { RateLimit } from "@weir/weir/http";
import { testEffect } from "@weir/weir/testing";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as HttpRouter from "effect/http/HttpRouter";
import { HttpServerRequest } from "effect/http/HttpServerRequest";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as Layer from "effect/Layer";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { parseList } from "structured-headers";
import { Routes as example } from "../../examples/10_http_per_client.ts";
import { fetched, served } from "../support/served.ts";

const bucket = Quota.tokenBucket({ rate: 10, per: "1 second", burst: 20 });
const one = Quota.slidingWindow({ limit: 1, window: "1 minute", name: "one" });

const Routes = Layer.mergeAll(
  HttpRouter.add("GET", "/", HttpServerResponse.text("hello")),
  HttpRouter.add(
    "POST",
    "/",
    Effect.flatMap(
      Effect.flatMap(HttpServerRequest, ({ json }) => json),
      (body) => HttpServerResponse.json(body),
    ),
  ),
);

/** The routes under a limit, on a real server; time is the test's. */
const limited = (quota: Quota.Quota, options?: RateLimit.Options) =>
  served(
    Layer.merge(Routes, RateLimit.layer(options)).pipe(
      Layer.provide(KeyedLimiter.layer(quota)),
      Layer.provide(LimiterStore.layerMemory()),
    ),
    { maxBytes: 10 },
  );

const get = (url: string, headers: HeadersInit = {}) =>
  fetched(url, { headers });

testEffect(
  "RateLimit.layer() admits of 200 parallel requests exactly what the bound allows",
  Effect.gen(function* () {
    const { url } = yield* limited(bucket);
    const admitted = Effect.map(
      Effect.replicateEffect(get(url), 200, { concurrency: 50 }),
      (answers) => answers.filter(({ status }) => status === 200).length,
    );
    strictEqual(yield* admitted, 20);
    yield* TestClock.adjust("1 second");
    strictEqual(yield* admitted, 10);
    yield* TestClock.adjust("1 hour");
    strictEqual(yield* admitted, 20);
  }),
);

testEffect(
  "RateLimit.layer() says on a socket what holds: the next request passes when Retry-After says, and not a second before",
  Effect.gen(function* () {
    const { url } = yield* limited(one);
    strictEqual((yield* get(url)).headers.get("ratelimit"), '"one";r=0;t=60');
    yield* TestClock.adjust("10 seconds");
    const { headers, status, text } = yield* get(url);
    strictEqual(status, 429);
    strictEqual(headers.get("retry-after"), "50");
    strictEqual(headers.get("content-type"), "application/problem+json");
    match(JSON.parse(text).type, /#quota-exceeded$/);
    const [item] = parseList(headers.get("ratelimit") ?? "");
    deepStrictEqual(item, ["one", new Map([["r", 0], ["t", 50]])]);
    const [policy] = parseList(headers.get("ratelimit-policy") ?? "");
    deepStrictEqual(policy, ["one", new Map([["q", 1], ["w", 60]])]);
    yield* TestClock.adjust("49 seconds");
    strictEqual((yield* get(url)).status, 429);
    yield* TestClock.adjust("1 second");
    strictEqual((yield* get(url)).status, 200);
  }),
);

testEffect(
  "RateLimit.layer() keeps two clients apart behind a trusted proxy, and lets neither pose as another",
  Effect.gen(function* () {
    const { url } = yield* limited(one, {
      key: RateLimit.byAddress({ trust: ["127.0.0.0/8"] }),
    });
    const from = (address: string) =>
      Effect.map(
        get(url, { "x-forwarded-for": address }),
        ({ status }) => status,
      );
    strictEqual(yield* from("192.0.2.1"), 200);
    strictEqual(yield* from("192.0.2.1"), 429);
    strictEqual(yield* from("198.51.100.7, 192.0.2.1"), 429);
    strictEqual(yield* from("192.0.2.2"), 200);
    strictEqual(yield* from("2001:db8::1"), 200);
    strictEqual(yield* from("2001:db8::ffff"), 429);
    strictEqual(yield* from("2001:db8:0:1::1"), 200);
  }),
);

testEffect(
  "RateLimit.layer() gives nothing for forged forwarding headers where nobody is trusted",
  Effect.gen(function* () {
    const { url } = yield* limited(one);
    strictEqual((yield* get(url)).status, 200);
    for (const name of ["x-forwarded-for", "forwarded", "x-real-ip"]) {
      for (const value of ["192.0.2.1", "for=192.0.2.1", "127.0.0.2"]) {
        strictEqual((yield* get(url, { [name]: value })).status, 429);
      }
    }
  }),
);

testEffect(
  "RateLimit.layer() puts its fields on errors of the body and on what is no route",
  Effect.gen(function* () {
    const { url } = yield* limited(bucket);
    const post = (body: string) => fetched(url, { method: "POST", body });
    const answers = [
      yield* post("{}"),
      yield* post("{"),
      yield* post("x".repeat(11)),
      yield* get(`${url}/none`),
    ];
    deepStrictEqual(
      answers.map(({ status }) => status),
      [200, 400, 413, 404],
    );
    for (const [n, { headers, status, text }] of answers.entries()) {
      const [item] = parseList(headers.get("ratelimit") ?? "");
      strictEqual(item?.[1].get("r"), 19 - n);
      if (status !== 200) strictEqual(JSON.parse(text).status, status);
    }
  }),
);

testEffect(
  "RateLimit.layer() gives the place of a client that leaves the queue to the next",
  Effect.gen(function* () {
    const { url } = yield* limited(one, { maxWait: "2 minutes" });
    yield* get(url);
    const leaver = yield* Effect.forkChild(get(url));
    yield* Effect.promise(() => new Promise((done) => setTimeout(done, 50)));
    const stayer = yield* Effect.forkChild(get(url));
    yield* Effect.promise(() => new Promise((done) => setTimeout(done, 50)));
    yield* Fiber.interrupt(leaver);
    yield* Effect.promise(() => new Promise((done) => setTimeout(done, 50)));
    yield* TestClock.adjust("1 minute");
    strictEqual((yield* Fiber.join(stayer)).status, 200);
  }),
);

testEffect(
  "10 limits each client, and the report on top of it",
  Effect.gen(function* () {
    const { url } = yield* served(example);
    const hello = yield* Effect.replicateEffect(get(`${url}/hello`), 25);
    deepStrictEqual(
      hello.map(({ status }) => status),
      [...new Array(20).fill(200), ...new Array(5).fill(429)],
    );
    yield* TestClock.adjust("10 seconds");
    const answered = yield* Deferred.make<void>();
    const reports = yield* Effect.forkChild(
      Effect.ensuring(
        Effect.replicateEffect(get(`${url}/report`), 3),
        Deferred.succeed(answered, undefined),
      ),
    );
    while (!(yield* Deferred.isDone(answered))) {
      yield* Effect.promise(() => new Promise((done) => setTimeout(done, 10)));
      yield* TestClock.adjust("500 millis");
    }
    const [first, , third] = yield* Fiber.join(reports);
    strictEqual(first?.text, '{"rows":1000}');
    ok(first.headers.get("ratelimit")?.includes('"2 per 1 minute, fixed";r=1'));
    strictEqual(third?.status, 429);
  }),
);
