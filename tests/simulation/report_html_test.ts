/**
 * What stands on a page.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Report from "@weir/weir/simulation/report";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { dark, light } from "../../src/simulation/report/style.ts";
import { incident, limiters, workers } from "../support/simulation/results.ts";
import { ofClass, picturesOf, readXml } from "../support/simulation/xml.ts";

const stuck = Effect.fn("stuck")(function* () {
  yield* Deferred.await(yield* Deferred.make<void>());
});
const program = Effect.andThen(
  Effect.forkChild(stuck()),
  Effect.andThen(Effect.sleep("2 millis"), stuck()),
);

const found = await Effect.runPromise(Effect.flip(Simulation.check(program)));

const labels = { x: "workers", y: "seconds" };
const page = Report.html({
  title: "How <many> workers?",
  summary: "First.\n\nSecond & last.",
  parameters: { seed: 42, horizon: "1 day" },
  charts: [
    {
      title: "Response time",
      series: { all: workers([1, 2, 3]) },
      x: (point) => point,
      y: "response.p95",
      labels,
    },
    {
      title: "Waits",
      series: { all: limiters },
      x: (point) => point.toUpperCase(),
      y: "wait.p99",
      labels,
    },
    {
      title: "Jobs",
      series: { all: incident.slice(0, 1) },
      y: "pool.pending",
      labels: { y: "jobs" },
    },
  ],
  tables: [{ title: "Served", results: incident, columns: ["served"] }],
  counterexamples: [found],
});

Deno.test("html() has a title, words, parameters, charts, tables and counterexamples in that order", () => {
  deepStrictEqual(
    [...page.matchAll(/<h[12]>(.*?)<\/h[12]>/g)].map(([, text]) => text),
    [
      ...["How &lt;many&gt; workers?", "Response time", "Waits", "Jobs"],
      ...[
        "Served",
        "Counterexample: a deadlock: nothing is ready, no timer is set",
      ],
    ],
  );
  match(page, /<p>First\.<\/p>\n<p>Second &amp; last\.<\/p>/);
  match(page, /<dt>seed<\/dt><dd>42<\/dd>/);
  match(page, /<dt>trace<\/dt><dd>live\?seed=1<\/dd>/);
});

Deno.test("html() has no script, and loads nothing", () => {
  ok(!/<script|<link|<img|url\(|@import|https?:/.test(page));
  match(page, /default-src &#39;none&#39;|default-src 'none'/);
});

Deno.test("html() is well-formed, but for what HTML leaves open", () => {
  const closed = page.replace("<!doctype html>", "")
    .replaceAll(/<(meta|br|wbr)([^>]*)>/g, "<$1$2/>");
  const elements = readXml(closed);
  const ids = elements.flatMap(({ attributes }) => attributes.id ?? []);
  strictEqual(new Set(ids).size, ids.length);
});

Deno.test("html() shows the numbers of each chart as a table", () => {
  const details = [...page.matchAll(/<details>.*?<\/details>/gs)]
    .map(([text]) => text);
  const rows = details.map((text) => text.split("<tr>").length - 1);
  deepStrictEqual(rows, [1 + 3, 1 + 4, 1 + 24, 0]);
  match(details[2] ?? "", /: mean<\/th><th scope="col">largest mean<\/th>/);
  match(details[0] ?? "", /<th scope="row">1<\/th><td>[\d.]+ ± [\d.]+<\/td>/);
});

Deno.test("html() draws the lanes of a counterexample, and shows its timeline", () => {
  const [wide, narrow] = picturesOf(page).slice(-2).map(readXml);
  ok(wide && narrow);
  for (const picture of [wide, narrow]) {
    const open = ofClass(picture, "weir-open");
    deepStrictEqual(
      [ofClass(picture, "weir-lane").length - open.length, open.length],
      [2, 2],
    );
    const text = picture.find(({ name }) => name === "desc")?.text ?? "";
    match(text, /^0 ms, #0.*2 ms, #0.*waits in Deferred\.await$/);
  }
  ok(page.includes("Simulation.replay(program, &quot;live?seed=1&quot;)"));
});

Deno.test("html() shows the text of a counterexample that cannot be drawn", () => {
  const { cause, deviations, run, runs, strategy, timeline } = found;
  const text = Report.html({
    title: "One",
    counterexamples: [
      new Simulation.Counterexample({
        ...{ cause, deviations, run, runs, strategy, timeline },
        scenes: [],
      }),
    ],
  });
  strictEqual(picturesOf(text).length, 0);
  match(text, /<\/dl>\n\n<div class="scroll".*<pre>a deadlock/);
});

Deno.test("a counterexample has its timeline as scenes", () => {
  deepStrictEqual(
    found.scenes.map(({ deeds, fiber: { id } }) => [id, deeds.at(-1)]),
    [
      [0, "sleeps 2 ms"],
      [1, "waits in Deferred.await"],
      [0, "waits in Deferred.await"],
    ],
  );
});

Deno.test("a counterexample says how many scenes are left out, and where", async () => {
  const long = Effect.gen(function* () {
    for (let i = 0; i < 500; i++) yield* Effect.sleep(1);
    yield* Effect.fail("late");
  });
  const { scenes } = await Effect.runPromise(
    Effect.flip(Simulation.check(long)),
  );
  deepStrictEqual(
    scenes.flatMap(({ leftOut }, i) => leftOut === 0 ? [] : [[i, leftOut]]),
    [[30, 441]],
  );
});

for (const [what, colours] of Object.entries({ light, dark })) {
  Deno.test(`each line has a contrast of 3 to 1 with its paper, and text of 4.5, in the ${what}`, () => {
    const { ink, lines, muted, paper } = colours;
    for (const line of lines) ok(contrast(line, paper) >= 3, line);
    for (const text of [ink, muted]) ok(contrast(text, paper) >= 4.5, text);
  });
}

/** By WCAG 2.2. */
function contrast(one: string, other: string): number {
  const [dim = 0, bright = 0] = [one, other].map(luminance)
    .sort((a, b) => a - b);
  return (bright + 0.05) / (dim + 0.05);
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) =>
      part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
