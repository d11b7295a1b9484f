/**
 * A limited client before real servers.
 *
 * @module
 */
import { type KeyedLimiter, Quota } from "@weir/weir";
import { LimitedHttpClient } from "@weir/weir/http";
import { testLive } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as FetchHttpClient from "effect/http/FetchHttpClient";
import * as HttpClient from "effect/http/HttpClient";
import * as Layer from "effect/Layer";
import type * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { perHost } from "./upstream.ts";

/** Runs a server for the length of a scope, and tells its address. */
function serve(
  handler: (request: Request, path: string) => Response | Promise<Response>,
): Effect.Effect<string, never, Scope.Scope> {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  return Effect.map(
    Effect.acquireRelease(
      Effect.sync(() =>
        Deno.serve(
          options,
          (request) => handler(request, new URL(request.url).pathname),
        )
      ),
      (server) => Effect.promise(() => server.shutdown()),
    ),
    ({ addr }) => `http://127.0.0.1:${addr.port}`,
  );
}

/** Never ends, and tells when it is cut off. */
function endless(size = 10_000): {
  readonly body: ReadableStream<Uint8Array>;
  readonly cut: Effect.Effect<void>;
} {
  const { promise, resolve } = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(size)),
    cancel: () => resolve(),
  });
  const cut = Effect.promise(() => promise).pipe(
    Effect.timeout("5 seconds"),
    Effect.orDie,
  );
  return { body, cut };
}

function limited(
  options?: LimitedHttpClient.Options,
  limits: Layer.Layer<KeyedLimiter.KeyedLimiter> = perHost(),
  init: RequestInit = {},
): Effect.Effect<HttpClient.HttpClient, never, Scope.Scope> {
  const Fetch = Layer.provide(
    FetchHttpClient.layer,
    Layer.succeed(FetchHttpClient.RequestInit, init),
  );
  const Live = LimitedHttpClient.layer(options).pipe(
    Layer.provide([Fetch, limits]),
  );
  return Effect.map(
    Layer.build(Live),
    ({ mapUnsafe }) => mapUnsafe.get(HttpClient.HttpClient.key),
  );
}

const oneAtOnce = perHost(Quota.unlimited, { concurrency: 1 });

testLive(
  "a response of more than maxBytes is cut off at the server",
  Effect.gen(function* () {
    const { body, cut } = endless();
    const url = yield* serve(() => new Response(body));
    const calls = yield* limited({ maxBytes: 1_000_000 });
    const failure = yield* Effect.flip(
      Effect.flatMap(calls.get(url), ({ text }) => text),
    );
    ok(failure.cause instanceof LimitedHttpClient.ResponseTooLarge);
    ok(failure.cause.size < 1_100_000);
    yield* cut;
  }),
);

testLive(
  "maxBytes counts what is unpacked, whatever length is declared",
  Effect.gen(function* () {
    const packed = yield* Effect.promise(() =>
      new Response(
        new Blob([new Uint8Array(10_000_000)]).stream()
          .pipeThrough(new CompressionStream("gzip")),
      ).arrayBuffer()
    );
    ok(packed.byteLength < 20_000);
    const headers = { "content-encoding": "gzip" };
    const url = yield* serve(() => new Response(packed, { headers }));
    const calls = yield* limited({ maxBytes: 1_000_000 });
    const failure = yield* Effect.flip(
      Effect.flatMap(calls.get(url), ({ arrayBuffer }) => arrayBuffer),
    );
    ok(failure.cause instanceof LimitedHttpClient.ResponseTooLarge);
    ok(failure.cause.size < 2_000_000, String(failure.cause.size));
  }),
);

testLive(
  "redirects are followed by the client, and fetch keeps what else it was told",
  Effect.gen(function* () {
    const seen: Array<unknown> = [];
    const url = yield* serve(({ headers }, path) => {
      seen.push([path, headers.get("x-init")]);
      return path === "/from"
        ? new Response("moved", { status: 302, headers: { location: "/to" } })
        : new Response("there");
    });
    const init = { headers: { "x-init": "a" }, redirect: "follow" } as const;
    const asked: Array<string> = [];
    const calls = yield* limited(
      { onRedirect: ({ to }) => Effect.sync(() => void asked.push(to.url)) },
      oneAtOnce,
      init,
    );
    const response = yield* calls.get(`${url}/from`);
    strictEqual(yield* response.text, "there");
    strictEqual(response.url, `${url}/to`);
    deepStrictEqual(asked, [`${url}/to`]);
    deepStrictEqual(seen, [["/from", "a"], ["/to", "a"]]);
    const handsOut = yield* limited({ maxRedirects: 0 }, oneAtOnce, init);
    const first = yield* handsOut.get(`${url}/from`);
    deepStrictEqual([first.status, yield* first.text], [302, "moved"]);
    const around = yield* Effect.provideService(
      handsOut.get(`${url}/from`),
      FetchHttpClient.RequestInit,
      { headers: { "x-init": "b" } },
    );
    strictEqual(around.status, 302);
    deepStrictEqual(seen.at(-1), ["/from", "b"]);
  }),
);

