import { Quota } from "@weir/weir";
import { RateLimit } from "@weir/weir/http";
import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as Layer from "effect/Layer";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { itemsOf, route, serve } from "../support/http.ts";
import {
  bucket,
  limited,
  limiter,
  passed,
  statuses,
} from "../support/limits_http.ts";

testEffect(
  "RateLimit.layer() admits of 200 requests at once what the bound allows, and what flows in later",
  Effect.gen(function* () {
    const send = yield* limited(bucket);
    strictEqual(yield* passed(send, 200), 20);
    yield* TestClock.adjust("1 second");
    strictEqual(yield* passed(send, 200), 10);
    yield* TestClock.adjust("10 seconds");
    strictEqual(yield* passed(send, 200), 20);
  }),
);

testEffect(
  "RateLimit.layer() keeps two clients apart",
  Effect.gen(function* () {
    const send = yield* limited(bucket);
    strictEqual(yield* passed(send, 30, { address: "192.0.2.1" }), 20);
    strictEqual(yield* passed(send, 30, { address: "192.0.2.2" }), 20);
  }),
);

testEffect(
  "RateLimit.layer() denies what is over the limit with a problem and Retry-After",
  Effect.gen(function* () {
    const send = yield* limited(
      Quota.tokenBucket({ rate: 1, per: "3 seconds", burst: 2, name: "free" }),
    );
    yield* statuses(send, 2);
    const response = yield* send();
    strictEqual(response.status, 429);
    strictEqual(response.headers.get("retry-after"), "3");
    strictEqual(
      response.headers.get("content-type"),
      "application/problem+json",
    );
    deepStrictEqual(yield* Effect.promise(() => response.json()), {
      type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
      title: "Quota Exceeded",
      status: 429,
      detail: 'Over the limit "free": try again in 3 s',
      "violated-policies": ["free"],
      retryAfter: 3000,
    });
    const head = yield* send({ method: "HEAD" });
    strictEqual(head.status, 429);
    strictEqual(head.headers.get("retry-after"), "3");
    strictEqual(yield* Effect.promise(() => head.text()), "");
  }),
);

testEffect(
  "RateLimit.layer() tells every response of its limit: failures, defects, and routes that are none",
  Effect.gen(function* () {
    const send = yield* limited(
      bucket,
      undefined,
      Layer.mergeAll(
        HttpRouter.add("GET", "/fails", Effect.die(new Error("broken"))),
        HttpRouter.add(
          "GET",
          "/gone",
          Effect.succeed(HttpServerResponse.empty({ status: 410 })),
        ),
      ),
    );
    const seen: Array<unknown> = [];
    for (const path of ["/fails", "/gone", "/nothing"]) {
      const response = yield* send({ path });
      seen.push([response.status, response.headers.get("ratelimit")]);
      strictEqual(response.headers.get("ratelimit-policy"), '"free";q=20;w=2');
    }
    deepStrictEqual(seen, [
      [500, '"free";r=19;t=1'],
      [410, '"free";r=18;t=1'],
      [404, '"free";r=17;t=1'],
    ]);
  }),
);

testEffect(
  "RateLimit.layer() leaves alone whom the key leaves out, and an unlimited quota untold",
  Effect.gen(function* () {
    const send = yield* limited(
      Quota.fixedWindow({ limit: 1, window: "1 minute" }),
      { key: ({ method }) => method === "OPTIONS" ? undefined : "all" },
      HttpRouter.add("*", "/", HttpServerResponse.empty()),
    );
    const preflight = yield* send({ method: "OPTIONS" });
    strictEqual(preflight.headers.get("ratelimit"), null);
    deepStrictEqual(yield* statuses(send, 2), [204, 429]);
    const free = yield* limited(Quota.unlimited);
    const response = yield* free();
    strictEqual(response.headers.get("ratelimit"), null);
    strictEqual(response.headers.get("ratelimit-policy"), null);
  }),
);

