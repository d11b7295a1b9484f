/**
 * Draws what the guide shows: `deno task pictures` runs each pattern beside the way without it, writes a picture of each, and
 * a page of all, `guide.html`.
 *
 * @module
 */
import type { Simulation } from "@weir/weir/simulation";
import * as Report from "@weir/weir/simulation/report";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as flows from "./flows.ts";
import * as limits from "./limits.ts";
import * as places from "./places.ts";
import { chartOf, type Study } from "./study.ts";
import * as web from "./web.ts";

/** Where pictures are. */
export const folder: URL = new URL("pictures/", import.meta.url);

/** What is drawn, by the name of its file. */
export const studies: Readonly<Record<string, Study>> = {
  "producer-consumer": flows.producerConsumer,
  "worker-pool": flows.workerPool,
  batch: flows.batch,
  gather: flows.gather,
  "rate-limit": limits.rateLimit,
  "per-client": limits.perClient,
  http: web.http,
  tasks: places.tasks,
  crawl: web.crawl,
  "limited-client": web.limitedClient,
  "retry-budget": places.retryBudget,
  semaphore: places.semaphore,
  stream: flows.stream,
};

/** A picture, the same bytes each time, and narrow enough for a phone. */
export const pictureOf = (chart: Report.Chart<number>): string =>
  Report.svg(chart, { width: 480 }) + "\n";

/** Draws all, and the page. */
export const program: Effect.Effect<void, Simulation.ModelFailed> = Effect.gen(
  function* () {
    const charts: Array<Report.Chart<number>> = [];
    for (const [name, study] of Object.entries(studies)) {
      const begun = performance.now();
      const chart = yield* chartOf(study);
      charts.push(chart);
      yield* write(new URL(`${name}.svg`, folder), pictureOf(chart));
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      yield* Console.log(`${name}: ${seconds} s`);
    }
    const page = Report.html({
      title: "Which pattern?",
      summary: "Each pattern beside the way without it, as simulated.",
      parameters: { seed: 1, replications: 5 },
      charts,
    });
    yield* write(new URL("../../guide.html", import.meta.url), page);
  },
);

function write(to: URL, text: string): Effect.Effect<void> {
  return Effect.promise(() => Deno.writeTextFile(to, text));
}

if (import.meta.main) await Effect.runPromise(program);
