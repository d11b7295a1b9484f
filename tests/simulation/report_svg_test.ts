/**
 * What charts draw, and what they say in words.
 *
 * @module
 */
import * as Report from "@weir/weir/simulation/report";
import {
  deepStrictEqual,
  match,
  ok,
  strictEqual,
  throws,
} from "node:assert/strict";
import { estimate } from "../../src/simulation/estimate.ts";
import {
  incident,
  limiters,
  resultOf,
  wave,
  workers,
} from "../support/simulation/results.ts";
import { ofClass, placesOf, readXml } from "../support/simulation/xml.ts";

const labels = { x: "workers", y: "seconds" };

const levelOf = <P>(
  point: P,
  values: ReadonlyArray<number>,
  series: Report.Series = [],
  replications: Partial<Report.Replications> = {},
): Report.Result<P> =>
  resultOf(point, {
    levels: {
      queue: { mean: estimate(values), max: Math.max(...values), series },
    },
  }, replications);

const queue = (
  results: ReadonlyArray<Report.Result<number>>,
): Report.Chart<number> => ({
  title: "Queue",
  series: { jobs: results },
  x: (point) => point,
  y: "queue.mean",
  labels: { x: "workers", y: "jobs" },
});

/** How many elements of each class a chart has. */
const counts = <P>(chart: Report.Chart<P>, ...names: ReadonlyArray<string>) => {
  const elements = readXml(Report.svg(chart));
  return names.map((name) => ofClass(elements, name).length);
};

const wordsOf = <P>(chart: Report.Chart<P>): string =>
  readXml(Report.svg(chart)).filter(({ name }) => name === "text")
    .map(({ text }) => text).join("\n");

const descriptionOf = <P>(chart: Report.Chart<P>): string =>
  readXml(Report.svg(chart)).find(({ name }) => name === "desc")?.text ?? "";

Deno.test("svg() is as wide as it is told, and refuses what is too narrow to read", () => {
  const chart = queue(
    workers([1, 2]).map(({ point }) => levelOf(point, [1, 2])),
  );
  const widthOf = (options?: Report.SvgOptions) =>
    /<svg [^>]* width="(\d+)"/.exec(Report.svg(chart, options))?.[1];
  deepStrictEqual([widthOf(), widthOf({ width: 480 })], ["760", "480"]);
  throws(() => widthOf({ width: 319 }), {
    name: "RangeError",
    message: /width.*319/,
  });
});

Deno.test("svg() draws a line, a band and a mark a setting for numbers, and a mark for each name", () => {
  const chart = {
    title: "Response time",
    series: { "a day": workers([1, 2, 3, 4, 5]) },
    x: (point: number) => point,
    y: ["response.p50", "response.p95"],
    labels,
  };
  deepStrictEqual(
    counts(chart, "weir-line", "weir-band", "weir-whisker", "weir-mark"),
    [2, 2, 0, 2 * 5 + 2],
  );
});

Deno.test("svg() draws a whisker and a mark for each name and series, side by side", () => {
  const chart = {
    title: "Waits",
    series: { waits: limiters },
    x: (point: string) => point,
    y: ["wait.p50", "wait.p95", "wait.p99"],
    labels,
  };
  deepStrictEqual(
    counts(chart, "weir-line", "weir-band", "weir-whisker", "weir-mark"),
    [0, 0, 12, 12 + 3],
  );
  const marks = placesOf(ofClass(readXml(Report.svg(chart)), "weir-mark"));
  strictEqual(new Set(marks.map(([x]) => x)).size, 12 + 3);
});

Deno.test("svg() draws a line a policy over time, with a few marks to tell them apart", () => {
  const chart = {
    title: "Jobs",
    series: Object.fromEntries(incident.map((r) => [r.point.name, [r]])),
    y: "pool.pending",
    labels: { y: "jobs" },
  };
  deepStrictEqual(
    counts(chart, "weir-line", "weir-band", "weir-mark"),
    [3, 0, 3 * 4 + 3],
  );
});

