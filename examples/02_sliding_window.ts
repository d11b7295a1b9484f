/** 20 calls at once into a sliding window of 5 a second, and how long each waited. */
import { Limiter, Quota } from "@weir/weir";
import * as Array from "effect/Array";
import * as Console from "effect/Console";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";

const call = Effect.fnUntraced(function* (n: number) {
  const limiter = yield* Limiter.Limiter;
  const { waited } = yield* limiter.acquire();
  yield* Console.log(
    Duration.isZero(waited)
      ? `call ${n}: at once`
      : `call ${n}: waited ${Duration.toSeconds(waited).toFixed(1)} s`,
  );
});

/** Makes the calls: five go at once, five more each time the window has moved on. */
export const program: Effect.Effect<void> = Effect.forEach(
  Array.range(1, 20),
  call,
  { concurrency: "unbounded", discard: true },
).pipe(
  Effect.provide(
    Limiter.layer(Quota.slidingWindow({ limit: 5, window: "1 second" })),
  ),
);

if (import.meta.main) await Effect.runPromise(program);
