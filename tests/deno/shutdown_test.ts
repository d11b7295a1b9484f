import { testLive } from "@weir/weir/testing";
import * as Deferred from "effect/Deferred";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServerRequest from "effect/http/HttpServerRequest";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as Latch from "effect/Latch";
import * as Layer from "effect/Layer";
import * as Logger from "effect/Logger";
import * as Stream from "effect/Stream";
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { connected, fetched, served } from "../support/served.ts";

const encoder = new TextEncoder();

const { HttpServerRequest: Request } = HttpServerRequest;

const get = (
  path: HttpRouter.PathInput,
  handler: Effect.Effect<HttpServerResponse.HttpServerResponse, unknown, never>,
  options?: { readonly uninterruptible?: boolean },
) => HttpRouter.add("GET", path, handler, options);

const done = HttpServerResponse.text("done");

const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

/** Two that have had the first of their stream, of events and of rows. */
const clientsOf = Effect.fnUntraced(function* (port: number) {
  const listener = yield* connected(port);
  const reader = yield* connected(port);
  yield* listener.write(request("/events"));
  yield* reader.write(request("/rows"));
  yield* listener.read("data: 1");
  yield* reader.read("1\n");
  return { listener, reader };
});

testLive(
  "a server that ends lets requests go on, and takes no new ones",
  Effect.gen(function* () {
    const begun = yield* Latch.make();
    const go = yield* Latch.make();
    const slow = get(
      "/slow",
      Effect.as(Effect.andThen(begun.open, go.await), done),
    );
    const { close, url } = yield* served(slow);
    const first = yield* Effect.forkChild(fetched(`${url}/slow`));
    yield* begun.await;
    const closing = yield* Effect.forkChild(close);
    yield* Effect.yieldNow;
    const late = yield* fetched(`${url}/slow`);
    strictEqual(late.status, 503);
    strictEqual(JSON.parse(late.text).detail, "The server shuts down");
    yield* go.open;
    strictEqual((yield* Fiber.join(first)).text, "done");
    yield* Fiber.join(closing);
    yield* Effect.flip(Effect.tryPromise(() => fetch(url)));
  }),
);

testLive(
  "a server that ends lets a body arrive that is being read",
  Effect.gen(function* () {
    const begun = yield* Latch.make();
    const Count = HttpRouter.add(
      "POST",
      "/",
      Effect.gen(function* () {
        yield* begun.open;
        const text = yield* Effect.flatMap(Request, ({ text }) => text);
        return HttpServerResponse.text(`got ${text}`);
      }),
    );
    const { close, port } = yield* served(Count);
    const client = yield* connected(port);
    yield* client.write(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n",
    );
    yield* client.write("abc");
    yield* begun.await;
    const closing = yield* Effect.forkChild(close);
    yield* Effect.sleep("20 millis");
    yield* client.write("def");
    match(yield* client.read("def"), /got abcdef$/);
    yield* Fiber.join(closing);
  }),
);

testLive(
  "a server that ends ends streams of events at once, and finishes others",
  Effect.gen(function* () {
    const go = yield* Latch.make();
    const closed = yield* Deferred.make<void>();
    const events = Stream.concat(Stream.make("data: 1\n\n"), Stream.never);
    const rows = Stream.concat(
      Stream.make("1\n"),
      Stream.fromEffect(Effect.as(go.await, "2\n")),
    );
    const Routes = Layer.mergeAll(
      HttpRouter.add(
        "GET",
        "/events",
        Effect.as(
          Effect.addFinalizer(() => Deferred.succeed(closed, undefined)),
          HttpServerResponse.stream(Stream.encodeText(events), {
            contentType: "text/event-stream; charset=utf-8",
          }),
        ),
      ),
      get(
        "/rows",
        Effect.succeed(HttpServerResponse.stream(Stream.encodeText(rows))),
      ),
    );
    const { close, port } = yield* served(Routes);
    const { listener, reader } = yield* clientsOf(port);
    const closing = yield* Effect.forkChild(close);
    // The chunk of no length ends the body in order.
    ok((yield* listener.read("0\r\n\r\n")).endsWith("0\r\n\r\n"));
    yield* Deferred.await(closed);
    yield* go.open;
    ok((yield* reader.read("0\r\n\r\n")).includes("2\n"));
    yield* Fiber.join(closing);
  }),
);

testLive(
  "a server that ends ends web streams of events at once, finishes others, and tells their sources",
  Effect.gen(function* () {
    const log: Array<string> = [];
    const go = Promise.withResolvers<void>();
    const endless = () =>
      new ReadableStream({
        start: (controller) => controller.enqueue(encoder.encode("data: 1")),
        cancel: () => void log.push("cancelled"),
      });
    const rows = () =>
      new ReadableStream({
        start: (controller) => controller.enqueue(encoder.encode("1\n")),
        pull: async (controller) => {
          await go.promise;
          controller.enqueue(encoder.encode("2\n"));
          controller.close();
          log.push("finished");
        },
      }, { highWaterMark: 2 });
    const raw = (body: () => ReadableStream, contentType: string) =>
      Effect.sync(() => HttpServerResponse.raw(body(), { contentType }));
    const Routes = Layer.mergeAll(
      get("/events", raw(endless, "text/event-stream")),
      get("/rows", raw(rows, "text/plain")),
    );
    const { close, port, url } = yield* served(Routes, { drain: "30 seconds" });
    const head = yield* fetched(`${url}/events`, { method: "HEAD" });
    strictEqual(head.headers.get("content-type"), "text/event-stream");
    const left = yield* Effect.promise(() => fetch(`${url}/events`));
    yield* Effect.promise(() => left.body!.cancel());
    while (log.length < 2) yield* Effect.sleep(5);
    const { listener, reader } = yield* clientsOf(port);
    const closing = yield* Effect.forkChild(Effect.timed(close));
    ok((yield* listener.read("0\r\n\r\n")).endsWith("0\r\n\r\n"));
    deepStrictEqual(log, ["cancelled", "cancelled", "cancelled"]);
    go.resolve();
    ok((yield* reader.read("0\r\n\r\n")).includes("2\n"));
    const [took] = yield* Fiber.join(closing);
    ok(Duration.toMillis(took) < 5000);
    deepStrictEqual(log.slice(3), ["finished"]);
  }),
);

