/**
 * Calls of two hosts by many at once, that end in every way.
 *
 * @module
 */
import { KeyedLimiter, Quota } from "@weir/weir";
import { LimitedHttpClient } from "@weir/weir/http";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as HttpClient from "effect/http/HttpClient";
import * as HttpClientError from "effect/http/HttpClientError";
import type * as HttpClientRequest from "effect/http/HttpClientRequest";
import type * as HttpClientResponse from "effect/http/HttpClientResponse";
import * as Stream from "effect/Stream";
import { deepStrictEqual } from "node:assert/strict";
import { Dice, monotonic, pause } from "../support/dice.ts";
import { perHost, streamed } from "./upstream.ts";

/** What a host answers, and how long that takes. */
interface Plan {
  readonly takes: number;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly pieces: number;
  readonly between: number;
}

const hosts = ["a.test", "b.test"] as const;

/** Marks a call that may be interrupted. What is on its way to it just then is lost, and with it what a host asks for. */
const leaving = { "x-leaving": "yes" };

/** A host, and what it makes of its clients. */
class Host {
  open = 0;
  /** What must not be: whoever calls may be gone before it is heard of. */
  readonly faults: Array<string> = [];
  private pausedFrom = 0;
  private pausedUntil = 0;

  constructor(
    private readonly concurrency: number,
    private readonly plans: Array<Plan>,
  ) {}

  /** Answers the next plan, or loses the connection when there is none. */
  answer(
    request: HttpClientRequest.HttpClientRequest,
  ): Effect.Effect<
    HttpClientResponse.HttpClientResponse,
    HttpClientError.HttpClientError
  > {
    return Effect.gen({ self: this }, function* () {
      const now = yield* monotonic;
      if ("x-leaving" in request.headers) return yield* this.respond(request);
      this.open++;
      // Who sets out in the very moment in which the pause is asked for does not know of it.
      if (this.pausedFrom < now && now < this.pausedUntil) {
        this.faults.push(`called in its pause at ${now}`);
      }
      if (this.open > this.concurrency) {
        this.faults.push(`${this.open} at once`);
      }
      return yield* Effect.onError(
        this.respond(request),
        () => Effect.sync(() => this.open--),
      );
    });
  }

  private respond(request: HttpClientRequest.HttpClientRequest) {
    return Effect.gen({ self: this }, function* () {
      const plan = this.plans.pop();
      yield* pause(plan?.takes ?? 0);
      if (plan === undefined) {
        return yield* Effect.fail(
          new HttpClientError.HttpClientError({
            reason: new HttpClientError.TransportError({ request }),
          }),
        );
      }
      const asked = Number(plan.headers["retry-after"] ?? 0) * 1000;
      const now = yield* monotonic;
      if ("x-leaving" in request.headers) return this.response(request, plan);
      if (now + asked > Math.max(now, this.pausedUntil)) {
        if (now >= this.pausedUntil) this.pausedFrom = now;
        this.pausedUntil = now + asked;
      }
      return this.response(request, plan);
    });
  }

  private response(
    request: HttpClientRequest.HttpClientRequest,
    { between, headers, pieces, status }: Plan,
  ): HttpClientResponse.HttpClientResponse {
    let open = !("x-leaving" in request.headers);
    const close = Effect.sync(() => {
      if (open) this.open--;
      open = false;
    });
    const piece = Effect.as(pause(between), new Uint8Array(10));
    const stream = Stream.fromEffectRepeat(piece).pipe(
      Stream.take(pieces),
      Stream.ensuring(close),
    );
    return streamed(request, { status, headers }, stream);
  }
}

function drawPlan(dice: Dice): Plan {
  const { headers, status } = dice.pick(
    { status: 200, headers: {} },
    { status: 200, headers: {} },
    { status: 503, headers: {} },
    { status: 429, headers: { "retry-after": "1" } },
    { status: 503, headers: { "retry-after": "2" } },
    { status: 302, headers: { location: `//${dice.pick(...hosts)}/on` } },
  );
  return {
    status,
    headers,
    takes: dice.pause(50),
    pieces: dice.pick(0, 3, 60),
    between: dice.pause(3),
  };
}

/** Reads a response in some way, and perhaps gives up on it. */
function drawCall(
  dice: Dice,
  client: HttpClient.HttpClient,
): Effect.Effect<void> {
  const url = `http://${dice.pick(...hosts)}/`;
  const comes = dice.whole(0, 100);
  const leaves = dice.happens(0.4) ? dice.pause(100) : undefined;
  const read = dice.pick("whole", "first", "stream", "nothing");
  const headers = leaves === undefined ? {} : leaving;
  const call = Effect.flatMap(client.get(url, { headers }), (response) => {
    if (read === "whole") return response.arrayBuffer;
    if (read === "first") return Stream.runHead(response.stream);
    return read === "stream" ? Stream.runDrain(response.stream) : Effect.void;
  });
  return Effect.gen(function* () {
    yield* pause(comes);
    const fiber = yield* Effect.forkChild(Effect.ignore(call));
    if (leaves !== undefined) {
      yield* pause(leaves);
      yield* Fiber.interrupt(fiber);
    }
    yield* Fiber.await(fiber);
  });
}

/** No host is called in its pause or by more than may at once, and in the end nobody holds anything. */
export const calls: Effect.Effect<void> = Effect.gen(function* () {
  const dice = yield* Dice.make;
  const concurrency = dice.whole(1, 2);
  const servers = new Map(hosts.map((name) => [
    name as string,
    new Host(concurrency, dice.list(12, () => drawPlan(dice))),
  ]));
  const client = HttpClient.make((request, { host }) =>
    servers.get(host)!.answer(request)
  );
  yield* Effect.gen(function* () {
    const limiters = yield* KeyedLimiter.KeyedLimiter;
    const limited = yield* LimitedHttpClient.make(client, {
      maxUnread: "5 seconds",
      maxBytes: dice.pick(1000, 100),
    });
    yield* Effect.all(
      dice.list(dice.whole(2, 8), () => drawCall(dice, limited)),
      { concurrency: "unbounded", discard: true },
    );
    // Longer than anything waits, unread or paused.
    yield* Effect.sleep("1 minute");
    for (const [name, { faults, open }] of servers) {
      deepStrictEqual([name, faults], [name, []]);
      const { running, waiting } = yield* limiters.for(name).stats;
      deepStrictEqual([name, open, running, waiting], [name, 0, 0, 0]);
    }
  }).pipe(Effect.provide(perHost(Quota.unlimited, { concurrency })));
});
