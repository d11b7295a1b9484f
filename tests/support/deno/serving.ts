/**
 * A server that says on a line of its own when it takes a request, works on it for a moment, and answers with its number.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { DenoHttpServer, DenoRuntime } from "@weir/weir/deno";
import * as Effect from "effect/Effect";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServer from "effect/http/HttpServer";
import * as HttpServerRequest from "effect/http/HttpServerRequest";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as Layer from "effect/Layer";

const Work = HttpRouter.add(
  "*",
  "/:n",
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest;
    console.log(request.url);
    if (request.method === "POST") yield* request.text;
    yield* Effect.sleep("30 millis");
    return HttpServerResponse.text(request.url);
  }),
);

const Server = HttpRouter.serve(Work, {
  disableLogger: true,
  disableListenLog: true,
});
const Ready = Layer.effectDiscard(
  HttpServer.addressFormattedWith((url) =>
    Effect.sync(() => console.log(`serves ${url}`))
  ),
);
DenoRuntime.runMain(Layer.launch(
  Layer.mergeAll(Server, Ready).pipe(
    Layer.provide(DenoHttpServer.layer({ port: 0, drain: "5 seconds" })),
  ),
));
