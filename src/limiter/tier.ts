/**
 * The algorithm of each kind of limit.
 *
 * @module
 */
import { refuse } from "../internal/check.ts";
import type { Algorithm } from "./algorithm.ts";
import { fixedWindow } from "./fixed_window.ts";
import type { Tier } from "./model.ts";
import { slidingCounter } from "./sliding_counter.ts";
import { slidingWindow } from "./sliding_window.ts";
import { tokenBucket } from "./token_bucket.ts";

const algorithms: {
  readonly [Tag in Tier["_tag"]]: Algorithm<Extract<Tier, { _tag: Tag }>>;
} = {
  TokenBucket: tokenBucket,
  SlidingWindow: slidingWindow,
  SlidingCounter: slidingCounter,
  FixedWindow: fixedWindow,
};

/** The algorithm of a tier. */
export function algorithmOf(tier: Tier): Algorithm<Tier> {
  // The table pairs each tag with its own algorithm, which TypeScript cannot follow through a union.
  return algorithms[tier._tag] as Algorithm<Tier>;
}

/** A tier that was not named yet. */
export type Nameless<T = Tier> = T extends unknown ? Omit<T, "name"> : never;

/** Checks the numbers of a tier, and names it by them unless it has a name. */
export function named(nameless: Nameless, name: string | undefined): Tier {
  // What is left out is added here; TypeScript does not see that through the union.
  const tier = { ...nameless, name } as Tier;
  const algorithm = algorithmOf(tier);
  algorithm.check(tier);
  return { ...tier, name: name ?? algorithm.words(tier) };
}

/** Refuses a quota that was not made by the constructors and would not have been. */
export function checked(tiers: ReadonlyArray<Tier>): ReadonlyArray<Tier> {
  for (const tier of tiers) algorithmOf(tier).check(tier);
  return distinct(tiers);
}

/** Refuses tiers that could not be told apart. */
export function distinct(tiers: ReadonlyArray<Tier>): ReadonlyArray<Tier> {
  const names = new Set<string>();
  for (const { name } of tiers) {
    if (names.has(name)) refuse("name", "given to one tier only", name);
    names.add(name);
  }
  return tiers;
}
