/**
 * Draws axes.
 *
 * @module
 */
import { nameScale, numberScale, type Tick, timeScale, turn } from "./axis.ts";
import type { Figure } from "./figure.ts";
import { drawShort } from "./legend.ts";
import { round } from "./style.ts";
import { escape } from "./text.ts";

/** An x axis as it is drawn. */
export interface XAxis {
  /** Where a value is. */
  readonly at: (value: number) => number;
  /** Where the y axis is. */
  readonly left: number;
  readonly svg: string;
  readonly height: number;
  readonly label: string;
}

/** Draws the y axis, with lines across. */
export function drawYAxis(
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

/** Draws the x axis. Turned names may reach to `start`, and move `left`. */
export function drawXAxis(
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
          drawShort(
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
