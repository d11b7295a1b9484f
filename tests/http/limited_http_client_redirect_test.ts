/**
 * Redirects that a limited client follows.
 *
 * @module
 */
import { Quota } from "@weir/weir";
import { LimitedHttpClient } from "@weir/weir/http";
import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as HttpBody from "effect/http/HttpBody";
import type * as HttpClient from "effect/http/HttpClient";
import * as HttpClientRequest from "effect/http/HttpClientRequest";
import * as Option from "effect/Option";
import * as Schedule from "effect/Schedule";
import * as Stream from "effect/Stream";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { limited, perHost, pieces, upstream } from "./upstream.ts";

const host = "http://a.test/";

function to(location: string, status = 302): Response {
  return new Response("moved", { status, headers: { location } });
}

/** Redirects `/` and says the rest is there. */
const once = (location: string, status?: number) =>
  upstream(({ url }) =>
    new URL(url).pathname === "/from"
      ? to(location, status)
      : new Response("there")
  );

testEffect(
  "each step waits for its turn, at its own host",
  Effect.gen(function* () {
    const { arrivals, client } = upstream(({ url }) =>
      url === "http://a.test/1"
        ? to("2")
        : url === "http://a.test/2"
        ? to("//b.test/3")
        : new Response("")
    );
    const calls = yield* limited(
      client,
      {},
      perHost(Quota.slidingWindow({ limit: 1, window: "1 second" }), {
        concurrency: 1,
      }),
    );
    const fiber = yield* Effect.forkChild(calls.get("http://a.test/1"));
    yield* TestClock.adjust("1 minute");
    strictEqual((yield* Fiber.join(fiber)).url, "http://b.test/3");
    deepStrictEqual(arrivals.map(({ at, url }) => [at, url]), [
      [0, "http://a.test/1"],
      [1000, "http://a.test/2"],
      [1000, "http://b.test/3"],
    ]);
  }),
);

const text = HttpBody.text("a", "text/x");
for (
  const [status, method, becomes] of [
    [301, "GET", "GET"],
    [301, "POST", "GET"],
    [301, "PUT", "PUT"],
    [302, "HEAD", "HEAD"],
    [302, "POST", "GET"],
    [302, "DELETE", "DELETE"],
    [303, "GET", "GET"],
    [303, "HEAD", "HEAD"],
    [303, "POST", "GET"],
    [303, "PUT", "GET"],
    [307, "POST", "POST"],
    [308, "PATCH", "PATCH"],
  ] as const
) {
  testEffect(
    `a ${method} that gets a ${status} becomes a ${becomes}`,
    Effect.gen(function* () {
      const { arrivals, client } = once("/there", status);
      const calls = yield* limited(client);
      const hasBody = !["GET", "HEAD"].includes(method);
      yield* calls.execute(
        HttpClientRequest.make(method)(
          `${host}from`,
          hasBody ? { body: text, headers: { "content-language": "de" } } : {},
        ),
      );
      const [, { method: after, request, url }] = arrivals as [
        unknown,
        (typeof arrivals)[number],
      ];
      deepStrictEqual([after, url], [becomes, `${host}there`]);
      const keeps = hasBody && becomes === method;
      strictEqual(request.body._tag, keeps ? "Uint8Array" : "Empty");
      deepStrictEqual(
        [request.headers["content-type"], request.headers["content-language"]],
        keeps ? ["text/x", "de"] : [undefined, undefined],
      );
    }),
  );
}

for (
  const [location, keeps] of [
    ["/there", true],
    ["http://a.test:80/there", true],
    ["http://a.test:81/there", false],
    ["https://a.test/there", false],
    ["http://sub.a.test/there", false],
  ] as const
) {
  testEffect(
    `what is for one origin is ${
      keeps ? "kept" : "dropped"
    } on the way to ${location}`,
    Effect.gen(function* () {
      const { arrivals, client } = once(location);
      const calls = yield* limited(client);
      const own = {
        authorization: "Bearer a",
        cookie: "a=b",
        "proxy-authorization": "Basic a",
        host: "a.test",
      };
      yield* calls.get(`${host}from`, { headers: { ...own, "x-other": "c" } });
      const { headers } = arrivals[1]!.request;
      deepStrictEqual(
        Object.keys(own).map((name) => headers[name]),
        Object.values(own).map((value) => keeps ? value : undefined),
      );
      strictEqual(headers["x-other"], "c");
    }),
  );
}

