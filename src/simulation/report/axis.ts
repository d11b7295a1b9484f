/**
 * Axes: where values stand, and what the ticks say.
 *
 * @module
 */
// @ts-types="@types/d3-array"
import { extent, max } from "d3-array";
// @ts-types="@types/d3-scale"
import { scaleLinear, scaleLog } from "d3-scale";
import type { Dot } from "./difference.ts";
import type { Figure } from "./figure.ts";
import { formatTick, formatTicks } from "./numbers.ts";
import { shorten, textWidth, wrap } from "./text.ts";

/** A tick. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** An axis. */
export interface Scale {
  /** Where a value is. */
  readonly at: (value: number) => number;
  readonly ticks: ReadonlyArray<Tick>;
}

/** Whether a value can be drawn. */
export function isDrawable(value: number, isLog: boolean): boolean {
  return Number.isFinite(value) && (!isLog || value > 0);
}

/** The ends of an interval. It stays above 0 where all values are, and may be without end. */
export function ends(
  { halfWidth = 0, y }: Dot,
  isPositive: boolean,
): readonly [number, number] {
  return [
    isPositive ? Math.max(0, y - halfWidth) : y - halfWidth,
    y + halfWidth,
  ];
}

/** Whether no value is below 0, or may be. */
export function isPositive({ against, lines }: Figure): boolean {
  return against === undefined &&
    lines.every(({ dots }) => dots.every(({ y }) => !(y < 0)));
}

/** What is no longer than that cannot be cut into ticks, which would be no numbers. */
const nothing = 1e-300;

/** The y axis, from `bottom` up to `top`. */
export function yScale(figure: Figure, bottom: number, top: number): Scale {
  const { bounds, isLog, lines } = figure;
  const positive = isPositive(figure);
  const shown = [
    ...lines.flatMap(({ dots }) =>
      dots.filter(({ y }) => isDrawable(y, isLog))
        .flatMap((dot) => [dot.y, ...ends(dot, positive)])
    ),
    ...bounds.map(({ value }) => value),
  ].filter((value) => isDrawable(value, isLog));
  if (isLog) return logScale(shown, bottom, top);
  const [low = 0, high = 0] = extent(shown);
  const [least, largest] = [Math.min(0, low), Math.max(0, high)];
  const scale = scaleLinear(
    [least, largest - least > nothing ? largest : least + 1],
    [bottom, top],
  ).nice(5);
  const ticks = scale.ticks(5);
  return { at: scale, ticks: labelled(ticks) };
}

function logScale(
  shown: ReadonlyArray<number>,
  bottom: number,
  top: number,
): Scale {
  const [least = 1, largest = 10] = extent(shown);
  const steps = largest / least < 300 ? [1, 2, 5] : [1];
  const powers = steps.flatMap((step) =>
    Array.from({ length: 40 }, (_, i) => Number(`${step}e${i - 20}`))
  ).sort((a, b) => a - b);
  const from = powers.findLast((tick) => tick <= least) ?? least;
  const to = powers.find((tick) => tick >= largest && tick > from) ?? largest;
  const within = powers.filter((tick) => tick >= from && tick <= to);
  const stride = Math.ceil(within.length / 8);
  return {
    at: scaleLog([from, to], [bottom, top]),
    ticks: within.filter((_, i) => i % stride === 0)
      .map((value) => ({ value, label: formatTick(value) })),
  };
}

function labelled(ticks: ReadonlyArray<number>): ReadonlyArray<Tick> {
  const [first = 0, second = first + 1] = ticks;
  const labels = formatTicks(ticks, second - first);
  return ticks.map((value, i) => ({ value, label: labels[i] ?? "" }));
}

const tickSize = 12;

/** The x axis of numbers: a tick for each value if there is room. */
export function numberScale(
  { lines }: Figure,
  left: number,
  right: number,
): Scale {
  const values = [
    ...new Set(lines.flatMap(({ dots }) => dots.map(({ x }) => x))),
  ].sort((a, b) => a - b);
  const [least = 0, largest = 0] = [values[0], values.at(-1)];
  const inset = Math.min(16, (right - left) / 20);
  const scale = scaleLinear(
    largest - least > nothing ? [least, largest] : [least - 1, least + 1],
    [left + inset, right - inset],
  );
  const isWhole = values.every(Number.isInteger);
  const some = [10, 8, 6, 5, 4, 3, 2].map((count) =>
    scale.ticks(count).filter((tick) => !isWhole || Number.isInteger(tick))
  );
  const given = values.map((value) => ({ value, label: formatTick(value) }));
  return {
    at: scale,
    ticks: values.length <= 20 && isRoomy(given, scale)
      ? given
      : some.map(labelled).find((ticks) => isRoomy(ticks, scale)) ?? [],
  };
}

