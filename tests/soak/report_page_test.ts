/**
 * Reports as a browser shows them.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Report from "@weir/weir/simulation/report";
import axe from "axe-core/axe.min.js" with { type: "text" };
import * as Effect from "effect/Effect";
import * as Semaphore from "effect/Semaphore";
import { deepStrictEqual, ok } from "node:assert/strict";
import { isInstalled } from "../support/printed.ts";
import { hardCharts } from "../support/simulation/hard_charts.ts";
import { incident, workers } from "../support/simulation/results.ts";
import { Browser, type Look } from "../support/tasks/browser.ts";

const hasChromium = await isInstalled("chromium");

const sizes = [{ width: 1280, height: 800 }, { width: 390, height: 844 }];
const looks: ReadonlyArray<Look> = sizes.flatMap((size) => [
  size,
  { ...size, dark: true },
]);

const takeBoth = Effect.gen(function* () {
  const [a, b] = [yield* Semaphore.make(1), yield* Semaphore.make(1)];
  const take = (first: Semaphore.Semaphore, then: Semaphore.Semaphore) =>
    first.withPermits(1)(then.withPermits(1)(Effect.void));
  yield* Effect.all([take(a, b), take(b, a)], { concurrency: 2 });
});

const page = Report.html({
  title: "How many workers?",
  summary: "Six are enough.",
  parameters: { seed: 1, horizon: "1 day" },
  charts: [
    {
      title: "Response time",
      series: { "a day": workers([1, 2, 3, 4, 5, 6, 7, 8]) },
      x: (n: number) => n,
      y: ["response.p50", "response.p95"],
      labels: { x: "workers", y: "seconds" },
      scale: "log" as const,
    },
    {
      title: "Jobs in the queue",
      series: Object.fromEntries(incident.map((r) => [r.point.name, [r]])),
      y: "pool.pending",
      labels: { y: "jobs" },
    },
  ],
  tables: [{
    title: "Ten bad minutes",
    results: incident,
    columns: ["response.p50", "response.p95", "response.p99", "served"],
  }],
  counterexamples: [
    await Effect.runPromise(Effect.flip(Simulation.check(takeBoth))),
  ],
});

/** Words that are out of their picture, or lie on others. */
const misplaced = `[...document.querySelectorAll("svg")].flatMap((svg) => {
  const frame = svg.getBoundingClientRect();
  if (frame.width === 0) return [];
  const texts = [...svg.querySelectorAll("text")]
    .filter((text) => text.textContent !== "")
    .map((text) => {
      const { bottom, left, right, top } = text.getBoundingClientRect();
      const isTurned = text.getAttribute("transform") !== null;
      return { words: text.firstChild.textContent, isTurned, bottom, left, right, top };
    });
  const out = texts.filter((text) =>
    text.left < frame.left - 1 || text.right > frame.right + 1 ||
    text.top < frame.top - 1 || text.bottom > frame.bottom + 1
  ).map(({ words }) => [svg.querySelector("title").textContent, words]);
  const straight = texts.filter(({ isTurned }) => !isTurned);
  const over = straight.flatMap((one, i) => straight.slice(i + 1).filter((other) =>
    one.left < other.right - 1 && other.left < one.right - 1 &&
    one.top < other.bottom - 3 && other.top < one.bottom - 3
  ).map(({ words }) => [svg.querySelector("title").textContent, one.words, words]));
  return [...out, ...over];
})`;

const pages = {
  "of a sweep": page,
  "of hard charts": Report.html({ title: "Hard", charts: hardCharts }),
};

for (const [what, html] of Object.entries(pages)) {
  Deno.test({
    name:
      `a page ${what} fits each screen, is legible, and has nothing that axe objects to`,
    ignore: !hasChromium,
    fn: async () => {
      const headers = { "content-type": "text/html" };
      await using server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen: () => {} },
        () => new Response(html, { headers }),
      );
      await using browser = await Browser.start();
      for (const look of looks) {
        const url = `http://127.0.0.1:${server.addr.port}/`;
        await using shown = await browser.open(url, look);
        deepStrictEqual(await shown.evaluate(misplaced), []);
        await shown.evaluate(
          "document.querySelectorAll('details').forEach((one) => one.open = true)",
        );
        // A phone's window grows with what is too wide.
        const width = await shown.evaluate(
          "document.documentElement.scrollWidth",
        );
        ok(Number(width) <= look.width, `${width} at ${look.width}`);
        await shown.evaluate(axe);
        deepStrictEqual(
          await shown.evaluate(
            "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map((n) => n.html)]))",
          ),
          [],
        );
      }
    },
  });
}
