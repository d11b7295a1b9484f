/**
 * The slot that an effect runs in, as the effects inside see it.
 *
 * @module
 */
import * as Context from "effect/Context";

/** A slot: held until it was given back, also for a fiber that outlives it. */
export interface Slot {
  readonly limiter: object;
  readonly key: string;
  readonly outer: Slot | undefined;
  held: boolean;
}

/** The slot that the current effect runs in. */
export const CurrentSlot: Context.Reference<Slot | undefined> = Context
  .Reference(
    "@weir/weir/Limiter/Slot",
    { defaultValue: (): Slot | undefined => undefined },
  );

/** The context of work that runs apart from whoever hands it in, and so in none of its slots. */
export function withoutSlot(
  context: Context.Context<never>,
): Context.Context<never> {
  return Context.get(context, CurrentSlot) === undefined
    ? context
    : Context.add(context, CurrentSlot, undefined);
}
