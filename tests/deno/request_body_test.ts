import { testLive } from "@weir/weir/testing";
import * as ByteSize from "effect/ByteSize";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServerRequest from "effect/http/HttpServerRequest";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as UrlParams from "effect/http/UrlParams";
import * as Layer from "effect/Layer";
import * as Schema from "effect/Schema";
import * as Stream from "effect/Stream";
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { connected, fetched, served } from "../support/served.ts";

const { HttpServerRequest: Request, MaxBodySize } = HttpServerRequest;

type Reading = (
  request: HttpServerRequest.HttpServerRequest,
) => Effect.Effect<unknown, unknown>;

/** Each way to read a body, by how many bytes it finds. */
const readings: Readonly<Record<string, Reading>> = {
  arrayBuffer: (request) =>
    Effect.map(request.arrayBuffer, ({ byteLength }) => byteLength),
  text: (request) => Effect.map(request.text, (text) => text.length),
  stream: (request) =>
    Stream.runFold(
      request.stream,
      () => 0,
      (sum, { byteLength }) => sum + byteLength,
    ),
};

const route = (path: HttpRouter.PathInput, read: Reading) =>
  HttpRouter.add(
    "POST",
    path,
    Effect.flatMap(
      Effect.flatMap(Request, read),
      (value) => HttpServerResponse.json(value),
    ),
  );

const readers = Layer.mergeAll(
  ...Object.entries(readings).map(([name, read]) =>
    route(`/${name}`, read)
  ) as [ReturnType<typeof route>],
);

const post = (url: string, body: BodyInit, headers?: HeadersInit) =>
  fetched(url, { method: "POST", body, ...(headers && { headers }) });

/** A body of unknown length. */
const chunked = (...chunks: ReadonlyArray<string>) =>
  ReadableStream.from(chunks).pipeThrough(new TextEncoderStream());

testLive(
  "HttpServerRequest reads a body in each way, and again in another",
  Effect.gen(function* () {
    const Routes = Layer.mergeAll(
      route("/text", (request) => request.text),
      route("/json", (request) => request.json),
      route(
        "/params",
        (request) => Effect.map(request.urlParamsBody, UrlParams.toRecord),
      ),
      route("/form", (request) =>
        Stream.runCollect(Stream.mapEffect(
          request.multipartStream,
          (part) =>
            part._tag === "Field"
              ? Effect.succeed([part.key, part.value])
              : Effect.map(
                part.contentEffect,
                (bytes) => [part.name, new TextDecoder().decode(bytes)],
              ),
        ))),
      route("/twice", (request) =>
        Effect.gen(function* () {
          const text = yield* request.text;
          const changed = request.modify({ url: "/other" });
          const bytes = yield* changed.arrayBuffer;
          const [piece] = yield* Stream.runCollect(changed.stream);
          return [text, bytes.byteLength, piece?.byteLength, changed.url];
        })),
    );
    const { url } = yield* served(Routes);
    const said = (path: string, body: BodyInit) =>
      Effect.map(post(`${url}/${path}`, body), ({ text }) => JSON.parse(text));
    strictEqual(yield* said("text", "grüße"), "grüße");
    strictEqual(yield* said("text", ""), "");
    strictEqual(yield* said("text", chunked("grü", "ße")), "grüße");
    deepStrictEqual(yield* said("json", '{"a":[1]}'), { a: [1] });
    deepStrictEqual(yield* said("params", "a=1&b=%20"), { a: "1", b: " " });
    const form = new FormData();
    form.set("name", "ann");
    form.set("file", new File(["content"], "a.txt"));
    deepStrictEqual(yield* said("form", form), [["name", "ann"], [
      "a.txt",
      "content",
    ]]);
    deepStrictEqual(yield* said("twice", "abc"), ["abc", 3, 3, "/other"]);
  }),
);

testLive(
  "HttpServerRequest refuses what it cannot parse with 400 and a problem",
  Effect.gen(function* () {
    const Body = Schema.Struct({ n: Schema.Number });
    const Routes = Layer.mergeAll(
      route("/json", (request) => request.json),
      HttpRouter.add(
        "POST",
        "/schema",
        Effect.flatMap(
          HttpServerRequest.schemaBodyJson(Body),
          HttpServerResponse.json,
        ),
      ),
    );
    const { url } = yield* served(Routes);
    const wrong = [["json", '{"a":'], ["json", ""], ["schema", '{"n":"x"}']];
    for (const [path, body = ""] of wrong) {
      const { headers, status, text } = yield* post(`${url}/${path}`, body);
      strictEqual(status, 400);
      strictEqual(headers.get("content-type"), "application/problem+json");
      strictEqual(JSON.parse(text).title, "Bad Request");
    }
  }),
);

