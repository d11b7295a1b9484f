/**
 * Measures contestants beside each other, and prints what came out of it.
 *
 * Machines are noisy: contestants take turns within one process, round after round, and what is compared is the median of
 * the rounds' ratios.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import effect from "effect/package.json" with { type: "json" };

/** One line of a table. */
export interface Row {
  /** What was measured. */
  readonly name: string;
  /** What came out. */
  readonly value: string;
  /** What it should be; nothing where it is only reported. */
  readonly target?: string;
  /** Whether it is. */
  readonly pass?: boolean;
}

/** What a contestant scored in each round. */
export type Scores<K extends string> = Readonly<
  Record<K, ReadonlyArray<number>>
>;

/** Lets the contestants take turns, another one first in each round, and drops the first rounds, in which code is compiled. */
export async function rounds<K extends string>(
  contestants: Readonly<Record<K, () => number | Promise<number>>>,
  { counted = 9, warmUp = 3 }: {
    readonly counted?: number;
    readonly warmUp?: number;
  } = {},
): Promise<Scores<K>> {
  const names = Object.keys(contestants) as Array<K>;
  const entries = names.map((name) => [name, new Array<number>()] as const);
  const scores = Object.fromEntries(entries) as Record<K, Array<number>>;
  for (let round = 0; round < warmUp + counted; round++) {
    collect();
    const first = round % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const score = await contestants[name]();
      if (round >= warmUp) scores[name].push(score);
    }
  }
  return scores;
}

/** Nanoseconds a call, of something that makes `calls` and returns how many were let through: all, unless told otherwise. */
export function nanos(
  calls: number,
  run: () => number | Promise<number>,
  atLeast: number = calls,
): () => Promise<number> {
  return async () => {
    const start = performance.now();
    const admitted = await run();
    const nanos = (performance.now() - start) * 1e6;
    if (admitted < atLeast || admitted > calls) {
      throw new Error(`${admitted} of ${calls} calls were let through`);
    }
    return nanos / calls;
  };
}

/** As {@linkcode nanos}, of a program's body. */
export function nanosIn<E>(
  calls: number,
  body: () => Generator<Effect.Effect<unknown, E>, number, never>,
  atLeast: number = calls,
): () => Promise<number> {
  return nanos(calls, () => Effect.runPromise(Effect.gen(body)), atLeast);
}

/** The middle one. */
export function median(values: ReadonlyArray<number>): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The median over the rounds of `a ÷ b`. */
export function ratio(
  a: ReadonlyArray<number>,
  b: ReadonlyArray<number>,
): number {
  return median(a.map((value, round) => value / b[round]!));
}

/** The best score of each round, whoever made it. */
export function best(
  ...scores: ReadonlyArray<ReadonlyArray<number>>
): ReadonlyArray<number> {
  return scores[0]!.map((_, round) =>
    Math.min(...scores.map((score) => score[round]!))
  );
}

/** Collects garbage, where V8 was told to let us: `--v8-flags=--expose-gc`. */
export function collect(): void {
  (globalThis as { readonly gc?: () => void }).gc?.();
}

/** Bytes that are in use, once garbage is gone. */
export async function heap(): Promise<number> {
  // What ended a moment ago may be held until the event loop comes round.
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve));
    collect();
  }
  const { external, heapUsed } = Deno.memoryUsage();
  return heapUsed + external;
}

/** A figure that is only reported. */
export const shown = (name: string, value: number, unit: string): Row => ({
  name,
  value: `${figure(value)} ${unit}`.trimEnd(),
});

/** A figure that must not be above `limit`. */
export const atMost = (
  limit: number,
  name: string,
  value: number,
  unit: string,
): Row => ({
  ...shown(name, value, unit),
  target: `≤ ${figure(limit)} ${unit}`.trimEnd(),
  pass: value <= limit,
});

/** A figure that must not be below `limit`. */
export const atLeast = (
  limit: number,
  name: string,
  value: number,
  unit: string,
): Row => ({
  ...shown(name, value, unit),
  target: `≥ ${figure(limit)} ${unit}`.trimEnd(),
  pass: value >= limit,
});

/** The median time of every contestant, in nanoseconds. */
export const times = (
  scores: Scores<string>,
  unit = "ns",
): ReadonlyArray<Row> =>
  Object.entries(scores).map(([name, score]) =>
    shown(name, median(score), unit)
  );

/** Says on what was measured. */
export function header(peers: Readonly<Record<string, string>>): void {
  const { deno, v8 } = Deno.version;
  const { arch, os } = Deno.build;
  const cores = navigator.hardwareConcurrency;
  print(
    `Deno ${deno}, V8 ${v8}, effect ${effect.version}, ${os} ${arch}, ${cores} cores`,
  );
  for (const [peer, options] of Object.entries(peers)) {
    print(`  ${peer.padEnd(30)}${options}`);
  }
}

/** Prints a table. */
export function table(title: string, rows: ReadonlyArray<Row>): void {
  print(`\n${line(title, "target", "value", "")}`);
  for (const { name, pass, target = "–", value } of rows) {
    const verdict = pass === undefined ? "" : pass ? "pass" : "fall short";
    print(line(`  ${name}`, target, value, verdict));
  }
}

function line(name: string, target: string, value: string, verdict: string) {
  const figures = target.padStart(12) + value.padStart(14);
  return `${name.padEnd(52)}${figures}  ${verdict}`.trimEnd();
}

function figure(value: number): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : 2;
  return value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

function print(line: string): void {
  // deno-lint-ignore no-console -- a table is what this program is for
  console.log(line);
}
