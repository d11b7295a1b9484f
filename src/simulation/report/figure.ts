/**
 * Reads a chart: what is where, in numbers.
 *
 * @module
 */
import { finite, refuse } from "../../internal/check.ts";
import { alike } from "../estimate.ts";
import type { Result } from "../measures.ts";
import { differ, type Dot } from "./difference.ts";
import type { Bound, Chart } from "./model.ts";
import { formatSeconds, formatSetting } from "./numbers.ts";
import { readMeasure, readSeries } from "../reading.ts";
import { heard, inline } from "./text.ts";

/** A line. */
export interface Line {
  readonly name: string;
  /** Which colour, dashes and mark it has: the same in all charts of the same series. */
  readonly look: number;
  readonly dots: ReadonlyArray<Dot>;
}

/** What the x axis is made of. */
export type Axis = "time" | "numbers" | "names";

/** A chart as it was read. */
export interface Figure {
  readonly title: string;
  readonly description: string;
  readonly axis: Axis;
  readonly xLabel: string | undefined;
  readonly yLabel: string;
  readonly lines: ReadonlyArray<Line>;
  /** What stands below the axis, if it is made of names. */
  readonly names: ReadonlyArray<string>;
  readonly bounds: ReadonlyArray<Bound>;
  readonly isLog: boolean;
  /** What the lines are differences to. */
  readonly against: string | undefined;
  /** Over time: until when it was not measured, in seconds, each once. */
  readonly warmups: ReadonlyArray<number>;
  /** Over time: of how many seconds its points are the means, each once; none if they are not equally far apart. */
  readonly spans: ReadonlyArray<number>;
}

type Place = number | string;

const mostLines = 8;

/** Reads a chart. Throws a `RangeError` that names what is bad about it. */
export function readFigure<P>(chart: Chart<P>): Figure {
  const { against, bounds = [], labels, scale = "linear" } = chart;
  if (scale !== "linear" && scale !== "log") {
    refuse("scale", '"linear" or "log"', scale);
  }
  for (const { value } of bounds) {
    finite("bounds", value);
    if (scale === "log" && value <= 0) {
      refuse("bounds", "positive on a log scale", value);
    }
  }
  const series = Object.entries(chart.series);
  if (series.length === 0) refuse("series", "at least one", "none");
  for (const [name, results] of series) {
    if (results.length === 0) {
      refuse(`series: ${name}`, "at least one result", "none");
    }
  }
  distinct("series", series.map(([name]) => name));
  if (against !== undefined && scale === "log") {
    refuse("scale", '"linear" for differences', scale);
  }
  const read = {
    title: heard("title", chart.title),
    description: inline(chart.description ?? ""),
    yLabel: heard("labels.y", labels.y),
    bounds: bounds.map(({ label, value }) => ({
      label: heard("bounds", label),
      value,
    })),
    isLog: scale === "log",
    against,
  };
  const measures = [chart.y].flat();
  if (measures.length === 0) refuse("y", "at least one measure", "none");
  const { x } = chart;
  if (x === undefined) {
    if (against !== undefined) {
      refuse("against", "omitted over time", against);
    }
    const lines = readTimeLines(series, measures);
    return {
      ...read,
      axis: "time",
      xLabel: labels.x === undefined ? undefined : heard("labels.x", labels.x),
      names: [],
      lines,
      warmups: readWarmups(series),
      spans: readSpans(lines),
    };
  }
  const places = readPlaces(series, x);
  const all = places.flat();
  const names = [...new Set(all.filter((place) => typeof place === "string"))];
  distinct("x", names);
  const isNumeric = names.length === 0;
  return {
    ...read,
    axis: isNumeric ? "numbers" : "names",
    xLabel: heard("labels.x", labels.x ?? ""),
    names: names.map((name) => inline(name)),
    lines: readLines(series, measures, {
      ...{ against, names },
      places: places.map((some) =>
        some.map((at) => typeof at === "string" ? names.indexOf(at) : at)
      ),
    }),
    warmups: [],
    spans: [],
  };
}

type AllSeries<P> = ReadonlyArray<
  readonly [string, ReadonlyArray<Result<P>>]
>;

function readPlaces<P>(
  series: AllSeries<P>,
  x: (point: P) => Place,
): ReadonlyArray<ReadonlyArray<Place>> {
  const places = series.map(([, results]) =>
    results.map(({ point }) => x(point))
  );
  for (const place of places.flat()) {
    if (typeof place !== "string") finite("x", place);
  }
  const kinds = new Set(places.flat().map((place) => typeof place));
  if (kinds.size > 1) {
    refuse("x", "numbers alone or text alone", places.flat().join(", "));
  }
  for (const some of places) {
    const twice = some.find((place, i) => some.indexOf(place) !== i);
    if (twice !== undefined) {
      refuse("x", "another for each result of a series", twice);
    }
  }
  return places;
}

