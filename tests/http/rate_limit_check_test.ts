import { Quota } from "@weir/weir";
import { RateLimit } from "@weir/weir/http";
import { testEffect } from "@weir/weir/testing";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as HttpApi from "effect/http-api/HttpApi";
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder";
import * as HttpApiClient from "effect/http-api/HttpApiClient";
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint";
import * as HttpApiGroup from "effect/http-api/HttpApiGroup";
import * as HttpClient from "effect/http/HttpClient";
import * as HttpClientResponse from "effect/http/HttpClientResponse";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServer from "effect/http/HttpServer";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as Layer from "effect/Layer";
import * as Schema from "effect/Schema";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { itemsOf, route, serve } from "../support/http.ts";
import { bucket, limiter, statuses } from "../support/limits_http.ts";

const twice = Quota.tokenBucket({
  rate: 1,
  per: "1500 millis",
  burst: 2,
  name: "searches",
});

/** A route that checks before it answers. */
function checking(options?: RateLimit.CheckOptions) {
  return HttpRouter.add(
    "GET",
    "/",
    Effect.as(
      RateLimit.check("anna", options),
      HttpServerResponse.text("found"),
    ),
  );
}

testEffect(
  "RateLimit.check() charges in a handler, tells of it, and fails with a 429",
  Effect.gen(function* () {
    const send = yield* serve(Layer.provideMerge(checking(), limiter(twice)));
    const first = yield* send();
    strictEqual(first.status, 200);
    strictEqual(first.headers.get("ratelimit"), '"searches";r=1;t=2');
    yield* send();
    const refused = yield* send();
    strictEqual(refused.status, 429);
    strictEqual(refused.headers.get("ratelimit"), '"searches";r=0;t=2');
    strictEqual(refused.headers.get("ratelimit-policy"), '"searches";q=2;w=3');
    strictEqual(refused.headers.get("retry-after"), "2");
    strictEqual(
      refused.headers.get("content-type"),
      "application/problem+json",
    );
    const problem = yield* Effect.promise(() => refused.json());
    strictEqual(problem.status, 429);
    deepStrictEqual(problem["violated-policies"], ["searches"]);
  }),
);

testEffect(
  "RateLimit.check() counts together with RateLimit.layer(), and a caught refusal is told too",
  Effect.gen(function* () {
    const caught = HttpRouter.add(
      "GET",
      "/",
      RateLimit.check("anna").pipe(
        Effect.as(HttpServerResponse.text("found")),
        Effect.catchTag(
          "TooManyRequests",
          ({ tier }) =>
            Effect.succeed(HttpServerResponse.text(`old, for ${tier}`)),
        ),
      ),
    );
    const Searches = limiter(twice);
    const send = yield* serve(
      Layer.mergeAll(
        Layer.provideMerge(caught, Searches),
        RateLimit.layer().pipe(Layer.provide(limiter(bucket))),
      ),
    );
    yield* statuses(send, 2);
    const response = yield* send();
    strictEqual(response.status, 200);
    strictEqual(response.headers.get("retry-after"), null);
    deepStrictEqual(itemsOf(response, "ratelimit"), [
      { name: "free", r: 17, t: 1 },
      { name: "searches", r: 0, t: 2 },
    ]);
    strictEqual(
      yield* Effect.promise(() => response.text()),
      "old, for searches",
    );
  }),
);

testEffect(
  "RateLimit.check() that refuses twice tells of the longer wait",
  Effect.gen(function* () {
    const routes = HttpRouter.add(
      "GET",
      "/",
      RateLimit.check("anna", { cost: 2 }).pipe(
        Effect.catch(() => RateLimit.check("anna")),
        Effect.as(HttpServerResponse.text("found")),
      ),
    );
    const send = yield* serve(Layer.provideMerge(routes, limiter(twice)));
    yield* send();
    const refused = yield* send();
    strictEqual(refused.headers.get("retry-after"), "3");
    strictEqual(refused.headers.get("ratelimit"), '"searches";r=0;t=3');
  }),
);