Deno.test("svg() draws at most 500 points of a line over time, and keeps its spikes and its ends", () => {
  const series = wave(
    ...[86_400, 20_000] as const,
    (t) => Math.abs(t - 43_200) < 3 ? 99 : 1 + Math.sin(t),
  );
  const chart = {
    title: "Jobs",
    series: { jobs: [levelOf(1, [1], series)] },
    y: "queue",
    labels: { y: "jobs" },
  };
  const elements = readXml(Report.svg(chart));
  const points = placesOf(ofClass(elements, "weir-line"));
  ok(points.length > 400 && points.length <= 500, `${points.length}`);
  const heights = points.map(([, y]) => y);
  const top = Math.min(
    ...placesOf(ofClass(elements, "weir-grid")).map(([, y]) => y),
  );
  ok(Math.min(...heights) < top + 10, "the spike is lost");
});

Deno.test("svg() draws each value where the axis says that it is", () => {
  const elements = readXml(
    Report.svg(
      queue(
        [[1, 0], [2, 10], [3, 20]].map(([point = 0, value = 0]) =>
          levelOf(point, [value, value])
        ),
      ),
    ),
  );
  const marks = placesOf(ofClass(elements, "weir-edge"));
  const tick = (text: string) =>
    Number(
      elements.find((one) => one.name === "text" && one.text === text)
        ?.attributes.y,
    );
  deepStrictEqual(
    marks.slice(0, 3).map(([, y]) => y + 4),
    ["0", "10", "20"].map(tick),
  );
});

Deno.test("svg() leaves a gap where nothing was measured, and says so", () => {
  const chart = queue([
    levelOf(1, [1, 2]),
    levelOf(2, [3, 4]),
    levelOf(3, [NaN, NaN]),
    levelOf(4, [5, 6]),
    levelOf(5, [6, 7]),
  ]);
  const [line] = ofClass(readXml(Report.svg(chart)), "weir-line");
  strictEqual(line?.attributes.d?.split("M").length, 3);
  deepStrictEqual(counts(chart, "weir-band", "weir-mark"), [2, 4 + 1]);
  match(wordsOf(chart), /Left out, as there was nothing to measure: at 3\./);
});

Deno.test("svg() draws an interval without end with arrows, and says so", () => {
  const chart = queue([levelOf(1, [1, 2]), levelOf(2, [3])]);
  deepStrictEqual(counts(chart, "weir-open"), [1]);
  match(
    wordsOf(chart),
    /Arrows: an interval without end, as fewer than two replications have a\s+value: at 2\./,
  );
  match(descriptionOf(chart), /3 ± ∞ at 2/);
});

Deno.test("svg() leaves out what a log scale has no place for, and says so", () => {
  const chart: Report.Chart<number> = {
    ...queue([levelOf(1, [0, 0]), levelOf(2, [3, 4]), levelOf(3, [30, 40])]),
    scale: "log",
  };
  deepStrictEqual(counts(chart, "weir-mark"), [2 + 1]);
  match(wordsOf(chart), /a log scale has no place for .*: at 1\./s);
});

Deno.test("svg() tells where a line over time has gaps", () => {
  const series = wave(100, 100, (t) => t >= 20 && t < 40 ? NaN : 1);
  const chart = {
    title: "Jobs",
    series: { jobs: [levelOf(1, [1], series)] },
    y: "queue",
    labels: { y: "jobs" },
  };
  match(wordsOf(chart), /Gaps: not measured: from 20 s to 39 s\./);
});

Deno.test("svg() says over time what its points are means of, of levels and counts, if they are equally far apart", () => {
  const chart = (
    y: string,
    ...all: ReadonlyArray<Report.Series>
  ): Report.Chart<number> => ({
    title: "A day",
    series: Object.fromEntries(all.map((series, i) => [
      `policy ${i}`,
      [resultOf(i, {
        levels: { queue: { mean: estimate([1]), max: 38, series } },
        counts: { lost: { rate: estimate([1]), peak: 9, series } },
      })],
    ])),
    y,
    labels: { y: "jobs" },
  });
  const spike = (t: number) => t === 39_840 ? 15 : 1;
  const day = wave(86_400, 360, spike);
  for (const y of ["queue", "lost"]) {
    match(wordsOf(chart(y, day)), /Each point is the mean of the next 4m\./);
    match(
      descriptionOf(chart(y, day)),
      /: 1 at 0 s, 1 at 23h 56m, largest mean 15 at 11h 4m\. .*the next 4m\./,
    );
  }
  const minutes = wave(1500, 360, spike);
  const rounded = minutes.map(([x, y]) => [Number(x.toFixed(3)), y] as const);
  for (const series of [minutes, rounded]) {
    match(wordsOf(chart("queue", series)), /the mean of the next 4\.167 s\./);
  }
  match(
    wordsOf(chart("queue", day, wave(43_200, 360, spike))),
    /the mean of the next 4m or 2m\./,
  );
  // What a setting never saw is 0 from the start to the end.
  match(
    wordsOf(chart("queue", day, [[0, 0], [86_160, 0]])),
    /the mean of the next 4m\./,
  );
  const byHand = [0, 10, 25, 30, 40, 50].map((x) => [x, x] as const);
  for (const series of [byHand, byHand.slice(0, 2), byHand.slice(0, 1), []]) {
    ok(!descriptionOf(chart("queue", series)).includes("mean"));
  }
  match(descriptionOf(chart("queue", day, byHand)), /at most 50 at 50 s\./);
});