for (
  const [location, hash] of [["/there", "old"], ["/there#new", "new"]] as const
) {
  testEffect(
    `${location} is asked for with the fragment ${hash}`,
    Effect.gen(function* () {
      const { arrivals, client } = once(location);
      const calls = yield* limited(client);
      yield* calls.get(`${host}from?q=1#old`);
      deepStrictEqual(arrivals[1]!.request.hash, Option.some(hash));
      strictEqual(arrivals[1]!.url, `${host}there#${hash}`);
    }),
  );
}

const stream = HttpBody.stream(Stream.make(new Uint8Array(1)));
for (
  const [name, location, status, body] of [
    ["to another scheme", "ftp://a.test/", 302, text],
    ["to no URL", "http://:", 302, text],
    ["that would send a stream again", "/there", 307, stream],
    ["of no redirect status", "/there", 304, text],
    ["of many choices", "/there", 300, text],
  ] as const
) {
  testEffect(
    `an answer ${name} is handed out`,
    Effect.gen(function* () {
      const { arrivals, client } = upstream(() =>
        new Response(null, { status, headers: { location } })
      );
      const calls = yield* limited(client);
      const response = yield* calls.post(host, { body });
      strictEqual(response.status, status);
      strictEqual(arrivals.length, 1);
    }),
  );
}

testEffect(
  "a request fails at one redirect more than maxRedirects",
  Effect.gen(function* () {
    const { arrivals, client } = upstream(() => to("/on"));
    for (
      const [options, count] of [[{}, 20], [{ maxRedirects: 3 }, 3]] as const
    ) {
      const before = arrivals.length;
      const calls = yield* limited(client, options);
      const { reason } = yield* Effect.flip(calls.get(host));
      ok(reason._tag === "StatusCodeError");
      ok(reason.cause instanceof LimitedHttpClient.TooManyRedirects);
      strictEqual(reason.cause.maxRedirects, count);
      strictEqual(arrivals.length - before, count + 1);
    }
  }),
);

testEffect(
  "with maxRedirects 0 a redirect is handed out, to be read",
  Effect.gen(function* () {
    const { client } = upstream(() => to("/on"));
    const calls = yield* limited(client, { maxRedirects: 0 });
    const response = yield* calls.get(host);
    strictEqual(response.status, 302);
    strictEqual(yield* response.text, "moved");
  }),
);

testEffect(
  "a redirect that is followed gives back its connection",
  Effect.gen(function* () {
    const big = pieces(100, 10);
    const { client } = upstream(({ url }) =>
      url === host
        ? new Response(big.body, { status: 302, headers: { location: "/on" } })
        : new Response("")
    );
    const calls = yield* limited(
      client,
      {},
      perHost(Quota.unlimited, { concurrency: 1 }),
    );
    yield* calls.get(host);
    ok(big.state.cancelled);
  }),
);

testEffect(
  "onRedirect() is asked at every step, holds no turn, and refuses by failing",
  Effect.gen(function* () {
    const { arrivals, client } = upstream(({ url }) => {
      const n = Number(new URL(url).pathname.slice(1));
      return n > 0 ? to(`/${n + 1}`) : new Response("robots");
    });
    const steps: Array<unknown> = [];
    const calls: HttpClient.HttpClient = yield* Effect.suspend(() =>
      limited(
        client,
        {
          onRedirect: ({ followed, from, to }) =>
            Effect.gen(function* () {
              yield* calls.get(`${host}robots.txt`);
              steps.push([from.status, to.url, followed]);
              if (followed === 2) yield* Effect.fail("out of scope");
            }),
        },
        perHost(Quota.unlimited, { concurrency: 1 }),
      )
    );
    const { reason } = yield* Effect.flip(calls.get(`${host}1`));
    ok(reason._tag === "StatusCodeError");
    strictEqual(reason.cause, "out of scope");
    deepStrictEqual(steps, [
      [302, `${host}2`, 0],
      [302, `${host}3`, 1],
      [302, `${host}4`, 2],
    ]);
    ok(!arrivals.some(({ url }) => url === `${host}4`));
  }),
);

testEffect(
  "repetitions count over all steps",
  Effect.gen(function* () {
    const { arrivals, client } = upstream(({ url }) =>
      url === host ? to("/on") : undefined
    );
    let failing = true;
    const first = upstream(({ url }) => {
      if (url !== host) return undefined;
      failing = !failing;
      return failing ? to("/on") : undefined;
    });
    const retry = Schedule.recurs(2);
    yield* Effect.ignore((yield* limited(client, { retry })).get(host));
    strictEqual(arrivals.length, 1 + 3);
    yield* Effect.ignore((yield* limited(first.client, { retry })).get(host));
    strictEqual(first.arrivals.length, 2 + 2);
  }),
);
