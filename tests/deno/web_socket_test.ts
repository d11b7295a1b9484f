import { testLive } from "@weir/weir/testing";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServerRequest from "effect/http/HttpServerRequest";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as Latch from "effect/Latch";
import type * as Scope from "effect/Scope";
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { fetched, served } from "../support/served.ts";

/** Sends back what it gets, until either side closes; then `ended` has what the loop ended with. */
const echo = (ended: Deferred.Deferred<string>) =>
  HttpRouter.add(
    "GET",
    "/",
    Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest;
      const socket = yield* request.upgradeWith({ headers: { "x-a": "b" } });
      yield* Effect.scoped(Effect.gen(function* () {
        const { pull } = yield* socket.reader;
        const writer = yield* socket.writer;
        while (true) {
          for (const text of yield* pull) yield* writer.write(`echo ${text}`);
        }
      })).pipe(
        Effect.onExit(({ _tag }) => Deferred.succeed(ended, _tag)),
      );
      return HttpServerResponse.empty();
    }),
  );

/** A WebSocket that is open. */
const opened = (url: string): Effect.Effect<WebSocket, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<WebSocket>((resume) => {
      const socket = new WebSocket(url);
      socket.onopen = () => resume(Effect.succeed(socket));
    }),
    (socket) =>
      Effect.callback<void>((resume) => {
        if (socket.readyState === WebSocket.CLOSED) return resume(Effect.void);
        socket.onclose = () => resume(Effect.void);
        socket.close();
      }),
  );

const nextMessage = (socket: WebSocket) =>
  Effect.callback<unknown>((resume) => {
    socket.onmessage = ({ data }) => resume(Effect.succeed(data));
  });

const closed = (socket: WebSocket) =>
  Effect.callback<readonly [number, string]>((resume) => {
    socket.onclose = ({ code, reason }) =>
      resume(Effect.succeed([code, reason]));
  });

testLive(
  "HttpServerRequest.upgrade() goes over to a WebSocket",
  Effect.gen(function* () {
    const ended = yield* Deferred.make<string>();
    const { url } = yield* served(echo(ended));
    const socket = yield* opened(url.replace("http", "ws"));
    for (const text of ["one", "two"]) {
      socket.send(text);
      strictEqual(yield* nextMessage(socket), `echo ${text}`);
    }
    socket.close();
    yield* Deferred.await(ended);
  }),
);

testLive(
  "a server that ends tells WebSockets that it goes away",
  Effect.gen(function* () {
    const ended = yield* Deferred.make<string>();
    const { close, url } = yield* served(echo(ended));
    const socket = yield* opened(url.replace("http", "ws"));
    socket.send("one");
    yield* nextMessage(socket);
    yield* Effect.forkChild(close);
    deepStrictEqual(yield* closed(socket), [1001, "The server shuts down"]);
    yield* Deferred.await(ended);
  }),
);

testLive(
  "HttpServerRequest.upgrade() fails with 400 where none was asked for",
  Effect.gen(function* () {
    const ended = yield* Deferred.make<string>();
    const { url } = yield* served(echo(ended));
    const { status, text } = yield* fetched(url);
    strictEqual(status, 400);
    match(text, /"status":400/);
  }),
);

testLive(
  "a WebSocket with more unread messages than maxBytes ends",
  Effect.gen(function* () {
    const go = yield* Latch.make();
    const ended = yield* Deferred.make<string>();
    const Late = HttpRouter.add(
      "GET",
      "/",
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest;
        const socket = yield* request.upgrade;
        const { pull } = yield* socket.reader;
        yield* go.await;
        const { message } = yield* Effect.flip(Effect.forever(pull));
        yield* Deferred.succeed(ended, message);
        return HttpServerResponse.empty();
      }),
    );
    const { url } = yield* served(Late, { maxBytes: 10 });
    const socket = yield* opened(url.replace("http", "ws"));
    socket.send("0123456789");
    socket.send("a");
    yield* Effect.sleep("50 millis");
    yield* go.open;
    match(yield* Deferred.await(ended), /10 bytes exceeded|read/i);
  }),
);
