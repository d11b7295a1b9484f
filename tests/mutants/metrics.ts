/**
 * Bugs that metrics read on pull could have.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const metrics = "src/internal/metrics.ts";
const test = "tests/limiter/metrics_test.ts";

/** What must not come back into the metrics. */
export const metricsMutants: ReadonlyArray<Mutant> = [
  {
    name: "a series outlives the services that it counts",
    file: metrics,
    from: "        for (const { remove } of series) remove();",
    to: "",
    test,
    filter: "in the metrics while it lives",
  },
  {
    name: "a second service of one name takes the place of the first",
    file: metrics,
    from: "groups.get(key) ?? this.group(attributes, context, label)",
    to: "this.group(attributes, context, label)",
    test,
    filter: "one series: their sum",
  },
  {
    name: "a counter goes down as one of two services ends",
    file: metrics,
    from: "        for (const { keep } of series) keep(service);",
    to: "",
    test,
    filter: "one series: their sum",
  },
  {
    name: "a counter goes down as an interrupt gives a turn back",
    file: "src/limiter/core.ts",
    from: "    this.lobby.undone++;",
    to: "    this.lobby.given--;",
    test,
    filter: "stays in its counter",
  },
  {
    name: "services under other attributes are taken for one",
    file: metrics,
    from: "{ ...attributes, ...current }",
    to: "attributes",
    test,
    filter: "the attributes and the registry",
  },
  {
    name: "turns that were had at once are no waits of no time",
    file: "src/limiter/metrics.ts",
    from: "lobby.given - lobby.waits.count",
    to: "0 * lobby.given",
    test,
    filter: "in the metrics while it lives",
  },
  {
    name: "a limiter that does not count what runs says that nothing does",
    file: "src/limiter/metrics.ts",
    from: "concurrency === Infinity",
    to: "concurrency < 0",
    test,
    filter: "monitors know what runs",
  },
];
