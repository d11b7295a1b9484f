import { DenoHttpServer } from "@weir/weir/deno";
import { testLive } from "@weir/weir/testing";

import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServerRequest from "effect/http/HttpServerRequest";
import * as HttpServer from "effect/http/HttpServer";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as Layer from "effect/Layer";
import * as Option from "effect/Option";
import * as References from "effect/References";
import * as Stream from "effect/Stream";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { connected, fetched, served } from "../support/served.ts";

const { HttpServerRequest: Request } = HttpServerRequest;

testLive(
  "DenoHttpServer.layer() gives a handler all of a request",
  Effect.gen(function* () {
    const Echo = HttpRouter.add(
      "*",
      "/echo/:name",
      Effect.gen(function* () {
        const request = yield* Request;
        const { params } = yield* HttpRouter.RouteContext;
        return yield* HttpServerResponse.json({
          method: request.method,
          url: request.url,
          path: new URL(request.originalUrl).pathname,
          name: params.name,
          search: yield* HttpServerRequest.ParsedSearchParams,
          address: Option.getOrNull(request.remoteAddress),
          peer: Option.getOrNull(request.peerAddress),
          header: request.headers["x-name"],
          cookies: request.cookies,
        });
      }),
    );
    const { url } = yield* served(Echo);
    const { status, text } = yield* fetched(`${url}/echo/ann?a=1&b=2`, {
      method: "PUT",
      headers: { "X-Name": "Ben", cookie: "c=3; d=4" },
    });
    strictEqual(status, 200);
    deepStrictEqual(JSON.parse(text), {
      method: "PUT",
      url: "/echo/ann?a=1&b=2",
      path: "/echo/ann",
      name: "ann",
      search: { a: "1", b: "2" },
      address: "127.0.0.1",
      peer: "127.0.0.1",
      header: "Ben",
      cookies: { c: "3", d: "4" },
    });
  }),
);

testLive(
  "DenoHttpServer.layer() sends what a handler answers, without the body to HEAD",
  Effect.gen(function* () {
    const answer = HttpServerResponse.text("hello", {
      status: 201,
      statusText: "Made",
      headers: { "x-one": "1", "x-two": "2" },
    }).pipe(HttpServerResponse.setCookieUnsafe("a", "b"));
    const { url } = yield* served(HttpRouter.add("GET", "/", answer));
    for (const method of ["GET", "HEAD"]) {
      const { headers, status, text } = yield* fetched(url, { method });
      strictEqual(status, 201);
      strictEqual(text, method === "GET" ? "hello" : "");
      strictEqual(headers.get("content-type"), "text/plain");
      strictEqual(headers.get("content-length"), "5");
      strictEqual(headers.get("x-one"), "1");
      strictEqual(headers.get("x-two"), "2");
      strictEqual(headers.get("set-cookie"), "a=b");
    }
  }),
);

testLive(
  "DenoHttpServer.layer() puts a problem into an error without a body",
  Effect.gen(function* () {
    const Routes = Layer.mergeAll(
      HttpRouter.add(
        "GET",
        "/teapot",
        HttpServerResponse.empty({ status: 418, headers: { "x-a": "b" } }),
      ),
      HttpRouter.add(
        "GET",
        "/words",
        HttpServerResponse.text("no", {
          status: 400,
        }),
      ),
      HttpRouter.add("GET", "/defect", Effect.die("no")),
    );
    const { url } = yield* served(Routes);
    const teapot = yield* fetched(`${url}/teapot`);
    strictEqual(teapot.headers.get("content-type"), "application/problem+json");
    strictEqual(teapot.headers.get("x-a"), "b");
    deepStrictEqual(JSON.parse(teapot.text), {
      type: "about:blank",
      title: "I'm a Teapot",
      status: 418,
    });
    strictEqual(JSON.parse((yield* fetched(`${url}/none`)).text).status, 404);
    strictEqual((yield* fetched(`${url}/words`)).text, "no");
    const defect = yield* fetched(`${url}/defect`);
    strictEqual(defect.status, 500);
    strictEqual(JSON.parse(defect.text).status, 500);
  }).pipe(Effect.provideService(References.MinimumLogLevel, "None")),
);

