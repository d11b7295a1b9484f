/**
 * Where asynchronous work belongs.
 *
 * @module
 */
import type * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import type * as Fiber from "effect/Fiber";
import { AsyncLocalStorage } from "node:async_hooks";

/** Runs something in the async context in which the scope was made. */
export type AsyncScope = <A>(run: () => A) => A;

/**
 * Makes a scope of the current async context, for a service whose work is set off by whoever comes by. Deno links each context
 * in which a fiber was suspended to the one before: work that is always set off from within other work would hold on to all
 * that ever ran.
 */
export function asyncScope(): AsyncScope {
  return AsyncLocalStorage.snapshot();
}

/** Starts fibers in a context of Effect, and in the async context of now. */
export function forkFrom<R>(
  context: Context.Context<R>,
): <A, E>(effect: Effect.Effect<A, E, R>) => Fiber.Fiber<A, E> {
  const scope = asyncScope();
  const fork = Effect.runForkWith(context);
  return (effect) => scope(() => fork(effect));
}