function readTimeLines<P>(
  series: AllSeries<P>,
  measures: ReadonlyArray<string>,
): ReadonlyArray<Line> {
  for (const [name, results] of series) {
    if (results.length > 1) {
      refuse(`series: ${name}`, "one result over time", results.length);
    }
  }
  const all = series.flatMap(([, results]) => results);
  const found = measures.map((name) => readSeries("y", name, all));
  return label(series, measures, (policy, measure) => ({
    dots: (found[measure]?.[policy] ?? []).map(([x, y]) => ({
      ...{ x, y, halfWidth: undefined, replications: 0 },
    })),
  }));
}

function readWarmups<P>(series: AllSeries<P>): ReadonlyArray<number> {
  const all = series.flatMap(([, results]) =>
    results.map(({ replications: { warmup } }) => warmup)
  );
  return [...new Set(all)].filter((warmup) => warmup > 0);
}

/** How far points may be from equally far apart: what rounding to as many digits as are shown makes of it. */
const uneven = 1e-3;

/** How far the points of each line are apart. Less than three tell nothing. */
function readSpans(lines: ReadonlyArray<Line>): ReadonlyArray<number> {
  const spans = lines.filter(({ dots }) => dots.length > 2).map(({ dots }) => {
    const apart = dots.slice(1).map(({ x }, i) => x - (dots[i]?.x ?? NaN));
    const [span = NaN] = apart;
    return apart.every((one) => Math.abs(one - span) <= uneven * span)
      ? span
      : NaN;
  });
  return spans.every((span) => span > 0) ? [...new Set(spans)] : [];
}

function readLines<P>(
  series: AllSeries<P>,
  measures: ReadonlyArray<string>,
  { against, names, places }: {
    readonly names: ReadonlyArray<string>;
    readonly places: ReadonlyArray<ReadonlyArray<number>>;
    readonly against: string | undefined;
  },
): ReadonlyArray<Line> {
  const all = series.flatMap(([, results]) => results);
  const found = measures.map((name) => {
    const readings = readMeasure("y", name, all);
    let start = 0;
    return series.map(([, { length }]) =>
      readings.slice(start, start += length)
    );
  });
  const lines = series.map((_, policy) =>
    found.map((readings) =>
      (readings[policy] ?? []).map((reading, i) => ({
        ...reading,
        x: places[policy]?.[i] ?? NaN,
      })).sort((a, b) => a.x - b.x)
    )
  );
  if (against === undefined) {
    return label(series, measures, (policy, measure) => ({
      dots: (lines[policy]?.[measure] ?? []).map((reading) => ({
        x: reading.x,
        y: reading.mean,
        halfWidth: reading.halfWidth,
        replications: countValues(reading.values),
      })),
    }));
  }
  const base = series.findIndex(([name]) => name === against);
  if (base === -1) {
    refuse("against", `one of ${series.map(([n]) => n).join(", ")}`, against);
  }
  if (series.length === 1) {
    refuse("against", "omitted for a single series", against);
  }
  for (const [name, results] of series) {
    for (const { replications } of results) {
      alike(`series: ${name}`, all[0]!.replications, replications);
    }
  }
  const others = { without: base };
  return label(series, measures, (policy, measure) => ({
    dots: differ(
      `series: ${series[policy]?.[0]}`,
      lines[policy]?.[measure] ?? [],
      lines[base]?.[measure] ?? [],
      measures[measure] ?? "",
      names,
    ),
  }), others);
}

/** Names the lines by what tells them apart. */
function label<P>(
  series: AllSeries<P>,
  measures: ReadonlyArray<string>,
  make: (policy: number, measure: number) => Pick<Line, "dots">,
  { without }: { readonly without?: number } = {},
): ReadonlyArray<Line> {
  const count = series.length * measures.length;
  if (count > mostLines) {
    refuse("series", `at most ${mostLines} lines, to tell them apart`, count);
  }
  const policies = series.length - (without === undefined ? 0 : 1);
  return series.flatMap(([name], policy) =>
    policy === without ? [] : measures.map((measure, i) => ({
      name: inline(
        measures.length === 1
          ? name
          : policies === 1
          ? measure
          : `${name} · ${measure}`,
      ),
      look: policy * measures.length + i,
      ...make(policy, i),
    }))
  );
}

/** What the y axis says. */
export function measureOf({ against, yLabel }: Figure): string {
  return against === undefined ? yLabel : `${yLabel}, difference to ${against}`;
}

/** Where a value stands on the x axis. */
export function place(
  { axis, names }: Figure,
  { x }: { readonly x: number },
): string {
  return axis === "names"
    ? names[x] ?? ""
    : axis === "time"
    ? formatSeconds(x)
    : formatSetting(x);
}

function countValues(values: ReadonlyArray<number>): number {
  return values.filter((value) => !Number.isNaN(value)).length;
}

/** Refuses names that are the same once they are drawn. */
function distinct(option: string, names: ReadonlyArray<string>): void {
  const shown = names.map((name) => heard(option, name));
  const twice = shown.find((name, i) => shown.indexOf(name) !== i);
  if (twice !== undefined) refuse(option, "told apart by its names", twice);
}
