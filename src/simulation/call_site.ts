/**
 * Where code was called from.
 *
 * @module
 */

const here = new URL(".", import.meta.url).href;
const effect = /\/effect\/[^/]*\/?(dist|src)\//;
const most = 5;

/** The frames of whoever called this module, without those of Effect, and no further than the run that they are in. */
export function callSite(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 50;
  const { stack = "" } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  const lines = stack.split("\n").map((line) => line.trim()).slice(1);
  const run = lines.findIndex((line) => line.startsWith("at World.run "));
  return lines.slice(0, run < 0 ? undefined : run)
    .filter((line) => !line.includes(here) && !effect.test(line))
    .slice(0, most).join("\n");
}
