/**
 * What the lines are called: at their ends, or above all.
 *
 * @module
 */
// @ts-types="@types/d3-array"
import { max } from "d3-array";
import { isDrawable } from "./axis.ts";
import type { Figure } from "./figure.ts";
import { drawStroke, type Plot } from "./marks.ts";
import { drawMark, round } from "./style.ts";
import { escape, shorten, textWidth } from "./text.ts";

const size = 13;
const swatch = 26;
const gap = 8;
const row = 20;

/** Text that is shown short, and whole to those who point at it. */
export function drawShort(
  text: string,
  short: string,
  attributes: string,
): string {
  const whole = short === text ? "" : `<title>${escape(text)}</title>`;
  return `<text ${attributes}>${escape(short)}${whole}</text>`;
}

/** Names above the plot. */
export function drawLegend(
  { axis, lines }: Figure,
  left: number,
  top: number,
  room: number,
): { readonly height: number; readonly svg: string } {
  const start = axis === "names" ? 14 : swatch;
  let [x, y] = [0, 0];
  const svg = lines.map(({ look, name }) => {
    const short = shorten(name, size, room - start - gap);
    const length = start + gap + textWidth(short, size);
    if (x > 0 && x + length > room) [x, y] = [0, y + row];
    const [from, middle] = [left + x, top + y + row / 2];
    x += length + 20;
    const line = axis === "names"
      ? ""
      : drawStroke(axis, look, `M${round(from)} ${round(middle)}h${swatch}`);
    const label = drawShort(
      name,
      short,
      `class="weir-name" x="${round(from + start + gap)}" y="${
        round(middle + 4.5)
      }"`,
    );
    const scale = axis === "names" ? 1.1 : 1;
    return `${line}${drawMark(look, from + start / 2, middle, scale)}${label}`;
  }).join("");
  return { height: y + row + 8, svg };
}

/** How much room names need beside the plot; none if they do not fit there. */
export function roomForNames(
  { axis, isLog, lines }: Figure,
  width: number,
  height: number,
): number | undefined {
  if (axis === "names" || lines.length * row > height) return undefined;
  const longest = Math.max(
    ...lines.map(({ name }) => textWidth(name, size)),
  );
  const last = max(lines, ({ dots }) => dots.at(-1)?.x);
  const reachEnd = lines.every(({ dots }) => {
    const dot = dots.at(-1);
    return dot !== undefined && dot.x === last && isDrawable(dot.y, isLog);
  });
  return reachEnd && longest <= width * 0.24 && width >= 600
    ? longest + swatch + 4
    : undefined;
}

/** Names beside the ends of the lines, moved apart, with leaders where they are far. */
export function drawNames(plot: Plot, right: number): string {
  const { bottom, figure: { lines }, top } = plot;
  const labels = lines.map(({ dots, look, name }) => {
    const dot = dots.at(-1);
    const end = { x: plot.x(dot?.x ?? 0), y: plot.y(dot?.y ?? 0) };
    return { name, look, end, y: end.y };
  }).sort((a, b) => a.y - b.y || a.look - b.look);
  let least = top;
  for (const label of labels) {
    label.y = Math.max(least, label.y);
    least = label.y + row - 3;
  }
  let largest = bottom;
  for (const label of labels.toReversed()) {
    label.y = Math.min(largest, label.y);
    largest = label.y - row + 3;
  }
  return labels.map(({ end, look, name, y }) =>
    `${
      Math.abs(y - end.y) < 3
        ? ""
        : `<path class="weir-leader" d="M${round(end.x + 4)} ${round(end.y)}L${
          round(right + 12)
        } ${round(y)}"/>`
    }${drawMark(look, right + 18, y)}<text class="weir-name" x="${
      round(right + 27)
    }" y="${round(y + 4.5)}">${escape(name)}</text>`
  ).join("");
}
