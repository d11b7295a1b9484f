/**
 * The bugs that the limiter's tests guard against.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

/** Brought back one at a time by `deno task mutants`. */
export const limiterMutants: readonly Mutant[] = [];