testEffect(
  "RateLimit.check({ maxWait }) waits in the handler, and gives the place up when the client leaves",
  Effect.gen(function* () {
    const send = yield* serve(
      Layer.provideMerge(
        checking({ cost: 2, maxWait: "1 minute" }),
        limiter(twice),
      ),
    );
    yield* send();
    const leaver = yield* Effect.forkChild(send());
    yield* TestClock.adjust("1 second");
    const next = yield* Effect.forkChild(send());
    yield* TestClock.adjust("1 second");
    leaver.interruptUnsafe();
    yield* TestClock.adjust("1 second");
    const exit = next.pollUnsafe();
    ok(exit?._tag === "Success");
    strictEqual(exit.value.status, 200);
  }),
);

testEffect(
  "RateLimit.check() dies of a bad option, which is a 500",
  Effect.gen(function* () {
    for (const options of [{ cost: -1 }, { maxWait: -1 }]) {
      const send = yield* serve(
        Layer.provideMerge(checking(options), limiter(twice)),
      );
      strictEqual((yield* send()).status, 500);
    }
  }),
);

const Api = HttpApi.make("api").add(
  HttpApiGroup.make("searches").add(
    HttpApiEndpoint.get("search", "/search", {
      success: Schema.String,
      error: RateLimit.TooManyRequests,
    }),
    HttpApiEndpoint.get("plain", "/plain", { success: Schema.String }),
  ),
);

const Searches = HttpApiBuilder.group(Api, "searches", (handlers) =>
  handlers
    .handle("search", () => Effect.as(RateLimit.check("anna"), "found"))
    .handle("plain", () => Effect.succeed("plain")));

const ApiRoutes = HttpApiBuilder.layer(Api).pipe(
  Layer.provide(Searches),
  Layer.provide(HttpServer.layerServices),
);

testEffect(
  "RateLimit.check() in an HttpApi endpoint answers a problem, which the typed client decodes",
  Effect.gen(function* () {
    const send = yield* serve(ApiRoutes.pipe(Layer.provide(limiter(twice))));
    const seen: Array<Response> = [];
    const client = yield* HttpApiClient.makeWith(Api, {
      baseUrl: "http://localhost",
      httpClient: HttpClient.make((request, url) =>
        Effect.map(send({ path: url.pathname }), (response) => {
          seen.push(response.clone());
          return HttpClientResponse.fromWeb(request, response);
        })
      ),
    });
    strictEqual(yield* client.searches.search(), "found");
    yield* client.searches.search();
    const error = yield* Effect.flip(client.searches.search());
    ok(error instanceof RateLimit.TooManyRequests);
    strictEqual(error.tier, "searches");
    strictEqual(Duration.toMillis(error.retryAfter!), 1500);
    strictEqual(error.message, 'Over the limit "searches": try again in 2 s');
    const refused = seen.at(-1)!;
    strictEqual(refused.status, 429);
    strictEqual(refused.headers.get("retry-after"), "2");
    strictEqual(refused.headers.get("ratelimit"), '"searches";r=0;t=2');
    strictEqual(
      refused.headers.get("content-type"),
      "application/problem+json",
    );
  }),
);

testEffect(
  "RateLimit.layer() and middleware() limit an HttpApi",
  Effect.gen(function* () {
    const routes = ApiRoutes.pipe(Layer.provide(limiter(twice)));
    const global = yield* serve(
      Layer.mergeAll(routes, RateLimit.layer()).pipe(
        Layer.provide(limiter(twice)),
      ),
    );
    const path = "/plain";
    deepStrictEqual(yield* statuses(global, 3, { path }), [200, 200, 429]);
    const some = yield* serve(
      Layer.mergeAll(
        routes.pipe(
          Layer.provide(RateLimit.middleware().layer),
          Layer.provide(limiter(twice)),
        ),
        route("/other"),
      ),
    );
    deepStrictEqual(yield* statuses(some, 3, { path }), [200, 200, 429]);
    strictEqual((yield* some({ path })).headers.get("retry-after"), "2");
    const other = yield* some({ path: "/other" });
    strictEqual(other.status, 200);
    strictEqual(other.headers.get("ratelimit"), null);
  }),
);

testEffect(
  "TooManyRequests without a wait that helps survives the wire",
  Effect.gen(function* () {
    const error = new RateLimit.TooManyRequests({ "violated-policies": ["a"] });
    const codec = Schema.toCodecJson(RateLimit.TooManyRequests);
    const json = JSON.stringify(yield* Schema.encodeEffect(codec)(error));
    const back = yield* Schema.decodeUnknownEffect(codec)(JSON.parse(json));
    strictEqual(back.retryAfter, undefined);
    strictEqual(back.message, 'Over the limit "a"');
  }),
);
