/**
 * Numbers as people write them.
 *
 * @module
 */
import * as Duration from "effect/Duration";

/** A number to a few digits, or to as many decimals as asked. */
export function formatNumber(value: number, decimals?: number): string {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) {
    return Number(value.toPrecision(4)).toExponential().replaceAll("-", "−");
  }
  return decimals === undefined
    ? signed(group(plain(value, size)))
    : formatFixed(value, decimals);
}

function formatFixed(value: number, decimals: number): string {
  return signed(group(value.toFixed(decimals)));
}

function signed(digits: string): string {
  return digits.replaceAll("-", "−").replace(/^−([0.]+)$/, "$1");
}

/** A number that was given, with all its digits: a setting, a seed. */
export function formatSetting(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e4
    ? formatNumber(value)
    : String(value).replaceAll("-", "−");
}

/** A span of virtual time. */
export function formatSpan(time: Duration.Duration): string {
  const millis = Duration.toMillis(time);
  return millis < 60_000
    ? `${formatNumber(Math.round(millis * 1000) / 1000)} ms`
    : Duration.format(Duration.millis(Math.round(millis)));
}

/** Seconds of virtual time. */
export function formatSeconds(seconds: number): string {
  return seconds < 60
    ? `${formatNumber(seconds)} s`
    : Duration.format(Duration.seconds(Math.round(seconds)));
}

/** What rounding alone may make of an interval without width, as a part of its mean. */
const noise = 1e-12;

/** A mean and half its interval, to two digits of the latter. */
export function formatEstimate(
  { halfWidth, mean }: {
    readonly mean: number;
    readonly halfWidth: number | undefined;
  },
): string {
  if (halfWidth === undefined || Number.isNaN(mean)) return formatNumber(mean);
  if (halfWidth <= noise * Math.abs(mean)) return `${formatNumber(mean)} ± 0`;
  const decimals = 1 - magnitude(halfWidth);
  const parts = [mean, halfWidth];
  const shown = decimals <= 6 && halfWidth < 1e9
    ? parts.map((part) => formatFixed(part, Math.max(0, decimals)))
    : parts.map((part) => formatNumber(part));
  return shown.join(" ± ");
}

const prefixes = ["", "k", "M", "G", "T"];

/** Labels of ticks that are so far apart; all to the same decimals, with the same SI prefix. */
export function formatTicks(
  ticks: ReadonlyArray<number>,
  step: number,
): ReadonlyArray<string> {
  const { prefix, unit } = prefixOf(Math.max(0, ...ticks.map(Math.abs)));
  const decimals = decimalsOf(step / unit);
  return ticks.map((tick) =>
    tick === 0 ? "0" : `${formatNumber(tick / unit, decimals)}${prefix}`
  );
}

/** A label of a tick that stands for itself. */
export function formatTick(tick: number): string {
  const { prefix, unit } = prefixOf(Math.abs(tick));
  return `${formatNumber(tick / unit)}${prefix}`;
}

function prefixOf(
  size: number,
): { readonly prefix: string; readonly unit: number } {
  const power = size < 1e4 ? 0 : Math.floor(magnitude(size * 1.001) / 3);
  const prefix = prefixes[power];
  return prefix === undefined
    ? { prefix: "", unit: 1 }
    : { prefix, unit: 1000 ** power };
}

/** How many decimals a number has, but for what binary fractions add. */
function decimalsOf(value: number): number {
  const decimals = [0, 1, 2, 3, 4, 5, 6].find((some) =>
    Math.abs(value - Number(value.toFixed(some))) < 1e-4 * value
  );
  return decimals ?? 6;
}

function plain(value: number, size: number): string {
  if (Number.isInteger(value) || size >= 1e4) return value.toFixed(0);
  return String(Number(value.toPrecision(4)));
}

/** How many digits it has before the point, less 1. */
function magnitude(value: number): number {
  return Math.floor(Math.log10(Math.abs(value)));
}

function group(digits: string): string {
  const [whole = "", rest] = digits.split(".");
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
  return rest === undefined ? grouped : `${grouped}.${rest}`;
}
