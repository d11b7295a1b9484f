/**
 * Quotas and schedules as fast-check makes them, and a client that follows a schedule.
 *
 * @module
 */
import { type Decision, Quota } from "@weir/weir";
import * as Duration from "effect/Duration";
import * as fc from "fast-check";
import { ok, strictEqual } from "node:assert/strict";
import { type Admission, step, violation } from "./oracle.ts";

/** How time moves before a call. */
type Move =
  /** By this share of the quota's own time; back if below 0. */
  | { readonly by: "share"; readonly share: number }
  /** To when the last denial said, or not at all. */
  | { readonly by: "retry" }
  /** To the next edge of an aligned window. */
  | { readonly by: "edge" };

/** One call: when, and which share of the highest cost; 0 is a cost of 1. */
export interface Call {
  readonly move: Move;
  readonly share: number;
}

/** A quota, a clock's origin, and calls. */
export interface Schedule {
  readonly quota: Quota.Quota;
  readonly origin: number;
  readonly calls: ReadonlyArray<Call>;
}

/** What was asked, and answered. */
export interface Answer {
  readonly now: number;
  readonly cost: number;
  readonly decision: Decision.Decision;
  readonly before: Quota.State | undefined;
  readonly state: Quota.State;
}

const period = fc.oneof(
  fc.constantFrom(1, 100, 1000, 13_000, 60_000, 86_400_000, 604_800_000),
  fc.constantFrom(0.1, 16.7, 1000 / 3),
  fc.double({ min: 1, max: 1e6, noNaN: true }),
);

const rate = fc.oneof(
  fc.integer({ min: 1, max: 1000 }),
  fc.constantFrom(1 / 3, 7, 0.1),
  fc.double({ min: 1e-3, max: 1e4, noNaN: true }),
);

const burst = fc.oneof(
  fc.constant(undefined),
  fc.integer({ min: 1, max: 50 }),
  fc.double({ min: 1, max: 1e6, noNaN: true }),
);

const bucketOptions = fc.record({ rate, per: period, burst });

const windowOptions = fc.record({
  limit: fc.oneof(
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 1000 }),
  ),
  window: period,
});

/** Quotas by the name of their constructor. */
export type Quotas = Readonly<Record<string, fc.Arbitrary<Quota.Quota>>>;

/** The quotas of one tier. */
export const singleQuotas: Quotas = {
  tokenBucket: bucketOptions.map(Quota.tokenBucket),
  slidingWindow: windowOptions.map(Quota.slidingWindow),
  slidingCounter: windowOptions.map(Quota.slidingCounter),
  fixedWindow: windowOptions.map(Quota.fixedWindow),
};

/** Two to four tiers at once. */
export const joinedQuotas: Quotas = {
  all: fc.uniqueArray(fc.oneof(...Object.values(singleQuotas)), {
    minLength: 2,
    maxLength: 4,
    selector: ({ tiers }) => tiers[0]!.name,
  }).map((quotas) => Quota.all(...quotas)),
};

/** The quotas of one tier that allow 30 units at most at once. */
export const smallQuotas: Quotas = Object.fromEntries(
  Object.entries(singleQuotas).map(([kind, quota]) => [
    kind,
    quota.filter((quota) => Quota.maxCost(quota) <= 30),
  ]),
);

const forwards: fc.Arbitrary<Move> = fc.oneof(
  share(fc.constant(0)),
  share(fc.double({ min: 0, max: 0.3, noNaN: true })),
  share(fc.double({ min: 0, max: 3, noNaN: true })),
  share(fc.constantFrom(1, 2, 1e-7, 1 - 1e-7, 1 + 1e-7, 1000)),
  fc.constant<Move>({ by: "retry" }),
  fc.constant<Move>({ by: "edge" }),
);

const backwards: fc.Arbitrary<Move> = fc.oneof(
  forwards,
  share(fc.double({ min: -3, max: 0, noNaN: true })),
);

/** Schedules of a quota, on a clock that runs forwards. */
export function schedules(
  quota: fc.Arbitrary<Quota.Quota>,
): fc.Arbitrary<Schedule> {
  return schedule(quota, forwards);
}

/** Schedules of a quota, on a clock that runs backwards now and then. */
export function crookedSchedules(
  quota: fc.Arbitrary<Quota.Quota>,
): fc.Arbitrary<Schedule> {
  return schedule(quota, backwards);
}

/** Registers a property of each kind of quota as a test: at least 10,000 schedules each. */
export function testQuotas(
  claim: string,
  property: (schedule: Schedule, fresh: fc.GeneratorValue) => void,
  options: {
    readonly kinds?: Quotas;
    readonly schedules?: typeof schedules;
  } = {},
): void {
  const kinds = options.kinds ?? { ...singleQuotas, ...joinedQuotas };
  for (const [kind, quota] of Object.entries(kinds)) {
    const arbitrary = (options.schedules ?? schedules)(quota);
    Deno.test(`${kind}() ${claim}`, () =>
      fc.assert(fc.property(arbitrary, fc.gen(), property), {
        numRuns: 10_000,
      }));
  }
}

