/**
 * Numbers in rows and columns.
 *
 * @module
 */
// @ts-types="@types/d3-array"
import { max, mean } from "d3-array";
import stringWidth from "string-width";
import { plain, refuse } from "../../internal/check.ts";
import type { Result } from "../measures.ts";
import { endOfTime } from "./axis.ts";
import { type Figure, place } from "./figure.ts";
import { formatEstimate, formatNumber, formatSetting } from "./numbers.ts";
import { readMeasure } from "../reading.ts";
import { printable } from "./text.ts";

/** Cells, with their heads. */
export interface Grid {
  readonly heads: ReadonlyArray<string>;
  readonly rows: ReadonlyArray<ReadonlyArray<string>>;
  /** Whether a column is words, which stand on the left. */
  readonly isText: ReadonlyArray<boolean>;
}

/** A row for each setting, with its parts, and a column for each measure. */
export function gridOfResults(
  results: ReadonlyArray<Result<unknown>>,
  columns: ReadonlyArray<string>,
): Grid {
  if (results.length === 0) refuse("results", "at least one result", "none");
  if (columns.length === 0) refuse("columns", "at least one measure", "none");
  const points = results.map(({ point }) => point);
  points.forEach((point, i) => plain(`results[${i}].point`, point));
  const parts = points.every(isRecord)
    ? partsOf(points)
    : [{ head: "setting", cells: points }];
  const measures = columns.map((name) => ({
    head: name,
    cells: readMeasure("columns", name, results).map(formatEstimate),
  }));
  return {
    heads: [...parts, ...measures].map(({ head }) => head),
    rows: results.map((_, i) => [
      ...parts.map(({ cells }) => showSetting(cells[i])),
      ...measures.map(({ cells }) => cells[i] ?? ""),
    ]),
    isText: [
      ...parts.map(({ cells }) =>
        cells.some((cell) => typeof cell !== "number")
      ),
      ...measures.map(() => false),
    ],
  };
}

type Plain = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function partsOf(points: ReadonlyArray<Plain>) {
  const heads = [...new Set(points.flatMap((point) => Object.keys(point)))];
  return heads.map((head) => ({
    head,
    cells: points.map((point) => point[head]),
  }));
}

function showSetting(value: unknown): string {
  if (typeof value === "number") return formatSetting(value);
  if (typeof value === "string") return value;
  return value === undefined ? "" : JSON.stringify(value);
}

/** How many parts of the time get a row. */
const parts = 24;

/** The numbers of a figure: a row for each place of its x axis. */
export function gridOfFigure(figure: Figure): Grid {
  return figure.axis === "time" ? gridOfTime(figure) : gridOfPlaces(figure);
}

function gridOfPlaces(figure: Figure): Grid {
  const { axis, lines, xLabel } = figure;
  const places = new Map(
    lines.flatMap(({ dots }) => dots.map((dot) => [dot.x, dot] as const)),
  );
  const sorted = [...places.values()].sort((a, b) => a.x - b.x);
  return {
    heads: [xLabel ?? "", ...lines.map(({ name }) => name)],
    rows: sorted.map(({ x }) => [
      place(figure, { x }),
      ...lines.map(({ dots }) => {
        const dot = dots.find((one) => one.x === x);
        return dot === undefined
          ? ""
          : formatEstimate({ mean: dot.y, halfWidth: dot.halfWidth });
      }),
    ]),
    isText: [axis === "names", ...lines.map(() => false)],
  };
}

function gridOfTime({ lines, spans }: Figure): Grid {
  const end = endOfTime(lines);
  const starts = end > 0
    ? Array.from({ length: parts }, (_, i) => i * end / parts)
    : [0];
  const within = starts.map((start, i) =>
    lines.map(({ dots }) =>
      dots.filter(({ x }) => x >= start && x < (starts[i + 1] ?? Infinity))
    )
  );
  const largest = spans.length > 0 ? "largest mean" : "largest";
  return {
    heads: [
      "from, seconds",
      ...lines.flatMap(({ name }) => [`${name}: mean`, largest]),
    ],
    rows: starts.map((start, i) => [
      formatNumber(start),
      ...(within[i] ?? []).flatMap((dots) =>
        [mean(dots, ({ y }) => y), max(dots, ({ y }) => y)]
          .map((value = NaN) => formatNumber(value))
      ),
    ]),
    isText: [false, ...lines.flatMap(() => [false, false])],
  };
}

/** Numbers for the terminal. */
export function printGrid({ heads, isText, rows }: Grid): string {
  const shown = [heads, ...rows].map((row) => row.map(printable));
  const widths = heads.map((_, column) =>
    Math.max(...shown.map((row) => stringWidth(row[column] ?? "")))
  );
  const lines = shown.map((row) =>
    row.map((cell, column) => {
      const room = " ".repeat((widths[column] ?? 0) - stringWidth(cell));
      return isText[column] ? cell + room : room + cell;
    }).join("  ").trimEnd()
  );
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return [...lines.slice(0, 1), rule, ...lines.slice(1)].join("\n");
}
