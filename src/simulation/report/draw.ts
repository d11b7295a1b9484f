/**
 * Draws a figure.
 *
 * @module
 */
import {
  nameScale,
  numberScale,
  type Tick,
  timeScale,
  turn,
  yScale,
} from "./axis.ts";
import type { Figure } from "./figure.ts";
import { drawBounds } from "./bounds.ts";
import { drawLegend, drawNames, drawText, roomForNames } from "./legend.ts";
import { drawLines, type Plot } from "./marks.ts";
import { describe, notesOf } from "./notes.ts";
import { round } from "./style.ts";
import { escape, shorten, textWidth, wrap } from "./text.ts";

/** How a figure is drawn. */
export interface Look {
  readonly width: number;
  readonly height: number;
  /** Whether its title, description and notes are in the picture. */
  readonly isWhole: boolean;
  /** Attributes of the picture. */
  readonly attributes: string;
  /** What comes first in the picture. */
  readonly start: string;
}

interface XAxis {
  /** Where the y axis is. */
  readonly left: number;
  readonly at: (value: number) => number;
  readonly svg: string;
  readonly height: number;
  readonly label: string;
}

const size = 12;

/** Draws a figure. */
export function draw(figure: Figure, look: Look): string {
  const { attributes, height, isWhole, start, width } = look;
  const margin = isWhole ? 16 : 2;
  const room = width - 2 * margin;
  const above: Array<string> = [];
  let y = margin;
  const write = (
    lines: ReadonlyArray<string>,
    lineHeight: number,
    name: string,
  ) => {
    for (const line of lines) {
      above.push(
        `<text class="${name}" x="${round(margin)}" y="${
          round(y + lineHeight * 0.75)
        }">${escape(line)}</text>`,
      );
      y += lineHeight;
    }
  };
  if (isWhole) {
    write(wrap(figure.title, 17, room, true), 22, "weir-title");
    if (figure.description !== "") {
      write(wrap(figure.description, size, room), 17, "weir-muted");
    }
    y += 8;
  }
  const beside = roomForNames(figure, width, height);
  if (beside === undefined) {
    const legend = drawLegend(figure, margin, y, room);
    above.push(legend.svg);
    y += legend.height + 8;
  }
  const yLabel = figure.against === undefined
    ? figure.yLabel
    : `${figure.yLabel}, difference to ${figure.against}`;
  write(wrap(`↑ ${yLabel}`, size, room), 16, "weir-muted");
  const top = y + 12;
  const bottom = top + height;
  const yAxis = yScale(figure, bottom, top);
  const labelsEnd = margin + 8 +
    Math.max(...yAxis.ticks.map(({ label }) => textWidth(label, size)));
  const right = width - margin - (beside ?? 8);
  const xAxis = drawXAxis(figure, {
    ...{ start: margin, left: labelsEnd, right, bottom },
  });
  const { left } = xAxis;
  const plot: Plot = { figure, x: xAxis.at, y: yAxis.at, top, bottom };
  const body = [
    ...above,
    drawYAxis(yAxis.ticks, yAxis.at, left, right),
    xAxis.svg,
    drawLines(plot),
    drawBounds(plot, left, right),
    beside === undefined ? "" : drawNames(plot, right),
  ];
  y = bottom + xAxis.height + 18;
  const xLabel = shorten(`${xAxis.label} →`, size, right - margin);
  body.push(
    `<text class="weir-muted weir-end" x="${round(right)}" y="${round(y)}">${
      escape(xLabel)
    }</text>`,
  );
  y += 8;
  if (isWhole) {
    above.length = 0;
    y += 8;
    for (const note of notesOf(figure)) {
      write(wrap(note, size, room), 17, "weir-muted");
    }
    body.push(...above);
    y += margin;
  }
  return [
    `<svg class="weir-figure" role="img" viewBox="0 0 ${width} ${
      round(y)
    }" width="${width}" height="${round(y)}"${attributes}>`,
    `<title>${escape(figure.title)}</title><desc>${
      escape(describe(figure))
    }</desc>`,
    start,
    `<rect class="weir-paper" width="${width}" height="${round(y)}"/>`,
    ...body,
    "</svg>",
  ].join("");
}

function drawYAxis(
  ticks: ReadonlyArray<Tick>,
  at: (value: number) => number,
  left: number,
  right: number,
): string {
  return ticks.map(({ label, value }) => {
    const y = round(at(value));
    return `<path class="${value === 0 ? "weir-axis" : "weir-grid"}" d="M${
      round(left)
    } ${y}H${round(right)}"/><text class="weir-muted weir-end" x="${
      round(left - 8)
    }" y="${round(at(value) + 4)}">${escape(label)}</text>`;
  }).join("");
}

function drawXAxis(
  figure: Figure,
  { bottom, left, right, start }: {
    readonly start: number;
    readonly left: number;
    readonly right: number;
    readonly bottom: number;
  },
): XAxis {
  if (figure.axis === "names") {
    const scale = nameScale(figure, { start, left, right });
    const svg = scale.labels.map((lines, i) => {
      const [x, y] = [scale.at(i), bottom + 18];
      return scale.isTurned
        ? lines.map((line) =>
          drawText(
            figure.names[i] ?? "",
            line,
            `class="weir-end" transform="translate(${round(x + 4)} ${
              round(y - 4)
            }) rotate(-${turn.degrees})"`,
          )
        ).join("")
        : lines.map((line, row) =>
          `<text class="weir-middle" x="${round(x)}" y="${
            round(y + 15 * row)
          }">${escape(line)}</text>`
        ).join("");
    }).join("");
    return {
      ...{ at: scale.at, left: scale.left },
      svg: svg + drawBase(bottom, scale.left, right),
      height: scale.height + 8,
      label: figure.xLabel ?? "",
    };
  }
  const { at, ticks, unit } = figure.axis === "time"
    ? timeScale(figure, left, right)
    : { ...numberScale(figure, left, right), unit: "" };
  const svg = ticks.map(({ label, value }) =>
    `<path class="weir-axis" d="M${round(at(value))} ${
      round(bottom)
    }v5"/><text class="weir-muted weir-middle" x="${round(at(value))}" y="${
      round(bottom + 19)
    }">${escape(label)}</text>`
  ).join("");
  return {
    ...{ at, left },
    svg: svg + drawBase(bottom, left, right),
    height: 22,
    label: figure.xLabel ?? unit,
  };
}

function drawBase(bottom: number, left: number, right: number): string {
  return `<path class="weir-axis" d="M${round(left)} ${round(bottom)}H${
    round(right)
  }"/>`;
}