testLive(
  "DenoHttpServer.layer() answers 500 where an answer cannot be sent",
  Effect.gen(function* () {
    const headers = { "x-a": "line\nbreak" };
    const closed = yield* Deferred.make<void>();
    const Routes = Layer.mergeAll(
      HttpRouter.add(
        "GET",
        "/text",
        HttpServerResponse.text("no", { headers }),
      ),
      HttpRouter.add(
        "GET",
        "/stream",
        Effect.as(
          Effect.addFinalizer(() => Deferred.succeed(closed, undefined)),
          HttpServerResponse.stream(Stream.never, { headers }),
        ),
      ),
    );
    const { url } = yield* served(Routes);
    strictEqual((yield* fetched(`${url}/text`)).status, 500);
    strictEqual((yield* fetched(`${url}/stream`)).status, 500);
    yield* Deferred.await(closed);
  }).pipe(Effect.provideService(References.MinimumLogLevel, "None")),
);

testLive(
  "DenoHttpServer.layer() interrupts a request whose client leaves",
  Effect.gen(function* () {
    const begun = yield* Deferred.make<void>();
    const interrupted = yield* Deferred.make<void>();
    const Wait = HttpRouter.add(
      "GET",
      "/",
      Deferred.succeed(begun, undefined).pipe(
        Effect.andThen(Effect.never),
        Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined)),
      ),
    );
    const { url } = yield* served(Wait);
    const client = yield* Effect.forkChild(fetched(url));
    yield* Deferred.await(begun);
    yield* Fiber.interrupt(client);
    yield* Deferred.await(interrupted);
  }),
);

testLive(
  "DenoHttpServer.layer() streams, and ends a stream whose client leaves",
  Effect.gen(function* () {
    const ended = yield* Deferred.make<void>();
    const closed = yield* Deferred.make<void>();
    const endless = Stream.forever(Stream.make("tick\n")).pipe(
      Stream.onExit(() => Deferred.succeed(ended, undefined)),
      Stream.encodeText,
    );
    const Ticks = HttpRouter.add(
      "GET",
      "/",
      Effect.as(
        Effect.addFinalizer(() => Deferred.succeed(closed, undefined)),
        HttpServerResponse.stream(endless),
      ),
    );
    const { port } = yield* served(Ticks);
    const client = yield* connected(port);
    yield* client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    ok((yield* client.read("tick")).includes("tick\n"));
    yield* client.close;
    yield* Deferred.await(ended);
    yield* Deferred.await(closed);
  }),
);

testLive(
  "DenoHttpServer.layer() fails where the port is taken",
  Effect.gen(function* () {
    const { port } = yield* served(Layer.empty);
    const error = yield* Effect.flip(
      Layer.build(DenoHttpServer.layer({ port })),
    );
    strictEqual(error._tag, "ServeError");
    ok(error.cause instanceof Deno.errors.AddrInUse);
  }),
);

testLive(
  "DenoHttpServer.make() serves the latest program, and the one before once that has ended",
  Effect.gen(function* () {
    const server = yield* DenoHttpServer.make({ port: 0 });
    const { address } = server;
    const url = HttpServer.formatAddress(address);
    const say = (text: string) =>
      server.serve(Effect.succeed(HttpServerResponse.text(text)));
    strictEqual((yield* fetched(url)).status, 503);
    yield* say("one");
    yield* Effect.scoped(Effect.gen(function* () {
      yield* say("two");
      strictEqual((yield* fetched(url)).text, "two");
    }));
    strictEqual((yield* fetched(url)).text, "one");
  }),
);

Deno.test("DenoHttpServer.layer() refuses bad options by name and value", () => {
  const bad: ReadonlyArray<[DenoHttpServer.Options, RegExp]> = [
    [{ port: -1 }, /"port".*-1/],
    [{ port: 65_536 }, /"port".*65536/],
    [{ drain: NaN }, /"drain".*NaN/],
    [{ maxBytes: 1.5 }, /"maxBytes".*1\.5/],
    [{ bodyTimeout: 0 }, /"bodyTimeout".*0/],
    [{ bodyTimeout: Infinity }, /"bodyTimeout".*Infinity/],
  ];
  for (const [options, message] of bad) {
    throws(() => DenoHttpServer.layer(options), {
      name: "RangeError",
      message,
    });
  }
});
