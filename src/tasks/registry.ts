/**
 * How handlers come to the manager that runs them.
 *
 * @module
 */
import type * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import type { Any, Options, Run } from "./kind.ts";
import type { Service } from "./service.ts";

/** Runs the tasks of one kind. */
export interface Handler {
  /** The kind. */
  readonly task: Any & { readonly options: Options<unknown, unknown> };
  /** Runs one attempt, with all that it needs. */
  readonly run: (payload: unknown, run: Run) => Effect.Effect<unknown, unknown>;
}

/** Lets a handler run tasks for as long as the scope lives. */
export type Register = (
  handler: Handler,
) => Effect.Effect<void, never, Scope.Scope>;

const registers = new WeakMap<Service, Register>();

/** Says how a manager is given handlers. */
export function allowHandlers(manager: Service, register: Register): void {
  registers.set(manager, register);
}

/** How a manager is given handlers. Throws a `TypeError` for one that `TaskManager.make` did not make. */
export function registerOf(manager: Service): Register {
  const register = registers.get(manager);
  if (register === undefined) {
    throw new TypeError("Handlers need a manager made by TaskManager.make");
  }
  return register;
}