function isRoomy(
  ticks: ReadonlyArray<Tick>,
  at: (value: number) => number,
): boolean {
  const half = ({ label }: Tick) => textWidth(label, tickSize) / 2 + 4;
  return ticks.every((tick, i) => {
    const before = ticks[i - 1];
    return before === undefined ||
      at(before.value) + half(before) <= at(tick.value) - half(tick);
  });
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const units = [
  { name: "days", seconds: day, from: 3 * day },
  { name: "hours", seconds: hour, from: 2 * hour },
  { name: "minutes", seconds: minute, from: 2 * minute },
  { name: "seconds", seconds: 1, from: 0 },
];
const timeSteps = [
  ...[1, 2, 5, 10, 15, 30, minute, 2 * minute, 5 * minute, 10 * minute],
  ...[15 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour],
  ...[12 * hour, day, 2 * day, 5 * day, 10 * day, 30 * day, 100 * day],
];

/** Where time ends: in whole steps if it nearly does, as the last value stands for a part of the time that begins there. */
export function endOfTime(lines: Figure["lines"]): number {
  const last = max(lines, ({ dots }) => dots.at(-1)?.x) ?? 0;
  const whole = timeSteps.findLast((step) => last / step > 3) ?? 1;
  const rounded = Math.ceil(last / whole) * whole;
  return rounded <= last * 1.02 ? rounded : last;
}

/** The x axis of time, and its unit: seconds if it must be. */
export function timeScale(
  { lines, xLabel }: Figure,
  left: number,
  right: number,
): Scale & { readonly unit: string } {
  const end = endOfTime(lines);
  const scale = scaleLinear([0, end > 0 ? end : 1], [left, right]);
  const unit =
    units.find(({ from, name }) =>
      xLabel === undefined ? end >= from : name === "seconds"
    ) ?? { name: "seconds", seconds: 1 };
  const stepped = timeSteps.filter((step) =>
    step >= unit.seconds / 2 && end / step <= (right - left) / 45 && step <= end
  )
    .map((step) => ({
      step,
      ticks: Array.from(
        { length: Math.floor(end / step) + 1 },
        (_, i) => i * step,
      ),
    }));
  const even = end < 5 ? [scale.ticks(5), scale.ticks(2)] : [];
  const found = [
    ...even.map((ticks) => ({ step: ticks[1] ?? 1, ticks })),
    ...stepped,
  ].map(({ step, ticks }) => {
    const labels = formatTicks(
      ticks.map((tick) => tick / unit.seconds),
      step / unit.seconds,
    );
    return ticks.map((value, i) => ({ value, label: labels[i] ?? "" }));
  });
  return {
    at: scale,
    ticks: found.find((ticks) => isRoomy(ticks, scale)) ?? [],
    unit: unit.name,
  };
}

/** How the names below an axis are written. */
export interface Names {
  readonly at: (value: number) => number;
  /** Where the y axis is. */
  readonly left: number;
  /** How far one is from the next. */
  readonly step: number;
  /** Their lines, unless they are turned; none for those that there is no room for. */
  readonly labels: ReadonlyArray<ReadonlyArray<string>>;
  readonly isTurned: boolean;
  /** How much room they take. */
  readonly height: number;
}

/** What a turned name takes to the side and down, in parts of its length. */
export const turn: { readonly degrees: number; readonly across: number } = {
  degrees: 40,
  across: Math.cos(40 * Math.PI / 180),
};
const down = Math.sin(turn.degrees * Math.PI / 180);

/** The x axis of names, between the ends of a picture and `left` of the y axis, or more where names need it. */
export function nameScale(
  { names }: Figure,
  { left, right, start }: {
    readonly start: number;
    readonly left: number;
    readonly right: number;
  },
): Names {
  const step = (right - left) / names.length;
  const wrapped = names.map((name) => wrap(name, tickSize, step - 8));
  const isWrapped = wrapped.every((lines, i) =>
    lines.length <= 3 && lines.join(" ") === names[i]
  );
  if (isWrapped) {
    const lines = Math.max(...wrapped.map(({ length }) => length));
    return {
      ...{ left, step, labels: wrapped, isTurned: false, height: lines * 15 },
      at: (value) => left + step * (value + 0.5),
    };
  }
  const first = textWidth(names[0] ?? "", tickSize) * turn.across;
  const moved = Math.max(
    left,
    Math.min(start + first - step / 2, start + (right - start) * 0.2),
  );
  const turned = (right - moved) / names.length;
  const at = (value: number) => moved + turned * (value + 0.5);
  const stride = Math.ceil(20 / turned);
  const labels = names.map((name, i) => {
    const room = Math.min(150, (at(i) - start - 4) / turn.across);
    return i % stride === 0 ? [shorten(name, tickSize, room)] : [];
  });
  const longest = Math.max(
    ...labels.flat().map((label) => textWidth(label, tickSize)),
  );
  return {
    ...{ at, left: moved, step: turned, labels, isTurned: true },
    height: longest * down + 14,
  };
}
