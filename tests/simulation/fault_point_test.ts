/**
 * Faults that a simulation lets happen.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Data from "effect/Data";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Schedule from "effect/Schedule";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";

class Unreachable extends Data.TaggedError("Unreachable") {}

const site = (name: string) => Simulation.faultPoint(name, new Unreachable());

/** How often each of eight sites fails in 40 passes. */
const passes = Effect.forEach(
  Array.from({ length: 8 }, (_, i) => `site ${i}`),
  (name) =>
    Effect.map(
      Effect.all(Array.from({ length: 40 }, () => Effect.exit(site(name)))),
      (exits) => exits.filter(Exit.isFailure).length,
    ),
);

function failures(options: Simulation.Options): ReadonlyArray<number> {
  const { exit } = Effect.runSync(Simulation.run(passes, options));
  ok(Exit.isSuccess(exit));
  return exit.value;
}

Deno.test("faultPoint() does nothing live, nor in a run without faults", () => {
  deepStrictEqual(Effect.runSync(passes), Array.from({ length: 8 }, () => 0));
  deepStrictEqual(failures({}), Array.from({ length: 8 }, () => 0));
});

Deno.test("faultPoint() arms one site in four, by the seed, and fails there at the chance that is given", () => {
  let armed = 0;
  let failed = 0;
  for (let seed = 0; seed < 200; seed++) {
    const counts = failures({ seed, faults: { chance: 0.5 } });
    deepStrictEqual(failures({ seed, faults: { chance: 0.5 } }), counts);
    armed += counts.filter((count) => count > 0).length;
    failed += counts.reduce((sum, count) => sum + count, 0);
  }
  ok(Math.abs(armed / (200 * 8) - 0.25) < 0.05, `${armed} were armed`);
  ok(Math.abs(failed / armed / 40 - 0.5) < 0.03, `${failed / armed} failed`);
  deepStrictEqual(
    failures({ faults: { chance: 0 } }),
    Array.from({ length: 8 }, () => 0),
  );
  ok(failures({ seed: 3, faults: { chance: 1 } }).every((n) => n % 40 === 0));
});

Deno.test("faultPoint() has chance of its own, whichever order sites are passed in", () => {
  const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
  const failed = (order: ReadonlyArray<string>, seed: number) => {
    const pass = Effect.forEach(
      order,
      (name) =>
        Effect.map(
          Effect.exit(site(name)),
          (exit) => Exit.isFailure(exit) ? [name] : [],
        ),
    );
    const { exit } = Effect.runSync(
      Simulation.run(pass, { seed, faults: { chance: 0.5 } }),
    );
    ok(Exit.isSuccess(exit));
    return exit.value.flat().sort().join();
  };
  for (let seed = 0; seed < 50; seed++) {
    strictEqual(failed(names, seed), failed(names.toReversed(), seed));
  }
});

Deno.test("faultPoint() runs any effect in its place: sleeps, defects, interruption", () => {
  const run = (fault: Effect.Effect<unknown>) => {
    const program = Simulation.faultPoint("site", fault);
    for (let seed = 0; seed < 100; seed++) {
      const run = Effect.runSync(
        Simulation.run(program, { seed, faults: { chance: 1 } }),
      );
      if (run.exit._tag === "Failure" || Duration.toMillis(run.time) > 0) {
        return run;
      }
    }
    throw new Error("no fault");
  };
  strictEqual(Duration.toSeconds(run(Effect.sleep("5 seconds")).time), 5);
  ok(Exit.hasDies(run(Effect.die("broken")).exit));
  ok(Exit.hasInterrupts(run(Effect.interrupt).exit));
});

Deno.test("until ends faults, so that what must get on does", async () => {
  const program = Effect.retry(site("store"), Schedule.spaced("1 second"));
  const faults = { chance: 1, until: "1 minute" } as const;
  await Effect.runPromise(Simulation.check(program, { faults, runs: 120 }));
  const found = await Effect.runPromise(
    Effect.flip(
      Simulation.check(program, { faults: { chance: 1 }, runs: 120 }),
    ),
  );
  strictEqual(found.run.sickness?._tag, "TimeLimit");
  const gaveUp = await Effect.runPromise(
    Effect.flip(Simulation.check(Effect.retry(site("store"), { times: 3 }), {
      faults,
      runs: 120,
    })),
  );
  ok(Exit.hasFails(gaveUp.run.exit));
  ok(gaveUp.run.trace.includes("faults=1&until=60000"), gaveUp.run.trace);
});