Deno.test("svg() shades the warm-up over time, once for all that have the same, and says until when", () => {
  const series = wave(100, 100, () => 1);
  const chart = (...warmups: ReadonlyArray<number>) => ({
    title: "Jobs",
    series: Object.fromEntries(warmups.map((warmup, i) => [
      `policy ${i}`,
      [levelOf(i, [1], series, { horizon: 100, warmup })],
    ])),
    y: "queue",
    labels: { y: "jobs" },
  });
  deepStrictEqual(counts(chart(0, 0), "weir-warmup"), [0]);
  deepStrictEqual(counts(chart(25, 25, 0), "weir-warmup"), [1]);
  deepStrictEqual(counts(chart(25, 50), "weir-warmup"), [2]);
  match(wordsOf(chart(25, 50)), /Shaded: the warm-up, until 25 s or 50 s, /);
  const elements = readXml(Report.svg(chart(99)));
  const places = placesOf(ofClass(elements, "weir-line")).map(([x]) => x);
  const { width, x } = ofClass(elements, "weir-warmup")[0]!.attributes;
  deepStrictEqual(
    [Number(x), Number(x) + Number(width)],
    [places[0], places.at(-1)],
  );
});

Deno.test("svg() draws what a setting never saw at 0, and what nothing was told of not at all", () => {
  const [seen] = workers([1]);
  ok(seen);
  const calm = resultOf(2, {});
  const chart = {
    title: "Lost",
    series: { all: [seen, calm] },
    x: (point: number) => point,
    y: "lost",
    labels,
  };
  for (const y of ["lost", "pool.pending.mean", "response.count"]) {
    match(descriptionOf({ ...chart, y }), / 0 ± 0 at 2\./);
  }
  for (const y of ["lost.peak", "pool.pending.max"]) {
    match(descriptionOf({ ...chart, y }), / 0 at 2\./);
  }
  for (const y of ["response.mean", "response.max"]) {
    match(descriptionOf({ ...chart, y }), /nothing to measure: at 2\./);
  }
});

Deno.test("svg() finds the measure of the longest name", () => {
  const [one] = workers([1]);
  ok(one);
  const measures = {
    ...one.measures,
    counts: {
      "response.p95": { rate: estimate([7, 7]), peak: 9, series: [] },
    },
  };
  const chart = (y: string) => ({
    title: "Response",
    series: { all: [resultOf(1, measures)] },
    x: (point: number) => point,
    y,
    labels,
  });
  match(descriptionOf(chart("response.p95")), /all: 7 ± 0 at 1\./);
  match(descriptionOf(chart("response.p95.peak")), /all: 9 at 1\./);
});

Deno.test("svg() draws paired differences, whose intervals are those of the differences", () => {
  const base = [levelOf(1, [10, 20, 30]), levelOf(2, [10, 20, 30])];
  const other = [levelOf(1, [11, 22, 33]), levelOf(2, [10, 20, 30])];
  const chart: Report.Chart<number> = {
    ...queue(base),
    series: { base, other },
    against: "base",
  };
  const said = descriptionOf(chart);
  // Mean 2 and deviation 1 of three: 4.303 / √3 = 2.48.
  match(said, /jobs, difference to base/);
  match(said, /other: 2\.0 ± 2\.5 at 1, 0 ± 0 at 2\./);
  deepStrictEqual(counts(chart, "weir-line"), [1]);
});

