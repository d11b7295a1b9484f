/**
 * Names for what fibers do.
 *
 * @module
 */

/** A function that an effect was made of: what `Effect.callback` or `Effect.sync` were given. */
export type Part = (...args: Array<never>) => unknown;

const longest = 60;
const known = new Map<string, string>();

/** Teaches what is done by a function, and by others of the same source. */
export function teach(f: Part, label: string): void {
  const source = String(f);
  if (!known.has(source)) known.set(source, label);
}

/** Teaches that what is done by a function is of no interest. */
export function hush(f: Part): void {
  teach(f, "");
}

/** What a person would call a function: as it was taught, or its source. Empty if it is of no interest. */
export function labelOf(f: Part): string {
  return known.get(String(f)) ?? (f.name || `\`${sourceOf(f)}\``);
}

/** What a person would call a wait: as it was taught, or by the name of the function that waits, or by its source. */
export function waitOf(f: Part): string {
  return known.get(String(f)) || f.name || `\`${sourceOf(f)}\``;
}

/** The source of a function in one short line; of one without parameters, its body. */
function sourceOf(f: Part): string {
  const source = String(f).replace(/^\(\)\s*=>\s*/, "").replaceAll(/\s+/g, " ");
  return source.length > longest ? `${source.slice(0, longest)}…` : source;
}
