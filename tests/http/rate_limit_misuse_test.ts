import { RateLimit } from "@weir/weir/http";
import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as HttpMiddleware from "effect/http/HttpMiddleware";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as Layer from "effect/Layer";
import * as IpNetwork from "effect/net/IpNetwork";
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { type Asked, collecting, route, serve } from "../support/http.ts";
import { bucket, limited, limiter } from "../support/limits_http.ts";

/** What is warned of while these requests are answered. */
function warningsOf(
  options: RateLimit.Options,
  asked: ReadonlyArray<Asked>,
) {
  return Effect.gen(function* () {
    const warnings: Array<string> = [];
    const send = yield* limited(bucket, options);
    yield* Effect.forEach(asked, send).pipe(
      Effect.provide(collecting(warnings)),
    );
    return warnings;
  });
}

const forwarding = [
  { headers: { "x-forwarded-for": "192.0.2.9" } },
  { headers: { "X-Forwarded-For": "192.0.2.8" } },
];

testEffect(
  "RateLimit.layer() warns once of a forwarding header that nobody is trusted with",
  Effect.gen(function* () {
    const [warning, ...more] = yield* warningsOf({}, forwarding);
    match(warning!, /"x-forwarded-for", but nobody is trusted/);
    deepStrictEqual(more, []);
    const forwarded = [{ headers: { forwarded: "for=192.0.2.9" } }];
    match(
      (yield* warningsOf({}, forwarded)).join(),
      /"forwarded", but nobody is trusted/,
    );
  }),
);

testEffect(
  "RateLimit.layer() warns of a forwarding header that comes late",
  Effect.gen(function* () {
    const checks = Array.from({ length: 150 }, () => ({}));
    const later = Array.from({ length: 100 }, () => forwarding).flat();
    const warnings = yield* warningsOf({}, [...checks, ...later]);
    strictEqual(warnings.length, 1);
  }),
);

testEffect(
  "RateLimit.layer() is silent where somebody is trusted, or the key is another, or no header comes",
  Effect.gen(function* () {
    const key = RateLimit.byAddress({ trust: 1 });
    deepStrictEqual(yield* warningsOf({ key }, forwarding), []);
    deepStrictEqual(yield* warningsOf({ key: () => "all" }, forwarding), []);
    deepStrictEqual(yield* warningsOf({}, [{}, {}]), []);
    const both = [{
      headers: { "x-forwarded-for": "1.1.1.1", forwarded: "for=1.1.1.1" },
    }];
    deepStrictEqual(yield* warningsOf({ key }, both), []);
  }),
);

testEffect(
  "RateLimit.layer() is silent where Effect's own middleware saw to the proxies, and limits by what that found",
  Effect.gen(function* () {
    const warnings: Array<string> = [];
    const proxies = HttpRouter.middleware(
      HttpMiddleware.xForwardedHeaders({
        trustedProxies: [IpNetwork.fromStringUnsafe("192.0.2.0/24")],
      }),
      { global: true },
    );
    const seen: Array<string> = [];
    const send = yield* serve(
      Layer.mergeAll(proxies, RateLimit.layer()).pipe(
        Layer.merge(route("/")),
        Layer.provide(limiter((key) => {
          seen.push(key);
          return bucket;
        })),
      ),
    );
    yield* send({ headers: { "x-forwarded-for": "203.0.113.5" } }).pipe(
      Effect.provide(collecting(warnings)),
    );
    deepStrictEqual(warnings, []);
    deepStrictEqual([...new Set(seen)], ["203.0.113.5"]);
  }),
);

testEffect(
  "RateLimit.layer() warns once where the proxies write the header that is not read",
  Effect.gen(function* () {
    const key = RateLimit.byAddress({ trust: 1 });
    const asked = { headers: { forwarded: "for=192.0.2.9" } };
    const [warning, ...more] = yield* warningsOf({ key }, [asked, asked]);
    match(warning!, /byAddress\(\{ header: "forwarded" \}\)/);
    deepStrictEqual(more, []);
  }),
);

testEffect(
  "RateLimit.layer() warns once of requests without an address",
  Effect.gen(function* () {
    const asked = { address: null };
    const [warning, ...more] = yield* warningsOf({}, [asked, asked]);
    match(warning!, /without an address/);
    deepStrictEqual(more, []);
  }),
);

