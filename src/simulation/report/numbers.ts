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
  const text = size !== 0 && (size < 1e-4 || size >= 1e9)
    ? Number(value.toPrecision(4)).toExponential()
    : group(
      decimals === undefined ? plain(value, size) : value.toFixed(decimals),
    );
  return text.replaceAll("-", "−").replace(/^−([0.]+)$/, "$1");
}

/** A span of virtual time. */
export function formatSpan(time: Duration.Duration): string {
  const millis = Duration.toMillis(time);
  return millis < 60_000
    ? `${formatNumber(Math.round(millis * 1000) / 1000)} ms`
    : Duration.format(Duration.millis(Math.round(millis)));
}

/** A mean and half its interval, to two digits of the latter. */
export function formatEstimate(
  { halfWidth, mean }: {
    readonly mean: number;
    readonly halfWidth: number | undefined;
  },
): string {
  if (halfWidth === undefined || Number.isNaN(mean)) return formatNumber(mean);
  if (halfWidth === 0 || !Number.isFinite(halfWidth)) {
    return `${formatNumber(mean)} ± ${formatNumber(halfWidth)}`;
  }
  const decimals = Math.min(6, Math.max(0, 1 - magnitude(halfWidth)));
  return `${formatNumber(mean, decimals)} ± ${
    formatNumber(halfWidth, decimals)
  }`;
}

const prefixes = ["", "k", "M", "G", "T"];

/** Labels of an axis whose ticks are so far apart; all with the same SI prefix. */
export function formatTicks(
  ticks: ReadonlyArray<number>,
  step: number,
): ReadonlyArray<string> {
  const largest = Math.max(0, ...ticks.map(Math.abs));
  if (largest < 1e4 || largest >= 1e15) {
    const decimals = Math.max(0, -magnitude(step * 1.001));
    return ticks.map((tick) => tick === 0 ? "0" : formatNumber(tick, decimals));
  }
  const power = Math.floor(magnitude(largest * 1.001) / 3);
  const unit = 1000 ** power;
  const decimals = Math.max(0, -magnitude(step / unit * 1.001));
  return ticks.map((tick) =>
    tick === 0
      ? "0"
      : `${formatNumber(tick / unit, decimals)}${prefixes[power] ?? ""}`
  );
}

/** A label of a log axis, which stands for itself. */
export function formatPower(tick: number): string {
  return tick >= 1e4
    ? formatTicks([tick], tick).join()
    : formatNumber(tick, Math.max(0, -magnitude(tick * 1.001)));
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