/** Follows a schedule from a state on. `before` may change the state before each call. */
export function* follow(
  { calls, origin, quota }: Schedule,
  state?: Quota.State,
  before: (state: Quota.State | undefined, now: number) => typeof state = (
    state,
  ) => state,
): Generator<Answer> {
  let now = origin;
  let retryAfter = 0;
  for (const call of calls) {
    now = moved(quota, now, call.move, retryAfter);
    const cost = costOf(quota, call.share);
    const from = before(state, now);
    const [decision, to] = Quota.decide(quota, from, now, cost);
    state = to;
    retryAfter = decision._tag === "Denied"
      ? Duration.toMillis(decision.retryAfter)
      : 0;
    yield { now, cost, decision, before: from, state: to };
  }
}

/** The last of at least one. */
export function last<A>(values: Iterable<A>): A {
  return [...values].at(-1)!;
}

/** Fails if two runs were answered differently, but for rounding. */
export function assertAlike(
  quota: Quota.Quota,
  left: Iterable<Answer>,
  right: Iterable<Answer>,
): void {
  const rights = [...right];
  let n = 0;
  for (const { cost, decision, now } of left) {
    const other = rights[n++]!.decision;
    const where = `${cost} at ${now}`;
    if (decision._tag === "Allowed" && other._tag === "Allowed") {
      const difference = Math.abs(decision.remaining - other.remaining);
      ok(difference <= 1e-6 * Quota.maxCost(quota), `${where}: ${difference}`);
      continue;
    }
    if (decision._tag === other._tag) continue;
    // In the very moment that it falls due rounding decides, and the runs part.
    const denied = decision._tag === "Denied" ? decision : other;
    ok(denied._tag === "Denied");
    const wait = Duration.toMillis(denied.retryAfter);
    ok(wait <= rounding(now), `${where}: ${decision._tag}, ${other._tag}`);
    return;
  }
  strictEqual(n, rights.length);
}

/** What was admitted, in an order of time that never runs backwards. */
export function admissions(answers: Iterable<Answer>): Array<Admission> {
  const admitted: Array<Admission> = [];
  let at = -Infinity;
  for (const { cost, decision, now } of answers) {
    if (decision._tag === "Denied") continue;
    at = Math.max(at, now);
    admitted.push({ at, cost });
  }
  return admitted;
}

/** Fails if what was admitted breaks a tier of the quota. */
export function assertKept(
  quota: Quota.Quota,
  admitted: ReadonlyArray<Admission>,
): void {
  for (const tier of quota.tiers) {
    const broken = violation(tier, admitted);
    ok(broken === undefined, `${tier.name} broken: ${JSON.stringify(broken)}`);
  }
}

/** The cost that a call's share of the highest one means. */
export function costOf(quota: Quota.Quota, share: number): number {
  if (share === 0) return 1;
  const cost = share * Quota.maxCost(quota);
  return countsWhole(quota) ? Math.max(1, Math.floor(cost)) : cost;
}

/** Whether a tier counts whole costs only. */
export function countsWhole(quota: Quota.Quota): boolean {
  return quota.tiers.some(({ _tag }) => _tag !== "TokenBucket");
}

/** The time that a tier speaks of, in milliseconds. */
export function spanOf(quota: Quota.Quota): number {
  const tier = quota.tiers[0]!;
  return tier._tag === "TokenBucket"
    ? tier.perMillis * Math.min(1, tier.burst / tier.rate)
    : tier.windowMillis;
}

/** How late a decision at `now` may come for rounding: a nanosecond, and the steps of the clock. */
export function rounding(now: number): number {
  return 1e-6 + 4 * step(now);
}

function schedule(
  quota: fc.Arbitrary<Quota.Quota>,
  move: fc.Arbitrary<Move>,
): fc.Arbitrary<Schedule> {
  return fc.record({
    quota,
    origin: fc.oneof(
      fc.constantFrom(0, 1, 1e10, 1.75e12),
      fc.double({ min: 0, max: 1e10, noNaN: true }),
    ),
    calls: fc.array(
      fc.record({
        move,
        share: fc.oneof(
          fc.constantFrom(0, 0, 1),
          fc.double({ min: 1e-6, max: 1, noNaN: true }),
        ),
      }),
      { minLength: 1, maxLength: 50, size: "max" },
    ),
  });
}

function share(share: fc.Arbitrary<number>): fc.Arbitrary<Move> {
  return share.map((share) => ({ by: "share", share }));
}

function moved(
  quota: Quota.Quota,
  now: number,
  move: Move,
  retryAfter: number,
): number {
  const span = spanOf(quota);
  switch (move.by) {
    case "share":
      return now + move.share * span;
    case "retry":
      return now + retryAfter;
    case "edge":
      return Math.max(now, (Math.floor(now / span) + 1) * span);
  }
}
