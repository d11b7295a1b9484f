/**
 * Chance by name: each name has a stream of numbers of its own, so that what one part of a program draws does not change what
 * another does.
 *
 * @module
 */
import * as Context from "effect/Context";
import type * as Fiber from "effect/Fiber";
import * as Random from "effect/Random";
import { Chance } from "./chance.ts";

/** Streams of numbers by name, as a seed has them. */
export class Streams {
  private readonly chances = new Map<string, Chance>();

  constructor(private readonly seed: number) {}

  /** The next number of a name, from 0 up to 1. */
  next(name: string): number {
    let chance = this.chances.get(name);
    if (chance === undefined) {
      chance = new Chance(this.seed, `workload/${name}`);
      this.chances.set(name, chance);
    }
    return chance.next();
  }
}

/** The streams of a run; outside of a simulation there are none. */
export const CurrentStreams: Context.Reference<Streams | undefined> = Context
  .Reference<Streams | undefined>("weir/simulation/CurrentStreams", {
    defaultValue: () => undefined,
  });

/** Draws the numbers of a name, where a fiber is: in a live program from its `Random`. */
export function drawIn(
  { context }: Pick<Fiber.Fiber<unknown, unknown>, "context">,
  name: string,
): () => number {
  const streams = Context.get(context, CurrentStreams);
  if (streams !== undefined) return () => streams.next(name);
  const random = Context.get(context, Random.Random);
  return () => random.nextDoubleUnsafe();
}
