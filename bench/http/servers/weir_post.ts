/**
 * Weir's server, which reads JSON of at most a mebibyte, in at most 30 seconds, and sends it back.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as HttpRouter from "effect/http/HttpRouter";
import { HttpServerRequest } from "effect/http/HttpServerRequest";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import { serveRoutes } from "./serve.ts";

serveRoutes(HttpRouter.add(
  "POST",
  "/",
  Effect.flatMap(
    Effect.flatMap(HttpServerRequest, ({ json }) => json),
    (body) => HttpServerResponse.json(body),
  ),
));
