/**
 * Effect's own way onto `Deno.serve`: without the client's address, and without an orderly end.
 *
 * @module
 */
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import { answer, serve } from "./serve.ts";

const Routes = HttpRouter.add("GET", "/", HttpServerResponse.json(answer));
const { handler } = HttpRouter.toWebHandler(Routes, { disableLogger: true });

serve((request) => handler(request));
