/**
 * That `"live"` is the order of Effect's own scheduler.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";
import { deepStrictEqual, ok } from "node:assert/strict";
import { type Kind, programOf } from "../support/chance_programs.ts";

const programs = 1000;
const leastOfEach = 100;
const claimed: ReadonlyArray<Kind> = [
  ...["Deferred", "Latch", "Queue", "Semaphore", "all", "budget", "end"],
  ...["finalizer", "fork", "interruption", "priority", "race", "yield"],
] as ReadonlyArray<Kind>;

Deno.test("run() lets fibers go on in the order of Effect's own scheduler", async () => {
  const counts = new Map<string, number>();
  for (let seed = 1; seed <= programs; seed++) {
    const program = programOf(seed);
    const events: Array<string> = [];
    await Effect.runPromise(program(events));
    deepStrictEqual({ seed, ...simulated(program) }, {
      seed,
      sickness: undefined,
      events,
    });
    for (const event of events) {
      const kind = event.slice(0, event.indexOf(" "));
      counts.set(kind, 1 + (counts.get(kind) ?? 0));
    }
  }
  for (const kind of claimed) {
    const count = counts.get(kind) ?? 0;
    ok(count >= leastOfEach, `only ${count} times: ${kind}`);
  }
});

function simulated(program: (log: Array<string>) => Effect.Effect<void>) {
  const events: Array<string> = [];
  const run = Effect.runSync(Simulation.run(program(events)));
  return { sickness: run.sickness, events };
}