testEffect(
  "RateLimit.layer() charges what cost says, and refuses for ever what no wait satisfies",
  Effect.gen(function* () {
    const cost = ({ header }: RateLimit.Incoming) => Number(header("X-Cost"));
    for (const maxWait of [undefined, "1 hour"] as const) {
      const send = yield* limited(bucket, { cost, maxWait });
      const ten = yield* send({ headers: { "x-cost": "10.5" } });
      strictEqual(ten.headers.get("ratelimit"), '"free";r=9;t=2');
      const tooMuch = yield* send({ headers: { "x-cost": "21" } });
      strictEqual(tooMuch.status, 429);
      strictEqual(tooMuch.headers.get("retry-after"), null);
      strictEqual(tooMuch.headers.get("ratelimit"), '"free";r=9;t=2');
      const { detail } = yield* Effect.promise(() => tooMuch.json());
      strictEqual(
        detail,
        'Over the limit "free": no wait makes room for this request',
      );
    }
  }),
);

testEffect(
  "RateLimit.layer() and middleware() list each limit, and Retry-After is the longest",
  Effect.gen(function* () {
    const report = route("/report").pipe(
      Layer.provide(RateLimit.middleware().layer),
      Layer.provide(limiter(Quota.fixedWindow({
        limit: 2,
        window: "1 minute",
        name: "reports",
      }))),
    );
    const send = yield* serve(
      Layer.mergeAll(report, route("/"), RateLimit.layer()).pipe(
        Layer.provide(limiter(bucket)),
      ),
    );
    const response = yield* send({ path: "/report" });
    deepStrictEqual(itemsOf(response, "ratelimit-policy"), [
      { name: "free", q: 20, w: 2 },
      { name: "reports", q: 2, w: 60 },
    ]);
    yield* send({ path: "/report" });
    const refused = yield* send({ path: "/report" });
    strictEqual(refused.status, 429);
    strictEqual(refused.headers.get("retry-after"), "60");
    deepStrictEqual(itemsOf(refused, "ratelimit"), [
      { name: "free", r: 17, t: 1 },
      { name: "reports", r: 0, t: 60 },
    ]);
    const other = yield* send();
    strictEqual(other.status, 200);
    deepStrictEqual(itemsOf(other, "ratelimit"), [
      { name: "free", r: 16, t: 1 },
    ]);
  }),
);

testEffect(
  "RateLimit.middleware() tells of two limits by one name the one that leaves less",
  Effect.gen(function* () {
    const window = (limit: number) =>
      Quota.fixedWindow({ limit, window: "1 minute", name: 'a, "b"' });
    for (const [outer, inner, left, quota] of [[7, 5, 3, 5], [5, 9, 1, 5]]) {
      const routes = route("/").pipe(
        Layer.provide(RateLimit.middleware().layer),
        Layer.provide(limiter(window(inner!))),
      );
      const send = yield* serve(
        Layer.mergeAll(routes, RateLimit.layer({ cost: 4 })).pipe(
          Layer.provide(limiter(window(outer!))),
        ),
      );
      const first = yield* send();
      deepStrictEqual(itemsOf(first, "ratelimit"), [
        { name: 'a, "b"', r: left, t: 60 },
      ]);
      deepStrictEqual(itemsOf(first, "ratelimit-policy"), [
        { name: 'a, "b"', q: quota, w: 60 },
      ]);
    }
  }),
);

testEffect(
  "RateLimit.layer({ maxWait }) lets requests wait for their turn, and refuses those who would wait longer",
  Effect.gen(function* () {
    const send = yield* limited(
      Quota.tokenBucket({ rate: 1, per: "1 second", burst: 1, name: "one" }),
      { maxWait: "2 seconds" },
    );
    const fiber = yield* Effect.forkChild(statuses(send, 5));
    yield* TestClock.adjust("999 millis");
    strictEqual(fiber.pollUnsafe(), undefined);
    yield* TestClock.adjust("1001 millis");
    deepStrictEqual(yield* Fiber.join(fiber), [200, 200, 200, 429, 429]);
    const late = yield* Effect.forkChild(Effect.all([send(), send(), send()], {
      concurrency: 3,
    }));
    yield* TestClock.adjust("3 seconds");
    const [, , refused] = yield* Fiber.join(late);
    strictEqual(refused.status, 429);
    strictEqual(refused.headers.get("retry-after"), "3");
    strictEqual(refused.headers.get("ratelimit"), '"one";r=0;t=3');
  }),
);

