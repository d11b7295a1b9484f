import { Simulation } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";
import { strictEqual } from "node:assert/strict";
import { mended } from "../simulation/specimens/mod.ts";

const seeds = 10_000;
const strategies: ReadonlyArray<Simulation.Strategy> = [
  ...["live", "random", "preemptive"] as const,
  ...[{ pct: 1 }, { pct: 2 }, { pct: 3 }],
];

for (const [name, program] of Object.entries(mended)) {
  Deno.test(`check() finds nothing wrong with ${name}, from 10,000 seeds of each strategy`, async () => {
    const runs = seeds * strategies.length;
    const checked = await Effect.runPromise(
      Simulation.check(program, { strategies, runs }),
    );
    strictEqual(checked.runs, runs);
  });
}
