/**
 * Weir's server with a limit for each client.
 *
 * @module
 */
import { KeyedLimiter, LimiterStore } from "@weir/weir";
import { RateLimit } from "@weir/weir/http";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as Layer from "effect/Layer";
import { quota } from "./quota.ts";
import { answer, serveRoutes } from "./serve.ts";

const Hello = HttpRouter.add("GET", "/", HttpServerResponse.json(answer));

serveRoutes(
  Layer.merge(Hello, RateLimit.layer()).pipe(
    Layer.provide(KeyedLimiter.layer(quota)),
    Layer.provide(LimiterStore.layerMemory()),
  ),
);
