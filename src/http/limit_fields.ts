/**
 * What responses tell of limits: `RateLimit` and `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers-10, which are
 * Lists of RFC 9651, and the older `X-RateLimit-*`.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import type { Decision, Quota } from "../limiter/mod.ts";

/** What a limit had to say, in the words of the fields. */
export interface Standing {
  /** Which tier, by its name. */
  readonly tier: string;
  /** Whole units that are left of it. */
  readonly left: number;
  /** Whole seconds until it is whole again or, where nothing is left, until something is; infinite where that never comes. */
  readonly seconds: number;
}

/** Where a decision stands; nothing if it says that nothing is left, but not until when. */
export function standingOf(decision: Decision.Decision): Standing | undefined {
  const { tier } = decision;
  if (decision._tag === "Denied") {
    return { tier, left: 0, seconds: secondsOf(decision.retryAfter) };
  }
  const left = leftOf(decision);
  return left === 0
    ? undefined
    : { tier, left, seconds: secondsOf(decision.resetAfter) };
}

/** Where a limit stands of which nothing seems to be left, by what one more unit would hear. */
export function standingAfter(peeked: Decision.Decision): Standing {
  return standingOf(peeked) ?? { tier: peeked.tier, left: 0, seconds: 0 };
}

/** Whole seconds, rounded up. */
export function secondsOf(duration: Duration.Duration): number {
  return Math.ceil(Duration.toSeconds(duration));
}

/** A request of cost 1 is let through by a bucket that holds 1 but for rounding. */
function leftOf({ remaining }: Decision.Allowed): number {
  return Math.floor(remaining + 1e-9);
}

/** What is told of a quota whoever asks. */
export interface Policy {
  /** The value of `RateLimit-Policy`; empty where there is no limit. */
  readonly field: string;
  /** The limit of each tier, and its name as it is sent. */
  readonly tiers: ReadonlyMap<
    string,
    { readonly name: string; readonly limit: number }
  >;
}

const policies = new WeakMap<Quota.Quota, Policy>();

/** What is told of a quota, put together once. */
export function policyOf(quota: Quota.Quota): Policy {
  let policy = policies.get(quota);
  if (policy === undefined) {
    policy = describe(quota);
    policies.set(quota, policy);
  }
  return policy;
}

/** The item of `RateLimit` for a standing. */
export function limitItem(policy: Policy, standing: Standing): string {
  const { left, seconds, tier } = standing;
  const name = policy.tiers.get(tier)?.name ?? stringOf(tier);
  const item = `${name};r=${integer(left)}`;
  return seconds === Infinity ? item : `${item};t=${integer(seconds)}`;
}

/** Adds items to a list. Of two by one name that which leaves less stays. */
export function join(list: string | null | undefined, items: string): string {
  if (list === null || list === undefined || list === "") return items;
  const joined = new Map<string, string>();
  for (const [, name = "", told = ""] of `${list},${items}`.matchAll(item)) {
    const other = joined.get(name);
    if (other === undefined || leavesLess(told, other)) joined.set(name, told);
  }
  return Array.from(joined, ([name, told]) => name + told).join(", ");
}

function describe({ tiers }: Quota.Quota): Policy {
  const named = tiers.map((tier) => {
    const [limit, millis] = tier._tag === "TokenBucket"
      ? [tier.burst, tier.burst * tier.perMillis / tier.rate]
      : [tier.limit, tier.windowMillis];
    const name = stringOf(tier.name);
    const quota = `${name};q=${integer(limit)}`;
    const item = millis < 1000
      ? quota
      : `${quota};w=${integer(Math.ceil(millis / 1000 - 1e-9))}`;
    return { tier: tier.name, name, limit: integer(limit), item };
  });
  return {
    field: named.reduce((list, { item }) => join(list, item), ""),
    tiers: new Map(
      named.map(({ limit, name, tier }) => [tier, { name, limit }]),
    ),
  };
}

/**
 * A name as a String of RFC 9651. It carries printable ASCII only: all else, and `%`, is percent-encoded as UTF-8, so that
 * `decodeURIComponent` gives the name back.
 */
function stringOf(name: string): string {
  const ascii = name.toWellFormed().replaceAll(
    /[^\x20-\x7e]|%/gu,
    encodeURIComponent,
  );
  return `"${ascii.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** An Integer of RFC 9651 has 15 digits at most. */
function integer(value: number): number {
  return Math.min(Math.floor(value), 999_999_999_999_999);
}

/** An item of a list: its name, and what is told of it. Commas may be in strings. */
const item =
  /\s*("(?:[^"\\]|\\.)*"|[^\s",;][^",;]*)((?:[^",]|"(?:[^"\\]|\\.)*")*)/g;

/** Whether one tells of fewer units than another or, of as many, of a later time. */
function leavesLess(told: string, other: string): boolean {
  const units = numberIn(told, /;[rq]=(\d+)/) - numberIn(other, /;[rq]=(\d+)/);
  return units < 0 || (units === 0 &&
    numberIn(told, /;[tw]=(\d+)/) > numberIn(other, /;[tw]=(\d+)/));
}

function numberIn(told: string, name: RegExp): number {
  return Number(name.exec(told)?.[1] ?? Infinity);
}
