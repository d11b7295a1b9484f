/**
 * Lines to compare with.
 *
 * @module
 */
import { isDrawable } from "./axis.ts";
import { drawShort } from "./legend.ts";
import type { Plot } from "./marks.ts";
import { round } from "./style.ts";
import { shorten, textWidth } from "./text.ts";

const size = 12;
/** How close a label is to its line, and how high it is. */
const [gap, height] = [5, 14];

/** Where labels may be on their lines, the best first: at the ends, and between. */
const along = [1, 0, 0.5, 0.25, 0.75];
/** How many labels farther from their lines, where there is no room beside other labels. */
const away = [0, 1, 2];

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Bounds, each with its label where it hides the least. */
export function drawBounds(plot: Plot, left: number, right: number): string {
  const { figure: { bounds }, y } = plot;
  const dots = dotsOf(plot);
  const lines = bounds.map(({ value }) => ({
    ...{ left, right, top: y(value) - 1, bottom: y(value) + 1 },
  }));
  const taken: Array<Box> = [...lines];
  return bounds.map(({ label, value }) => {
    const at = y(value);
    const short = shorten(label, size, right - left - 8);
    const length = textWidth(short, size);
    const best = away.flatMap((rows) => {
      const places = along.flatMap((part) =>
        placesAt(
          at,
          left + 4 + part * (right - left - 8 - length),
          ...[length, part, rows] as const,
        )
      );
      const costs = places.map((box) =>
        taken.filter((other) => overlap(box, other)).length * 100 +
        dots.filter((other) => overlap(box, other)).length +
        (box.top < plot.top || box.bottom > plot.bottom ? 1000 : 0)
      );
      return places[costs.indexOf(Math.min(...costs))] ?? [];
    });
    const isFree = (box: Box) =>
      box.top >= plot.top && box.bottom <= plot.bottom &&
      !taken.some((other) => overlap(box, other));
    const box = best.find(isFree) ?? best[0];
    if (box === undefined) return "";
    taken.push(box);
    const line = `<path class="weir-bound" d="M${round(left)} ${round(at)}H${
      round(right)
    }"/>`;
    return line + drawShort(
      label,
      short,
      `class="weir-halo${box.isRight ? " weir-end" : ""}" x="${
        round(box.isRight ? box.right : box.left)
      }" y="${round(box.bottom - 3)}"`,
    );
  }).join("");
}

function placesAt(
  at: number,
  left: number,
  length: number,
  part: number,
  rows: number,
) {
  const isRight = part === 1;
  const more = rows * (height + 2);
  const tops = [at - gap - height + 3 - more, at + gap - 2 + more];
  return tops.map((top) => ({
    ...{ left, right: left + length, top, bottom: top + height, isRight },
  }));
}

function dotsOf({ figure, x, y }: Plot): ReadonlyArray<Box> {
  return figure.lines.flatMap(({ dots }) =>
    dots.filter((dot) => isDrawable(dot.y, figure.isLog)).map((dot) => ({
      ...{ left: x(dot.x) - 5, right: x(dot.x) + 5 },
      ...{ top: y(dot.y) - 5, bottom: y(dot.y) + 5 },
    }))
  );
}

function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right &&
    one.top < other.bottom && other.top < one.bottom;
}