testEffect(
  "RateLimit.middleware() warns once of requests that the same limiter charges twice, and of no others",
  Effect.gen(function* () {
    const warnings: Array<string> = [];
    const other = limiter(bucket, { name: "other" });
    const twice = route("/twice").pipe(
      Layer.provide(RateLimit.middleware().layer),
    );
    const otherKey = route("/key").pipe(
      Layer.provide(RateLimit.middleware({ key: () => "all" }).layer),
    );
    const otherLimiter = route("/limiter").pipe(
      Layer.provide(RateLimit.middleware().layer),
      Layer.provide(other),
    );
    const send = yield* serve(
      Layer.mergeAll(twice, otherKey, otherLimiter, RateLimit.layer()).pipe(
        Layer.provide(limiter(bucket)),
      ),
    );
    const ask = (path: string) =>
      send({ path }).pipe(Effect.provide(collecting(warnings)));
    yield* ask("/key");
    yield* ask("/limiter");
    yield* ask("/limiter");
    deepStrictEqual(warnings, []);
    yield* ask("/twice");
    yield* ask("/twice");
    strictEqual(warnings.length, 1);
    match(warnings[0]!, /charged twice/);
  }),
);

testEffect(
  "RateLimit.check() warns once of limiters that are made for one request each",
  Effect.gen(function* () {
    const warnings: Array<string> = [];
    const check = Effect.as(
      RateLimit.check("anna"),
      HttpServerResponse.text("found"),
    );
    const send = yield* serve(
      Layer.mergeAll(
        HttpRouter.add("GET", "/", Effect.provide(check, limiter(bucket))),
        Layer.provideMerge(
          HttpRouter.add("GET", "/well", check),
          limiter(bucket),
        ),
      ),
    );
    const ask = (path: string, count: number) =>
      Effect.forEach(Array.from({ length: count }), () => send({ path })).pipe(
        Effect.provide(collecting(warnings)),
      );
    yield* ask("/well", 300);
    yield* ask("/", 50);
    yield* ask("/well", 2);
    yield* ask("/", 99);
    deepStrictEqual(warnings, []);
    yield* ask("/", 200);
    strictEqual(warnings.length, 1);
    match(warnings[0]!, /limiter of its own/);
  }),
);

/** What a handler writes to the console meanwhile. */
async function consoleOf(run: () => Promise<void>): Promise<Array<string>> {
  const warnings: Array<string> = [];
  const { warn } = console;
  // deno-lint-ignore no-console
  console.warn = (message: string) => void warnings.push(message);
  try {
    await run();
  } finally {
    // deno-lint-ignore no-console
    console.warn = warn;
  }
  return warnings;
}

const hello = () => new Response("hello");
const info = { remoteAddr: { hostname: "192.0.2.1" } };
const ask = async (
  handler: ReturnType<typeof RateLimit.handler>,
  headers: Record<string, string> = {},
) => void await handler(new Request("http://localhost/", { headers }), info);

Deno.test("RateLimit.handler() warns on the console, once", async () => {
  const warnings = await consoleOf(async () => {
    const handler = RateLimit.handler(hello, { quota: bucket });
    for (const { headers } of forwarding) await ask(handler, { ...headers });
  });
  strictEqual(warnings.length, 1);
  match(warnings[0]!, /nobody is trusted/);
});

Deno.test("RateLimit.handler() warns of handlers that are made for one request each, and of no others", async () => {
  const fresh = () => RateLimit.handler(hello, { quota: bucket });
  const warnings = await consoleOf(async () => {
    const atStart = Array.from({ length: 300 }, fresh);
    for (const handler of atStart) await ask(handler);
    for (const handler of atStart) await ask(handler);
    for (let n = 0; n < 500; n++) {
      const later = fresh();
      await ask(later);
      if (n % 50 === 0) await ask(later);
    }
  });
  deepStrictEqual(warnings, []);
  const told = await consoleOf(async () => {
    for (let n = 0; n < 300; n++) await ask(fresh());
  });
  strictEqual(told.length, 1);
  match(told[0]!, /limiter of its own/);
});
