/**
 * What holds for any chart: well-formed, inside of its picture, with no number that is none, and nobody's text but as text.
 *
 * @module
 */
import { testProperty } from "@weir/weir/testing";
import * as Report from "@weir/weir/simulation/report";
import * as Effect from "effect/Effect";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { estimate } from "../../src/simulation/estimate.ts";
import { resultOf } from "../support/simulation/results.ts";
import { picturesOf, placesOf, readXml } from "../support/simulation/xml.ts";

const hostile = FastCheck.oneof(
  FastCheck.constantFrom(
    `<script>alert(1)</script>`,
    `"><img src=x onerror=alert(1)>`,
    `' onload='alert(1)`,
    `" onload="alert(1)`,
    `]]></style></svg></title><script>`,
    `&lt;&#0;&bogus;`,
    `\0\x0b\ud800\ufffe\u202e\r\n`,
    `__proto__`,
    `a very long name that goes on and on until there is no room for it any more anywhere`,
  ),
  FastCheck.string({ unit: "binary", maxLength: 40 }),
  FastCheck.string({ maxLength: 120 }),
).map((text) => text.trim() === "" ? "blank" : text);

const value = FastCheck.oneof(
  {
    weight: 6,
    arbitrary: FastCheck.double({ min: 0, max: 1000, noNaN: true }),
  },
  FastCheck.constantFrom(0, NaN, Infinity, -1, 1e-9, 1e15, -1e15),
);

const estimated = FastCheck.array(value, { maxLength: 5 }).map(estimate);

const series = FastCheck.array(
  FastCheck.tuple(FastCheck.nat(100_000), value),
  { maxLength: 60 },
).map((points) => points.sort(([a], [b]) => a - b));

const measures = FastCheck.record({
  tallies: FastCheck.constant({}),
  levels: FastCheck.record({
    queue: FastCheck.record({ mean: estimated, max: value, series }),
  }),
  counts: FastCheck.record({
    lost: FastCheck.record({ rate: estimated, peak: value, series }),
  }),
});

const bounds = FastCheck.array(
  FastCheck.record({
    label: hostile,
    value: FastCheck.double({ min: 1e-6, max: 2000, noNaN: true }),
  }),
  { maxLength: 4 },
);

const words = {
  title: hostile,
  description: hostile,
  scale: FastCheck.constantFrom("linear" as const, "log" as const),
  bounds,
};

const byName = FastCheck.record({
  ...words,
  labels: FastCheck.record({ x: hostile, y: hostile }),
  points: FastCheck.uniqueArray(hostile, {
    ...{ minLength: 1, maxLength: 12 },
    selector: (text) => text.replaceAll(/\s+/g, " ").trim(),
  }),
  names: FastCheck.uniqueArray(hostile, { minLength: 1, maxLength: 4 }),
  all: FastCheck.array(measures, { minLength: 48, maxLength: 48 }),
}).map(({ all, names, points, ...rest }): Report.Chart<string> => ({
  ...rest,
  x: (point) => point,
  y: ["queue.mean", "lost.peak"],
  series: Object.fromEntries(names.map((name, i) => [
    `${i}${name}`,
    points.flatMap((point, k) => {
      const seen = all[i * 12 + k];
      return seen ? [resultOf(point, seen)] : [];
    }),
  ])),
}));

const byNumber = FastCheck.record({
  ...words,
  labels: FastCheck.record({ x: hostile, y: hostile }),
  points: FastCheck.uniqueArray(
    FastCheck.oneof(
      FastCheck.integer({ min: -50, max: 100_000 }),
      FastCheck.double({ min: -1, max: 1, noNaN: true }),
    ),
    // 0 and −0 are one place.
    { minLength: 1, maxLength: 30, comparator: "IsStrictlyEqual" },
  ),
  name: hostile,
  all: FastCheck.array(measures, { minLength: 30, maxLength: 30 }),
}).map(({ all, name, points, ...rest }): Report.Chart<number> => ({
  ...rest,
  x: (point) => point,
  y: ["queue.mean", "queue.max", "lost"],
  series: {
    [`policy ${name}`]: points.flatMap((point, k) => {
      const seen = all[k];
      return seen ? [resultOf(point, seen)] : [];
    }),
  },
}));

const overTime = FastCheck.record({
  ...words,
  labels: FastCheck.record({ y: hostile }),
  all: FastCheck.array(measures, { minLength: 1, maxLength: 4 }),
}).map(({ all, ...rest }): Report.Chart<number> => ({
  ...rest,
  y: ["queue", "lost"],
  series: Object.fromEntries(
    all.map((seen, i) => [
      `policy ${i}`,
      [resultOf(i, seen, { horizon: 100_000, warmup: 30_000 * i })],
    ]),
  ),
}));

const known = new Set([
  ...["svg", "title", "desc", "style", "rect", "path", "text", "tspan"],
]);

/** Fails if a picture is not as every picture is. */
function examine(svg: string): void {
  const elements = readXml(svg);
  const [root] = elements;
  const [, , width = NaN, height = NaN] = (root?.attributes.viewBox ?? "")
    .split(" ").map(Number);
  ok(width > 0 && height > 0, root?.attributes.viewBox);
  for (const { attributes, name } of elements) {
    ok(known.has(name), name);
    for (const [attribute, text] of Object.entries(attributes)) {
      ok(!/NaN|Infinity|undefined/.test(text), `${attribute}="${text}"`);
      ok(!attribute.startsWith("on"), attribute);
    }
  }
  for (const [x, y] of placesOf(elements)) {
    ok(x >= 0 && x <= width && y >= 0 && y <= height, `${x} ${y}`);
  }
}

for (
  const [what, charts] of Object.entries({ byName, byNumber, overTime })
) {
  testProperty<Report.Chart<string> | Report.Chart<number>, never>(
    `svg() draws any chart ${what} well-formed and inside, the same each time`,
    charts,
    (chart) =>
      Effect.sync(() => {
        const draw = () =>
          // One of both, each with points of its own.
          Report.svg(chart as Report.Chart<unknown>);
        const svg = draw();
        examine(svg);
        strictEqual(draw(), svg);
      }),
    { numRuns: 150 },
  );

  testProperty<Report.Chart<string> | Report.Chart<number>, never>(
    `html() shows any chart ${what} on a narrow and on a wide screen, and text as text`,
    charts,
    (chart) =>
      Effect.sync(() => {
        const page = Report.html({
          title: chart.title,
          summary: chart.title,
          parameters: { [chart.title]: chart.title },
          charts: [chart as Report.Chart<unknown>],
        });
        const pictures = picturesOf(page);
        strictEqual(pictures.length, 2);
        for (const picture of pictures) examine(picture);
        const tags = [...page.matchAll(/<(\w+)/g)].map(([, tag]) => tag);
        deepStrictEqual(
          tags.filter((tag) => ["script", "img", "iframe"].includes(tag ?? "")),
          [],
        );
        for (const [tag] of page.matchAll(/<[^>]*>/g)) {
          const bare = tag.replaceAll(/"[^"]*"/g, "");
          ok(!/[\s"]on\w+\s*=/.test(bare), tag);
        }
      }),
    { numRuns: 60 },
  );
}
