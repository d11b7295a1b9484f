/**
 * Sees every step that fibers make.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Tracer from "effect/Tracer";

const evaluate = "~effect/Effect/evaluate";
const kind = "~effect/Effect/identifier";
const argument = "~effect/Effect/args";

/** A service that tells of every step before it is made. */
export function tracing(
  sees: (fiber: object, primitive: object) => void,
): Context.Context<never> {
  return Context.make(
    Tracer.Tracer,
    Tracer.make({
      span: (options) => new Tracer.NativeSpan(options),
      context: (primitive, fiber) => {
        sees(fiber, primitive);
        return primitive[evaluate](fiber);
      },
    }),
  );
}

/** What kind of step it is, as Effect calls it: `Sync`, `Yield` and so on. */
export function kindOf(primitive: object): unknown {
  return (primitive as { readonly [kind]?: unknown })[kind];
}

/** What an `Effect.sync` was given. */
export function thunkOf(
  primitive: object,
): ((...args: Array<never>) => unknown) | undefined {
  const { [argument]: thunk } = primitive as { readonly [argument]?: unknown };
  return kindOf(primitive) === "Sync" && typeof thunk === "function"
    ? thunk as () => unknown
    : undefined;
}
