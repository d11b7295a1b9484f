/**
 * Serves on any free port, and prints it for the bench.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { DenoHttpServer, DenoRuntime } from "@weir/weir/deno";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServer from "effect/http/HttpServer";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as NetAddress from "effect/net/NetAddress";

/** What is answered everywhere. */
export const answer = { hello: "world" };

/** Serves a plain handler. */
export function serve(handler: Deno.ServeHandler<Deno.NetAddr>): void {
  Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen: ({ port }) => console.log(port),
  }, handler);
}

/** Serves routes on Weir's server. */
export function serveRoutes(
  routes: Layer.Layer<
    never,
    never,
    HttpRouter.HttpRouter | HttpRouter.Request<"Error", unknown>
  >,
): void {
  const Server = HttpRouter.serve(routes, {
    disableLogger: true,
    disableListenLog: true,
  });
  const Ready = Layer.effectDiscard(
    Effect.map(HttpServer.HttpServer, ({ address }) => {
      if (!NetAddress.isUnixPathAddress(address)) console.log(address.port);
    }),
  );
  DenoRuntime.runMain(Layer.launch(
    Layer.merge(Server, Ready).pipe(
      Layer.provide(DenoHttpServer.layer({ port: 0 })),
    ),
  ));
}
