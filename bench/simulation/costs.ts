/**
 * Prints the nanoseconds that an event and a step take, as JSON.
 *
 * @module
 */
import { median, rounds } from "../report.ts";
import { nanosAStep } from "./exploring.ts";
import { weir } from "./mm3.ts";
import { byFibers, byQueue, plainly } from "./queueing.ts";

const scores: Record<string, ReadonlyArray<number>> = await rounds({
  "servers at a queue, an event": weir(byQueue(plainly)),
  "a fiber a customer, an event": weir(byFibers(plainly)),
  "exploring by chance, a step": () => nanosAStep("random"),
}, { counted: 3, warmUp: 2 });

// deno-lint-ignore no-console -- the bench reads it
console.log(JSON.stringify(
  Object.fromEntries(
    Object.entries(scores).map(([name, score]) => [name, median(score)]),
  ),
));
