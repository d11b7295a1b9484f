/**
 * Weir's server.
 *
 * @module
 */
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import { answer, serveRoutes } from "./serve.ts";

serveRoutes(HttpRouter.add("GET", "/", HttpServerResponse.json(answer)));
