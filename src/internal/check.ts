/**
 * Refuses bad options where they are given, with a `RangeError` that names the option and the value.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import { format } from "effect/Formatter";
import * as Option from "effect/Option";

/** Fails because `option` was not what it `must` be. */
export function refuse(option: string, must: string, value: unknown): never {
  throw new RangeError(`"${option}" must be ${must}, was ${show(value)}`);
}

/** A positive, finite number. */
export function positive(option: string, value: number): number {
  return Number.isFinite(value) && value > 0
    ? value
    : refuse(option, "a positive, finite number", value);
}

/** A whole number from `minimum` to `maximum`, which is 2⁵³ − 1 if omitted. */
export function whole(
  option: string,
  value: number,
  minimum: number,
  maximum: number = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isSafeInteger(value) && value >= minimum && value <= maximum) {
    return value;
  }
  const atMost = maximum < Number.MAX_SAFE_INTEGER
    ? ` and at most ${maximum}`
    : "";
  return refuse(
    option,
    `a whole number, at least ${minimum}${atMost}`,
    value,
  );
}

/** A bound that need not be given: a whole number, at least 1, or none. */
export function atMost(option: string, value: number | undefined): number {
  return value === undefined ? Infinity : whole(option, value, 1);
}

/** A finite number. */
export function finite(option: string, value: number): number {
  return Number.isFinite(value)
    ? value
    : refuse(option, "a finite number", value);
}

/** Whether every store can keep a text. */
export function canBeKept(value: string): boolean {
  return value.isWellFormed() && !value.includes("\0");
}

/** Text that every store can keep. */
export function text(option: string, value: string): string {
  return canBeKept(value)
    ? value
    : refuse(option, "well-formed text without NUL", value);
}

/** A name that every store can keep. */
export function named(option: string, value: string): string {
  return value === ""
    ? refuse(option, "not empty", value)
    : text(option, value);
}

/** The milliseconds of a duration that is neither negative nor malformed. */
export function millis(option: string, value: Duration.Input): number {
  // Effect reads NaN as no time at all.
  const ms = Number.isNaN(value) ? NaN : Option.getOrElse(
    Option.map(Duration.fromInput(value), Duration.toMillis),
    () => NaN,
  );
  return ms >= 0 ? ms : refuse(
    option,
    'a duration such as 1000 or "1 second", not negative',
    value,
  );
}

/** The milliseconds of a duration that is positive and finite. */
export function span(option: string, value: Duration.Input): number {
  const ms = millis(option, value);
  return ms > 0 && ms < Infinity ? ms : refuse(
    option,
    'a duration such as 1000 or "1 second", positive and finite',
    value,
  );
}

/** Plain data: what is the same after it was written down and read again, but for numbers that JSON has no word for. */
export function plain(option: string, value: unknown): void {
  if (!isPlain(value, [])) {
    refuse(option, "plain data: no class, function, BigInt or circle", value);
  }
}

function isPlain(value: unknown, within: ReadonlyArray<object>): boolean {
  if (typeof value !== "object" || value === null) {
    return !["bigint", "function", "symbol"].includes(typeof value);
  }
  const prototype = Object.getPrototypeOf(value);
  return [Object.prototype, Array.prototype, null].includes(prototype) &&
    !within.includes(value) &&
    Object.values(value).every((part) => isPlain(part, [...within, value]));
}

function show(value: unknown): string {
  if (Duration.isDuration(value)) return Duration.format(value);
  return typeof value === "object"
    ? format(value)
    : typeof value === "string"
    ? `"${value}"`
    : String(value);
}
