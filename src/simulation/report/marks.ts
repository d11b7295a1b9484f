/**
 * Lines, bands, whiskers and marks.
 *
 * @module
 */
import {
  area,
  line as path,
  // @ts-types="@types/d3-shape"
} from "d3-shape";
import { ends, isDrawable, isPositive } from "./axis.ts";
import type { Dot } from "./difference.ts";
import type { Axis, Figure, Line } from "./figure.ts";
import { dashes, drawMark, round } from "./style.ts";
import { thin } from "./thin.ts";

/** Where everything is drawn. */
export interface Plot {
  readonly figure: Figure;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly top: number;
  readonly bottom: number;
}

/** All lines of a figure: bands below lines below marks. */
export function drawLines(plot: Plot): string {
  const { axis, lines } = plot.figure;
  const draw = { time: drawTime, numbers: drawNumbers, names: drawNames }[axis];
  const layers = lines.map((line, i) => draw(plot, line, i));
  return [0, 1, 2].map((layer) => layers.map((some) => some[layer]).join(""))
    .join("");
}

type Layers = readonly [band: string, line: string, marks: string];

/** How many points of a line are drawn; less where the picture is not so wide. */
const mostPoints = 500;
/** How many marks tell a line from others over time. */
const marksOverTime = 4;

function drawTime(plot: Plot, { dots: all, look }: Line, i: number): Layers {
  const { isLog, lines } = plot.figure;
  const dots = thin(
    all,
    Math.min(mostPoints, plot.x(all.at(-1)?.x ?? 0) - plot.x(0)),
  );
  const drawable = dots.filter(({ y }) => isDrawable(y, isLog));
  const end = dots.at(-1)?.x ?? 0;
  const marked = lines.length === 1
    ? []
    : Array.from({ length: marksOverTime }, (_, k) => {
      const wanted = end * (k + (i + 0.5) / lines.length) / marksOverTime;
      return drawable.find(({ x }) => x >= wanted);
    }).filter((dot) => dot !== undefined);
  const lonely = runs(dots, ({ y }) => isDrawable(y, isLog))
    .filter((run) => run.length === 1).flat();
  return [
    "",
    drawLine(plot, dots, look),
    [...new Set([...lonely, ...marked])]
      .map(({ x, y }) => drawMark(look, plot.x(x), plot.y(y))).join(""),
  ];
}

function drawNumbers(plot: Plot, { dots, look }: Line): Layers {
  const { isLog } = plot.figure;
  const banded = findBands(dots, isLog);
  const shape = area<Dot>()
    .x(({ x }) => plot.x(x))
    .y0((dot) => spread(plot, dot)[0])
    .y1((dot) => spread(plot, dot)[1])
    .digits(2);
  const bands = banded.map((run) =>
    `<path class="weir-band weir-fill-${look}" d="${shape(run) ?? ""}"/>`
  );
  const inBands = new Set(banded.flat());
  const drawable = dots.filter(({ y }) => isDrawable(y, isLog));
  return [
    bands.join(""),
    drawLine(plot, dots, look),
    drawable.map((dot) => {
      const [x, y] = [plot.x(dot.x), plot.y(dot.y)];
      return (inBands.has(dot) ? "" : drawWhisker(plot, dot, x, look)) +
        drawMark(look, x, y);
    }).join(""),
  ];
}

function drawNames(plot: Plot, { dots, look }: Line, i: number): Layers {
  const { isLog, lines } = plot.figure;
  const room = plot.x(1) - plot.x(0);
  const apart = Math.min(22, room * 0.7 / lines.length);
  const shift = (i - (lines.length - 1) / 2) * apart;
  return [
    "",
    "",
    dots.filter(({ y }) => isDrawable(y, isLog)).map((dot) => {
      const [x, y] = [plot.x(dot.x) + shift, plot.y(dot.y)];
      return drawWhisker(plot, dot, x, look) + drawMark(look, x, y, 1.1);
    }).join(""),
  ];
}

function drawLine(plot: Plot, dots: ReadonlyArray<Dot>, look: number): string {
  const { axis, isLog } = plot.figure;
  const d = path<Dot>()
    .defined(({ y }) => isDrawable(y, isLog))
    .x(({ x }) => plot.x(x))
    .y(({ y }) => plot.y(y))
    .digits(2)(dots) ?? "";
  return d === "" ? "" : drawStroke(axis, look, d);
}

/** A stroke of a line. Dashes would be lost in what goes up and down all the time. */
export function drawStroke(axis: Axis, look: number, d: string): string {
  const dash = axis === "time" ? "" : dashes[look] ?? "";
  return `<path class="weir-line weir-line-${look}${
    axis === "time" ? " weir-thin" : ""
  }" d="${d}"${dash === "" ? "" : ` stroke-dasharray="${dash}"`}/>`;
}

/** How far a whisker goes that has no end. */
const open = 22;
const cap = 4;

function drawWhisker(plot: Plot, dot: Dot, x: number, i: number): string {
  const { halfWidth } = dot;
  if (halfWidth === undefined || halfWidth === 0) return "";
  const across = (y: number) =>
    `M${round(x - cap)} ${round(y)}h${round(2 * cap)}`;
  if (!Number.isFinite(halfWidth)) {
    const y = plot.y(dot.y);
    const [top, bottom] = [
      Math.max(plot.top, y - open),
      Math.min(plot.bottom, y + open),
    ];
    const arrow = (at: number, to: number) =>
      `M${round(x - cap)} ${round(at + to)}L${round(x)} ${round(at)}L${
        round(x + cap)
      } ${round(at + to)}`;
    return `<path class="weir-whisker weir-open weir-line-${i}" d="M${
      round(x)
    } ${round(top)}V${
      round(bottom)
    }"/><path class="weir-whisker weir-line-${i}" d="${arrow(top, cap)}${
      arrow(bottom, -cap)
    }"/>`;
  }
  const [low, high] = spread(plot, dot);
  const isCut = low >= plot.bottom && dot.y - halfWidth < 0;
  return `<path class="weir-whisker weir-line-${i}" d="M${round(x)} ${
    round(low)
  }V${round(high)}${isCut ? "" : across(low)}${across(high)}"/>`;
}

/** Where an interval is drawn, from below. */
function spread(plot: Plot, dot: Dot): readonly [number, number] {
  const [low, high] = ends(dot, isPositive(plot.figure));
  return [
    isDrawable(low, plot.figure.isLog)
      ? Math.min(plot.bottom, plot.y(low))
      : plot.bottom,
    Math.max(plot.top, plot.y(high)),
  ];
}

/** Dots side by side that have an interval. */
export function findBands(
  dots: ReadonlyArray<Dot>,
  isLog: boolean,
): ReadonlyArray<Array<Dot>> {
  return runs(
    dots,
    ({ halfWidth, y }) =>
      isDrawable(y, isLog) && halfWidth !== undefined &&
      Number.isFinite(halfWidth),
  ).filter((run) => run.length > 1);
}

/** What follows each other and fulfills a condition. */
export function runs(
  dots: ReadonlyArray<Dot>,
  holds: (dot: Dot) => boolean,
): ReadonlyArray<Array<Dot>> {
  const found: Array<Array<Dot>> = [];
  let before = false;
  for (const dot of dots) {
    const now = holds(dot);
    if (now && before) found.at(-1)?.push(dot);
    else if (now) found.push([dot]);
    before = now;
  }
  return found;
}
