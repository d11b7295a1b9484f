/**
 * Where code was called from.
 *
 * @module
 */

const here = new URL(".", import.meta.url).href;
const effect = /\/effect\/[^/]*\/?(dist|src)\//;
const most = 5;

/** The frames of whoever called this module, without those of Effect, and up to where this module was called first. */
export function callSite(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 50;
  const { stack = "" } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  const lines = stack.split("\n").map((line) => line.trim()).slice(1);
  const start = lines.findIndex((line) => !line.includes(here));
  const length = lines.slice(start).findIndex((line) => line.includes(here));
  return lines.slice(start, start + length)
    .filter((line) => !effect.test(line))
    .slice(0, most).join("\n");
}