testLive(
  "a server that ends passes on that a web stream fails, and waits for it no more",
  Effect.gen(function* () {
    const broken = get(
      "/",
      Effect.sync(() =>
        HttpServerResponse.raw(
          new ReadableStream({
            pull: (controller) => controller.error(new Error("broken")),
          }),
        )
      ),
    );
    const { close, port } = yield* served(broken, { drain: "30 seconds" });
    const client = yield* connected(port);
    yield* client.write(request("/"));
    ok(!(yield* client.read()).endsWith("0\r\n\r\n"));
    const [took] = yield* Effect.timed(close);
    ok(Duration.toMillis(took) < 5000);
  }),
);

testLive(
  "a server that ends interrupts after drain what has not finished",
  Effect.gen(function* () {
    const begun = yield* Latch.make();
    const log: Array<string> = [];
    const endless = get(
      "/",
      Effect.andThen(begun.open, Effect.never).pipe(
        Effect.onInterrupt(() =>
          Effect.delay(
            Effect.sync(() => log.push("finalizer ran")),
            "10 millis",
          )
        ),
      ),
    );
    const { close, url } = yield* served(endless, { drain: "50 millis" });
    const client = yield* Effect.forkChild(fetched(url));
    yield* begun.await;
    yield* close;
    deepStrictEqual(log, ["finalizer ran"]);
    strictEqual((yield* Fiber.join(client)).status, 503);
  }),
);

testLive(
  "a server that ends cuts off a stream that goes on after drain",
  Effect.gen(function* () {
    const ended = yield* Deferred.make<void>();
    const rows = Stream.make("1\n").pipe(
      Stream.concat(Stream.never),
      Stream.onExit(() => Deferred.succeed(ended, undefined)),
      Stream.encodeText,
    );
    const endless = get("/", Effect.succeed(HttpServerResponse.stream(rows)));
    const { close, port } = yield* served(endless, { drain: "20 millis" });
    const client = yield* connected(port);
    yield* client.write(request("/"));
    yield* client.read("1\n");
    yield* close;
    yield* Deferred.await(ended);
    ok(!(yield* client.read()).endsWith("0\r\n\r\n"));
  }),
);

testLive(
  "a server that ends lets a long answer arrive that is on its way, and does not wait for ever for a client that does not read it",
  Effect.gen(function* () {
    const log: Array<unknown> = [];
    const logger = Logger.make(({ message }) => log.push(message));
    const size = 2e7;
    const long = get(
      "/",
      Effect.succeed(HttpServerResponse.text("x".repeat(size))),
    );
    yield* Effect.gen(function* () {
      const { close, port } = yield* served(long, { drain: 0 });
      const reader = yield* connected(port);
      const sleeper = yield* connected(port);
      yield* reader.write(request("/"));
      yield* sleeper.write(request("/"));
      yield* reader.read("xxx");
      yield* sleeper.read("xxx");
      const closing = yield* Effect.forkChild(close);
      const rest = yield* reader.read();
      ok(rest.length > size - 65_536);
      yield* Fiber.join(closing);
      yield* sleeper.close;
    }).pipe(Effect.provide(Logger.layer([logger])));
    deepStrictEqual(log, [["A client does not read its answer"]]);
  }),
);

testLive(
  "a server that ends leaves behind and names what ignores it",
  Effect.gen(function* () {
    const begun = yield* Latch.make();
    const go = yield* Latch.make();
    const log: Array<unknown> = [];
    const logger = Logger.make(({ message }) => log.push(message));
    const stubborn = get(
      "/",
      Effect.as(Effect.andThen(begun.open, go.await), done),
      { uninterruptible: true },
    );
    yield* Effect.gen(function* () {
      const { close, url } = yield* served(stubborn, { drain: 0 });
      const client = yield* Effect.forkChild(Effect.exit(fetched(url)));
      yield* begun.await;
      yield* close;
      strictEqual((yield* Fiber.join(client))._tag, "Failure");
      yield* go.open;
    }).pipe(Effect.provide(Logger.layer([logger])));
    deepStrictEqual(log, [["1 requests did not end when told to"]]);
  }),
);

testLive(
  "a server that ends is not held up by half a request, an idle connection or half a body",
  Effect.gen(function* () {
    const Body = HttpRouter.add(
      "POST",
      "/",
      Effect.flatMap(
        Effect.flatMap(Request, ({ text }) => text),
        HttpServerResponse.json,
      ),
    );
    const { close, port } = yield* served(Body, {
      drain: "5 seconds",
      bodyTimeout: "50 millis",
    });
    const idle = yield* connected(port);
    const half = yield* connected(port);
    yield* half.write("GET / HTTP/1.1\r\nHo");
    const drip = yield* connected(port);
    yield* drip.write(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx",
    );
    match(yield* drip.read("}"), / 408 /);
    const before = performance.now();
    yield* close;
    ok(performance.now() - before < 2000);
    for (const client of [idle, half, drip]) {
      strictEqual(yield* client.read(), "");
    }
  }),
);
