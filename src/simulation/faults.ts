/**
 * Which faults happen in a run.
 *
 * @module
 */
import type { Armory } from "../internal/armory.ts";
import { Chance } from "./chance.ts";
import type { Plan } from "./plan.ts";

/** How likely a site is to be armed, as in FoundationDB's simulation. */
const armed = 0.25;

/**
 * Lets faults happen as a plan has it. Each site has chance of its own, so that what happens there does not depend on how
 * fibers come by the others.
 */
export function armoryOf(
  { faults, seed }: Plan,
  clock: { readonly now: number },
): Armory | undefined {
  if (faults === undefined) return undefined;
  const sites = new Map<string, Chance | undefined>();
  const chanceOf = (site: string): Chance | undefined => {
    if (!sites.has(site)) {
      const chance = new Chance(seed, `fault/${site}`);
      sites.set(site, chance.next() < armed ? chance : undefined);
    }
    return sites.get(site);
  };
  return {
    fires: (site) => {
      if (clock.now >= faults.until) return false;
      const chance = chanceOf(site);
      return chance !== undefined && chance.next() < faults.chance;
    },
  };
}