testLive(
  "DenoHttpServer.layer() refuses a body over maxBytes with 413, declared or not",
  Effect.gen(function* () {
    const { url } = yield* served(readers, { maxBytes: 10 });
    for (const path of Object.keys(readings)) {
      for (const body of ["0123456789", chunked("01234", "56789")]) {
        const { status, text } = yield* post(`${url}/${path}`, body);
        deepStrictEqual([path, status, text], [path, 200, "10"]);
      }
      for (const body of ["0123456789a", chunked("01234", "56789", "a")]) {
        const { headers, status, text } = yield* post(`${url}/${path}`, body);
        deepStrictEqual([path, status], [path, 413]);
        strictEqual(headers.get("content-type"), "application/problem+json");
        deepStrictEqual(JSON.parse(text), {
          type: "about:blank",
          title: "Payload Too Large",
          status: 413,
          detail: "The body may have at most 10 bytes",
        });
      }
    }
  }),
);

testLive(
  "DenoHttpServer.layer() does not wait for a body that says it is too large",
  Effect.gen(function* () {
    const { port } = yield* served(readers, { maxBytes: 10 });
    for (const path of Object.keys(readings)) {
      const client = yield* connected(port);
      yield* client.write(
        `POST /${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n`,
      );
      match(yield* client.read("at most 10 bytes"), /^HTTP\/1.1 413 /);
    }
  }),
);

testLive(
  "MaxBodySize of a route goes before maxBytes",
  Effect.gen(function* () {
    const sized = (path: HttpRouter.PathInput, bytes: number) =>
      route(path, (request) =>
        Effect.provideService(
          request.text,
          MaxBodySize,
          ByteSize.bytes(bytes),
        ));
    const Routes = Layer.mergeAll(sized("/more", 20), sized("/less", 5));
    const { url } = yield* served(Routes, { maxBytes: 10 });
    strictEqual((yield* post(`${url}/more`, "x".repeat(20))).status, 200);
    strictEqual((yield* post(`${url}/more`, "x".repeat(21))).status, 413);
    strictEqual((yield* post(`${url}/less`, "x".repeat(6))).status, 413);
    strictEqual(
      (yield* post(`${url}/less`, chunked("xxx", "xxx"))).status,
      413,
    );
  }),
);

testLive(
  "DenoHttpServer.layer() answers 408 to a body that drips in too slowly",
  Effect.gen(function* () {
    const { port } = yield* served(readers, { bodyTimeout: "100 millis" });
    yield* Effect.forEach(
      ["arrayBuffer", "text", "stream"],
      (path) =>
        Effect.gen(function* () {
          const client = yield* connected(port);
          yield* client.write(
            `POST /${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n`,
          );
          const drip = client.write("x").pipe(
            Effect.andThen(Effect.sleep("20 millis")),
            Effect.forever,
            Effect.ignoreCause,
          );
          yield* Effect.forkScoped(drip);
          const answer = yield* client.read("}");
          match(answer, /^HTTP\/1.1 408 /);
          match(answer, /connection: close/i);
          match(answer, /"detail":"The body did not arrive within 100ms"/);
        }),
      { concurrency: "unbounded" },
    );
  }),
);

testLive(
  "bodyTimeout does not count the time in which a stream is not read",
  Effect.gen(function* () {
    const Slow = route("/", (request) =>
      Stream.runFoldEffect(
        request.stream,
        () => 0,
        (sum, { byteLength }) =>
          Effect.delay(Effect.succeed(sum + byteLength), "150 millis"),
      ));
    const { port } = yield* served(Slow, { bodyTimeout: "100 millis" });
    const client = yield* connected(port);
    yield* client.write(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n",
    );
    yield* client.write("ab");
    yield* Effect.sleep("180 millis");
    yield* client.write("cd");
    match(yield* client.read("\r\n\r\n"), /^HTTP\/1.1 200 /);
  }),
);

testLive(
  "a body that is read ends when its request is interrupted",
  Effect.gen(function* () {
    const ended = yield* Deferred.make<string>();
    const Routes = route(
      "/",
      (request) =>
        Effect.onExit(
          request.text,
          ({ _tag }) => Deferred.succeed(ended, _tag),
        ),
    );
    const { port } = yield* served(Routes);
    const client = yield* connected(port);
    yield* client.write(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx",
    );
    yield* Effect.sleep("20 millis");
    yield* client.close;
    strictEqual(yield* Deferred.await(ended), "Failure");
  }),
);
