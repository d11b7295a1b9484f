/**
 * Draws a figure.
 *
 * @module
 */
import { yScale } from "./axis.ts";
import { drawBounds } from "./bounds.ts";
import { drawXAxis, drawYAxis } from "./draw_axes.ts";
import { type Figure, measureOf } from "./figure.ts";
import { drawLegend, drawNames, roomForNames } from "./legend.ts";
import { drawLines, type Plot } from "./marks.ts";
import { describe, notesOf } from "./notes.ts";
import { round } from "./style.ts";
import { escape, shorten, textWidth, wrap } from "./text.ts";

/** How a figure is drawn. */
export interface Look {
  readonly width: number;
  /** Of what is between the axes. */
  readonly height: number;
  /** Whether its title, description and notes are in the picture. */
  readonly isWhole: boolean;
  /** Attributes of the picture. */
  readonly attributes: string;
  /** What comes first in the picture. */
  readonly start: string;
}

interface Part {
  readonly svg: string;
  readonly height: number;
}

const size = 12;

/** Draws a figure. */
export function draw(figure: Figure, look: Look): string {
  const { attributes, height, isWhole, start, width } = look;
  const margin = isWhole ? 16 : 2;
  const room = width - 2 * margin;
  const head = isWhole
    ? drawHead(figure, margin, room)
    : { svg: "", height: 0 };
  const beside = roomForNames(figure, width, height);
  const legendTop = margin + head.height;
  const legend = beside === undefined
    ? drawLegend(figure, margin, legendTop, room)
    : { svg: "", height: 0 };
  const labelTop = legendTop + legend.height;
  const label = wrap(`↑ ${measureOf(figure)}`, size, room);
  const top = labelTop + 16 * label.length + 12;
  const bottom = top + height;
  const yAxis = yScale(figure, bottom, top);
  const ticksWidth = 8 +
    Math.max(...yAxis.ticks.map((tick) => textWidth(tick.label, size)));
  const right = width - margin - (beside ?? 8);
  const xAxis = drawXAxis(figure, {
    ...{ start: margin, left: margin + ticksWidth, right, bottom },
  });
  const { left } = xAxis;
  const plot: Plot = { figure, x: xAxis.at, y: yAxis.at, top, bottom };
  const xLabelAt = bottom + xAxis.height + 18;
  const notes = isWhole
    ? drawNotes(figure, { x: margin, y: xLabelAt + 16, room })
    : { svg: "", height: 0 };
  const end = round(xLabelAt + 8 + notes.height + (isWhole ? margin : 0));
  const labelX = Math.max(
    margin,
    Math.min(
      left - ticksWidth,
      right - Math.max(...label.map((line) => textWidth(line, size))),
    ),
  );
  const xLabel = shorten(`${xAxis.label} →`, size, right - margin);
  return [
    `<svg class="weir-figure" role="img" viewBox="0 0 ${width} ${end}" width="${width}" height="${end}"${attributes}>`,
    `<title>${escape(figure.title)}</title><desc>${
      escape(describe(figure))
    }</desc>`,
    start,
    `<rect class="weir-paper" width="${width}" height="${end}"/>`,
    head.svg,
    legend.svg,
    drawText(label, { x: labelX, y: labelTop, height: 16, name: "weir-muted" }),
    drawYAxis(yAxis.ticks, yAxis.at, left, right),
    ...figure.warmups.map((end) =>
      drawWarmup(plot, left, Math.min(right, xAxis.at(end)))
    ),
    xAxis.svg,
    drawLines(plot),
    drawBounds(plot, left, right),
    beside === undefined ? "" : drawNames(plot, right),
    `<text class="weir-muted weir-end" x="${round(right)}" y="${
      round(xLabelAt)
    }">${escape(xLabel)}</text>`,
    notes.svg,
    "</svg>",
  ].join("");
}

function drawWarmup(
  { bottom, top }: Plot,
  left: number,
  right: number,
): string {
  return `<rect class="weir-warmup" x="${round(left)}" y="${
    round(top)
  }" width="${round(right - left)}" height="${round(bottom - top)}"/>`;
}

function drawHead(figure: Figure, margin: number, room: number): Part {
  const title = wrap(figure.title, 17, room, true);
  const words = figure.description === ""
    ? []
    : wrap(figure.description, size, room);
  const wordsTop = margin + 22 * title.length;
  const place = { x: margin, y: margin, height: 22, name: "weir-title" };
  return {
    svg: drawText(title, place) +
      drawText(words, {
        ...{ x: margin, y: wordsTop, height: 17, name: "weir-muted" },
      }),
    height: 22 * title.length + 17 * words.length + 8,
  };
}

function drawNotes(
  figure: Figure,
  { room, x, y }: {
    readonly x: number;
    readonly y: number;
    readonly room: number;
  },
): Part {
  const lines = notesOf(figure).flatMap((note) => wrap(note, size, room));
  return {
    svg: drawText(lines, { x, y, height: 17, name: "weir-muted" }),
    height: 17 * lines.length + 8,
  };
}

function drawText(
  lines: ReadonlyArray<string>,
  { height, name, x, y }: {
    readonly x: number;
    readonly y: number;
    readonly height: number;
    readonly name: string;
  },
): string {
  return lines.map((line, i) =>
    `<text class="${name}" x="${round(x)}" y="${
      round(y + height * (i + 0.75))
    }">${escape(line)}</text>`
  ).join("");
}
