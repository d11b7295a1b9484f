/**
 * A service that allows each client 10 requests a second with bursts of 20, and an expensive route 2 a minute.
 * Permissions: --allow-net=127.0.0.1:8000
 *
 *     curl -i localhost:8000/hello
 *     for n in $(seq 25); do curl -s -o /dev/null -w '%{http_code}\n' localhost:8000/hello; done
 *     curl -i localhost:8000/report
 *
 * Behind a proxy, `RateLimit.byAddress({ trust: 1 })` as the `key` believes what it forwards. Ctrl-C ends the service once all
 * requests are answered.
 *
 * @module
 */
import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
import { DenoHttpServer, DenoRuntime } from "@weir/weir/deno";
import { RateLimit } from "@weir/weir/http";
import * as Effect from "effect/Effect";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as Layer from "effect/Layer";

const PerClient = KeyedLimiter.layer(
  Quota.tokenBucket({ rate: 10, per: "1 second", burst: 20 }),
);

const PerClientReports = KeyedLimiter.layer(
  Quota.fixedWindow({ limit: 2, window: "1 minute" }),
  { name: "reports" },
);

const Hello = HttpRouter.add(
  "GET",
  "/hello",
  HttpServerResponse.text("hello\n"),
);

const Report = HttpRouter.add(
  "GET",
  "/report",
  Effect.as(
    Effect.sleep("1 second"),
    HttpServerResponse.jsonUnsafe({ rows: 1000 }),
  ),
).pipe(
  Layer.provide(RateLimit.middleware().layer),
  Layer.provide(PerClientReports),
);

/** The routes with their limits; which server they are on is decided elsewhere. */
export const Routes: Layer.Layer<never, never, HttpRouter.HttpRouter> = Layer
  .mergeAll(Hello, Report, RateLimit.layer()).pipe(
    Layer.provide(PerClient),
    Layer.provide(LimiterStore.layerMemory({ maxKeys: 10_000 })),
  );

const Server = HttpRouter.serve(Routes).pipe(
  Layer.provide(DenoHttpServer.layer({ port: 8000, drain: "5 seconds" })),
);

if (import.meta.main) DenoRuntime.runMain(Layer.launch(Server));