testEffect(
  "RateLimit.layer({ maxWait }) frees the place of a request whose client leaves",
  Effect.gen(function* () {
    const send = yield* limited(
      Quota.tokenBucket({ rate: 1, per: "1 second", burst: 1 }),
      { maxWait: "1 hour" },
    );
    yield* send();
    const leaver = yield* Effect.forkChild(send());
    yield* TestClock.adjust("10 millis");
    const next = yield* Effect.forkChild(send());
    yield* TestClock.adjust("10 millis");
    leaver.interruptUnsafe();
    yield* TestClock.adjust("980 millis");
    const exit = next.pollUnsafe();
    ok(exit?._tag === "Success");
    strictEqual(exit.value.status, 200);
  }),
);

testEffect(
  "RateLimit.layer({ legacyHeaders }) sends X-RateLimit-*, of the limit that leaves least",
  Effect.gen(function* () {
    yield* TestClock.setTime(Date.UTC(2026, 0, 1));
    const small = Quota.slidingWindow({ limit: 5, window: "90 seconds" });
    for (const [outer, inner] of [[bucket, small], [small, bucket]] as const) {
      const routes = route("/").pipe(
        Layer.provide(RateLimit.middleware({ legacyHeaders: true }).layer),
        Layer.provide(limiter(inner)),
      );
      const send = yield* serve(
        Layer.mergeAll(routes, RateLimit.layer({ legacyHeaders: true })).pipe(
          Layer.provide(limiter(outer)),
        ),
      );
      const { headers } = yield* send();
      strictEqual(headers.get("x-ratelimit-limit"), "5");
      strictEqual(headers.get("x-ratelimit-remaining"), "4");
      strictEqual(
        headers.get("x-ratelimit-reset"),
        String(Date.UTC(2026, 0, 1) / 1000 + 90),
      );
    }
    const plain = yield* limited(bucket);
    strictEqual((yield* plain()).headers.get("x-ratelimit-limit"), null);
  }),
);

testEffect(
  "RateLimit.layer() tells a key its own plan, and shortens long keys without joining them",
  Effect.gen(function* () {
    const paid = Quota.slidingWindow({
      limit: 100,
      window: "1 hour",
      name: "paid",
    });
    const seen: Array<string> = [];
    const send = yield* limited(
      (key) => {
        seen.push(key);
        return key.startsWith("paid") ? paid : bucket;
      },
      { key: ({ header }) => header("x-key") },
    );
    const long = "paid".padEnd(5000, "x");
    for (const key of ["anna", `${long}1`, `${long}2`]) {
      const response = yield* send({ headers: { "x-key": key } });
      deepStrictEqual(
        itemsOf(response, "ratelimit-policy"),
        key === "anna"
          ? [{ name: "free", q: 20, w: 2 }]
          : [{ name: "paid", q: 100, w: 3600 }],
      );
      if (key !== "anna") {
        strictEqual(itemsOf(response, "ratelimit")[0]?.r, 99);
      }
    }
    ok(seen.every(({ length }) => length <= 128));
  }),
);

Deno.test("RateLimit refuses bad options at once, by name", () => {
  const { byAddress, handler, layer, middleware } = RateLimit;
  const hello = () => new Response();
  const refusals: ReadonlyArray<readonly [RegExp, () => unknown]> = [
    [/"cost".*-1/, () => layer({ cost: -1 })],
    [/"cost".*NaN/, () => middleware({ cost: NaN })],
    [/"maxWait".*-5/, () => layer({ maxWait: -5 })],
    [/"trust".*-1/, () => byAddress({ trust: -1 })],
    [/"trust".*1\.5/, () => byAddress({ trust: 1.5 })],
    [/"trust".*nonsense/, () => byAddress({ trust: ["nonsense"] })],
    [/"trust".*"?0\.0\.0\.0\/0/, () => byAddress({ trust: ["0.0.0.0/0"] })],
    [/"trust".*10\.0\.0\.1\/8/, () => byAddress({ trust: ["10.0.0.1/8"] })],
    [/"ipv6Prefix".*129/, () => byAddress({ ipv6Prefix: 129 })],
    [/"ipv6Prefix".*0/, () => byAddress({ ipv6Prefix: 0 })],
    [/"header".*via/, () => byAddress({ header: "via" as "forwarded" })],
    [/"maxKeys".*0/, () => handler(hello, { quota: bucket, maxKeys: 0 })],
    [/"cost".*0/, () => handler(hello, { quota: bucket, cost: 0 })],
  ];
  for (const [message, make] of refusals) {
    throws(
      make,
      (error) => error instanceof RangeError && message.test(error.message),
    );
  }
});
