/**
 * Bugs that sweeps, monitors and workloads could have.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const at = (file: string) => `src/simulation/${file}.ts`;
const sweep = "tests/simulation/sweep_test.ts";
const workload = "tests/simulation/workload_test.ts";

/** What must not come into sweeps. */
export const sweepMutants: ReadonlyArray<Mutant> = [
  {
    name: "a counter of a service that ended loses all",
    file: "src/internal/metrics.ts",
    from: "      if (alive.size > 1) {",
    to: "      alive.delete(service);\n      if (alive.size > 0) {",
    test: sweep,
    filter: "services report",
  },
  {
    name: "turns that took no time are no waits",
    file: at("records"),
    from: "if (zeros > 0) sketch.accept(0, zeros);",
    to: "",
    test: sweep,
    filter: "services report",
  },
  {
    name: "zeros from before the warm-up count",
    file: at("records"),
    from: "    this.zerosBefore = this.zeros();\n",
    to: "",
    test: sweep,
    filter: "zeros that came before",
  },
  {
    name: "levels count from the beginning",
    file: at("collector"),
    from: "level.restart(at)",
    to: "level",
    test: sweep,
    filter: "levels are weighted",
  },
  {
    name: "levels of a moment are the largest",
    file: at("records"),
    from: "    if (now <= since) return;\n",
    to:
      "    if (value > this.max) this.max = value;\n    if (now <= since) return;\n",
    test: sweep,
    filter: "levels are weighted",
  },
  {
    name: "a second has its end in it",
    file: at("records"),
    from: "times[this.first]! <= at - 1e9",
    to: "times[this.first]! < at - 1e9",
    test: sweep,
    filter: "within any second",
  },
  {
    name: "all replications have one seed",
    file: at("sweep"),
    from: "seed: seed + n",
    to: "seed: seed",
    test: sweep,
    filter: "wanted precision",
  },
  {
    name: "a wanted precision is not looked at",
    file: at("sweep"),
    from:
      "if (precision !== undefined && isPrecise(samples, precision)) break;",
    to: "",
    test: sweep,
    filter: "wanted precision",
  },
  {
    name: "differences are of other replications",
    file: at("estimate"),
    from: "Arr.zipWith(ones, others, (one, other) => one - other)",
    to: "Arr.zipWith(ones, Arr.reverse(others), (one, other) => one - other)",
    test: sweep,
    filter: "pairs replications",
  },
  {
    name: "a sweep in this thread lets nobody else go on",
    file: at("crew"),
    from: "        Effect.yieldNow,\n",
    to: "        Effect.void,\n",
    test: sweep,
    filter: "lets other fibers go on",
    hangs: true,
  },
  {
    name: "the end of a model before its warm-up is no failure",
    file: at("replication"),
    from: "world.now < warmup * 1000",
    to: "world.now < 0",
    test: sweep,
    filter: "where a model ends",
  },
  {
    name: "all names share their chance",
    file: at("streams"),
    from: "`workload/${name}`",
    to: "`workload`",
    test: workload,
    filter: "each name draws by itself",
  },
  {
    name: "arrivals wait for whoever takes them",
    file: at("workload"),
    from: "const wait = start + at - now();",
    to: "const wait = at;",
    test: workload,
    filter: "at gaps of their own",
  },
  {
    name: "all arrivals of the highest rate come",
    file: at("workload"),
    from: "if (chance() * maxRate < now) return at;",
    to: "return at;",
    test: workload,
    filter: "come as often as its rate says",
  },
  {
    name: "who is served outlives a failure",
    file: at("workload"),
    from: "Effect.ensuring(crowd.gone, crowd.interrupt)",
    to: "crowd.gone",
    test: workload,
    filter: "fails with the first",
  },
  {
    name: "Student's t is the normal distribution",
    file: at("estimate"),
    from: "statistics.studentt.inv(0.975, n - 1)",
    to: "statistics.studentt.inv(0.975, 1e6)",
    test: "tests/simulation/estimate_test.ts",
    filter: "Student's t",
  },
  {
    name: "quantiles are rough",
    file: at("records"),
    from: "const relativeAccuracy = 0.001;",
    to: "const relativeAccuracy = 0.01;",
    test: sweep,
    filter: "tallies have quantiles",
  },
  {
    name: "quantiles of values far apart lose the small ones",
    file: at("records"),
    from: "const binLimit = 20_000;",
    to: "const binLimit = 2880;",
    test: sweep,
    filter: "tallies have quantiles",
  },
];
