import { Limiter, WorkerPool } from "@weir/weir";
import { testEffect } from "@weir/weir/testing";
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import { ok, strictEqual } from "node:assert/strict";
import { finished } from "../support/effects.ts";
import { aWhile } from "./support.ts";

testEffect(
  "a limiter that throws fails the job that asked, and costs no worker",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make({ tiers: [] });
    let faults = 2;
    const { run } = yield* WorkerPool.make({ workers: 1 }).pipe(
      Effect.provideService(Limiter.Limiter, {
        ...limiter,
        limit: (effect, options) => {
          if (faults-- > 0) throw new Error("limiter");
          return limiter.limit(effect, options);
        },
      }),
    );
    for (const options of [undefined, { priority: 1 }]) {
      const caller = yield* Effect.forkChild(run(Effect.void, options));
      yield* aWhile;
      ok(finished(caller));
      const exit = yield* Fiber.await(caller);
      ok(Exit.isFailure(exit) && Cause.hasDies(exit.cause));
    }
    strictEqual(yield* run(Effect.succeed("next")), "next");
  }),
);
