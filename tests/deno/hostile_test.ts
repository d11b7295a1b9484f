import { testLive } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as HttpRouter from "effect/http/HttpRouter";
import { HttpServerRequest } from "effect/http/HttpServerRequest";
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as Schedule from "effect/Schedule";
import { ok, strictEqual } from "node:assert/strict";
import { connected, fetched, served } from "../support/served.ts";

testLive(
  "slow bodies and half-open connections hold no fiber beyond bodyTimeout, and others are served meanwhile",
  Effect.gen(function* () {
    let running = 0;
    let most = 0;
    const Count = HttpRouter.add(
      "POST",
      "/",
      Effect.sync(() => {
        most = Math.max(most, ++running);
      }).pipe(
        Effect.andThen(
          Effect.flatMap(HttpServerRequest, ({ text }) => text),
        ),
        Effect.map((text) => HttpServerResponse.text(`${text.length}`)),
        Effect.ensuring(Effect.sync(() => running--)),
      ),
    );
    const { close, port, url } = yield* served(Count, {
      bodyTimeout: "300 millis",
    });
    const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n";
    const attack = (text: string, drips: boolean) =>
      Effect.gen(function* () {
        const client = yield* connected(port);
        yield* client.write(text);
        if (drips) {
          yield* client.write("x").pipe(
            Effect.repeat(Schedule.spaced("50 millis")),
            Effect.ignoreCause,
            Effect.forkScoped,
          );
        }
        return client;
      });
    const hundred = (text: string, drips = false) =>
      Effect.replicateEffect(attack(text, drips), 100, { concurrency: 20 });
    yield* hundred("");
    yield* hundred(head.slice(0, 20));
    yield* hundred(head);
    yield* hundred(`${head}\r\n`, true);
    yield* hundred(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\nabc`);
    const leaving = yield* hundred(`${head}\r\nabc`);
    for (const client of leaving) yield* client.close;

    const post = fetched(url, { method: "POST", body: "hello" });
    strictEqual((yield* post).text, "5");
    yield* Effect.sleep("500 millis");
    ok(most >= 100, `${most} at once`);
    strictEqual(running, 0);
    strictEqual((yield* post).text, "5");
    yield* close;
  }),
);
