import { Limiter, WorkerPool } from "@weir/weir";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";

export { aWhile } from "../support/interrupt_sweep.ts";

/** A pool whose limiter never makes anyone wait. */
export const pool = (
  options: WorkerPool.Options,
): Effect.Effect<WorkerPool.Service, never, Scope.Scope> =>
  Effect.flatMap(
    Limiter.make({ tiers: [] }),
    (limiter) =>
      Effect.provideService(
        WorkerPool.make(options),
        Limiter.Limiter,
        limiter,
      ),
  );

/** A job that runs until it is let go. */
export const held: Effect.Effect<
  { readonly job: Effect.Effect<string>; readonly letGo: Effect.Effect<void> }
> = Effect.map(Deferred.make<string>(), (gate) => ({
  job: Deferred.await(gate),
  letGo: Effect.asVoid(Deferred.succeed(gate, "let go")),
}));

/** The counts of a pool, without how many workers there are. */
export const counts = (
  { stats }: WorkerPool.Service,
): Effect.Effect<Omit<WorkerPool.Stats, "workers">> =>
  Effect.map(stats, ({ workers: _, ...counts }) => counts);
