/**
 * Prints the fingerprints of programs made by chance, under each strategy, as JSON. An argument says how many other programs
 * are run before, so that no two processes begin alike.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";
import { programOf } from "../chance_programs.ts";
import { Log, sleeping } from "../sleepers.ts";

const strategies: ReadonlyArray<Simulation.Strategy> = [
  ...["live", "random", "preemptive"] as const,
  ...[{ pct: 3 }, { exhaustive: 1 }],
];

/** Of a program that only waits for others, and of one that sleeps. */
export function fingerprintsOf(seed: number): ReadonlyArray<string> {
  const program = programOf(seed);
  return strategies.flatMap((strategy) =>
    [
      Simulation.run(program([]), { seed, strategy }),
      Simulation.run(sleeping(seed, new Log()), {
        ...{ seed, strategy, leaks: "allow" },
        timerJitter: 5,
      }),
    ].map((run) => Effect.runSync(run).fingerprint)
  );
}

if (import.meta.main) {
  const others = Number(Deno.args[0]);
  for (let seed = 1; seed <= others; seed++) {
    await Effect.runPromise(programOf(seed)([]));
    fingerprintsOf(seed);
  }
  const fingerprints = [1001, 1002, 1003, 1004, 1005].map(fingerprintsOf);
  // deno-lint-ignore no-console -- the test reads it
  console.log(JSON.stringify(fingerprints));
}