testLive(
  "a 429 with Retry-After pauses calls that wait, too",
  Effect.gen(function* () {
    const times: Array<number> = [];
    const url = yield* serve(() => {
      times.push(performance.now());
      return times.length === 1
        ? new Response("", { status: 429, headers: { "retry-after": "1" } })
        : new Response("");
    });
    const calls = yield* limited({}, oneAtOnce);
    yield* Effect.replicateEffect(calls.get(url), 3, { concurrency: 3 });
    const [first = 0, ...others] = times;
    strictEqual(others.length, 3);
    ok(others.every((time) => time - first >= 950), String(times));
  }),
);

testLive(
  "no more connections than concurrency, with their responses",
  Effect.gen(function* () {
    let open = 0;
    let most = 0;
    const url = yield* serve(() => {
      most = Math.max(most, ++open);
      let left = 200;
      return new Response(
        new ReadableStream({
          async pull(controller) {
            if (left-- > 0) return controller.enqueue(new Uint8Array(20_000));
            await new Promise((resolve) => setTimeout(resolve, 1));
            open--;
            controller.close();
          },
        }),
      );
    });
    const limits = perHost(Quota.unlimited, { concurrency: 2 });
    const calls = yield* limited({}, limits);
    const sizes = yield* Effect.forEach(
      Array.from({ length: 8 }),
      () => Effect.flatMap(calls.get(url), ({ arrayBuffer }) => arrayBuffer),
      { concurrency: "unbounded" },
    );
    ok(sizes.every(({ byteLength }) => byteLength === 4_000_000));
    strictEqual(most, 2);
  }),
);

for (
  const [how, leave] of [
    ["left", (response) => Stream.runHead(response.stream)],
    [
      "interrupted",
      (response) =>
        Effect.gen(function* () {
          const reader = yield* Effect.forkChild(response.arrayBuffer);
          yield* Effect.sleep(10);
          yield* Fiber.interrupt(reader);
        }),
    ],
    ["not read in time", () => Effect.void],
  ] as ReadonlyArray<
    readonly [
      string,
      (
        response: Effect.Success<ReturnType<HttpClient.HttpClient["get"]>>,
      ) => Effect.Effect<unknown, unknown>,
    ]
  >
) {
  testLive(
    `a response that is ${how} is cut off at the server, and gives back its turn`,
    Effect.gen(function* () {
      const { body, cut } = endless();
      const url = yield* serve((_, path) =>
        new Response(path === "/endless" ? body : "small")
      );
      const calls = yield* limited(
        { maxUnread: 200, maxBytes: 1e12 },
        oneAtOnce,
      );
      yield* Effect.flatMap(calls.get(`${url}/endless`), leave);
      strictEqual(
        yield* Effect.flatMap(calls.get(url), (r) => r.text),
        "small",
      );
      yield* cut;
    }),
  );
}

testLive(
  "an interrupted request closes its connection",
  Effect.gen(function* () {
    const listener = yield* Effect.acquireRelease(
      Effect.sync(() => Deno.listen({ hostname: "127.0.0.1", port: 0 })),
      (listener) => Effect.sync(() => listener.close()),
    );
    const calls = yield* limited({}, oneAtOnce);
    const call = yield* Effect.forkChild(
      calls.get(`http://127.0.0.1:${listener.addr.port}`),
    );
    const connection = yield* Effect.promise(() => listener.accept());
    yield* Effect.promise(() => connection.read(new Uint8Array(1000)));
    yield* Fiber.interrupt(call);
    strictEqual(
      yield* Effect.promise(() => connection.read(new Uint8Array(1))),
      null,
    );
    connection.close();
  }),
);

testLive(
  "HttpClient.withScope() closes the connection of a response with its scope",
  Effect.gen(function* () {
    const { body, cut } = endless();
    const url = yield* serve(() => new Response(body));
    const calls = yield* limited({ maxUnread: "1 hour", maxBytes: 1e12 });
    yield* Effect.scoped(HttpClient.withScope(calls).get(url));
    yield* cut;
  }),
);

testLive(
  "redirects are not followed by fetch within a client that runs it in a fiber of its own",
  Effect.gen(function* () {
    const seen: Array<string> = [];
    const url = yield* serve((_, path) => {
      seen.push(path);
      return new Response("", { status: 302, headers: { location: "/to" } });
    });
    const response = yield* Effect.gen(function* () {
      const client = (yield* HttpClient.HttpClient).pipe(
        HttpClient.transformResponse(Effect.timeoutOrElse({
          duration: "10 seconds",
          orElse: () => Effect.die("late"),
        })),
      );
      const calls = yield* LimitedHttpClient.make(client, { maxRedirects: 0 });
      return yield* calls.get(`${url}/from`);
    }).pipe(Effect.provide([FetchHttpClient.layer, perHost()]));
    strictEqual(response.status, 302);
    deepStrictEqual(seen, ["/from"]);
    yield* response.text;
  }),
);