Deno.test("svg() lets lines keep their looks where they are compared", () => {
  const at = (value: number) => [levelOf(1, [value, value + 1, value + 2])];
  const chart = {
    ...queue(at(1)),
    series: { first: at(1), base: at(2), last: at(3) },
  };
  const looks = (chart: Report.Chart<number>) =>
    [...Report.svg(chart).matchAll(/weir-line-(\d)" d="M/g)]
      .map(([, look]) => Number(look));
  const compared = looks({ ...chart, against: "base" });
  deepStrictEqual([...new Set(compared)], [0, 2]);
});

Deno.test("svg() keeps labels of bounds that are close apart", () => {
  const elements = readXml(Report.svg({
    ...queue([levelOf(1, [1, 2]), levelOf(2, [5, 6])]),
    bounds: [3, 3.05, 3.1].map((value) => ({ label: `bound ${value}`, value })),
  }));
  const places = ofClass(elements, "weir-halo").map(({ attributes }) =>
    `${attributes.x} ${Math.round(Number(attributes.y) / 8)}`
  );
  strictEqual(new Set(places).size, 3, places.join());
});

Deno.test("svg() draws bounds inside, and keeps their labels apart", () => {
  const bounds = [100, 100, 200].map((value) => ({
    label: `bound ${value}`,
    value,
  }));
  const elements = readXml(Report.svg({
    title: "Peaks",
    series: { peaks: limiters },
    x: (point: string) => point,
    y: "admitted.peak",
    labels,
    bounds,
  }));
  strictEqual(ofClass(elements, "weir-bound").length, 3);
  const heights = ofClass(elements, "weir-halo")
    .map(({ attributes }) => Number(attributes.y)).sort((a, b) => a - b);
  strictEqual(heights.length, 3);
  ok((heights[2] ?? 0) - (heights[1] ?? 0) > 14, String(heights));
});

Deno.test("svg() keeps labels apart that are too long to be side by side", () => {
  const names = ["token bucket, sliding counter", "fixed window", "no limit"];
  const svg = Report.svg({
    title: "Peaks",
    series: { peaks: limiters },
    x: (point: string) => point,
    y: "admitted.peak",
    labels,
    bounds: names.map((name, i) => ({
      label: `${199 + i} for ${name}, as it says`,
      value: 199 + i,
    })),
  }, { width: 320 });
  const heights = ofClass(readXml(svg), "weir-halo")
    .map(({ attributes }) => Number(attributes.y)).sort((a, b) => a - b);
  const apart = heights.slice(1).map((y, i) => y - heights[i]!);
  ok(apart.length === 2 && apart.every((y) => y >= 12), heights.join());
});

Deno.test("svg() is read as an image with a title and a description", () => {
  const svg = Report.svg({
    ...queue([levelOf(1, [1, 2])]),
    description: "How long the queue is.",
  });
  const [root, ...rest] = readXml(svg);
  strictEqual(root?.attributes.role, "img");
  deepStrictEqual(
    rest.slice(0, 2).map(({ name, text }) => [name, text.slice(0, 22)]),
    [["title", "Queue"], ["desc", "How long the queue is."]],
  );
});

Deno.test("svg() tells lines apart by marks and dashes, not by colour alone", () => {
  const elements = readXml(Report.svg({
    ...queue([]),
    series: Object.fromEntries(
      Array.from({ length: 8 }, (_, i) => [
        `line ${i}`,
        [1, 2, 3].map((x) => levelOf(x, [i + x, i + x + 1])),
      ]),
    ),
  }));
  const looks = Array.from({ length: 8 }, (_, i) => {
    const [mark] = ofClass(elements, `weir-fill-${i}`)
      .filter(({ attributes }) => attributes.class?.includes("weir-mark"));
    const turn = mark?.attributes.transform?.includes("rotate");
    return `${mark?.attributes.d} ${turn}`;
  });
  strictEqual(new Set(looks).size, 8);
  const dashes = Array.from({ length: 8 }, (_, i) => {
    const [line] = ofClass(elements, `weir-line-${i}`);
    return line?.attributes["stroke-dasharray"];
  });
  strictEqual(new Set(dashes).size, 8);
});
