/**
 * Weir's preload, which makes waits cheaper.
 *
 * @module
 */

/** What Deno is told so that it loads it first. */
export const preload: ReadonlyArray<string> = [
  "--preload",
  new URL("../../src/preload.ts", import.meta.url).pathname,
];
