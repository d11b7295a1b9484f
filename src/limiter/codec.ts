/**
 * Quotas as data: checked, stored, and read from one line.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import * as SchemaGetter from "effect/SchemaGetter";
import * as SchemaIssue from "effect/SchemaIssue";
import { refuse, span } from "../internal/check.ts";
import type { Tier } from "./model.ts";
import { algorithmOf, distinct, named } from "./tier.ts";

/** One or more limits that hold together: a call is charged to all tiers or to none. Plain data, safe for JSON. */
export interface Quota {
  /** Empty for `unlimited`. */
  readonly tiers: ReadonlyArray<Tier>;
}

const window = {
  name: Schema.String,
  limit: Schema.Number,
  windowMillis: Schema.Number,
};

const tier = Schema.Union([
  Schema.TaggedStruct("TokenBucket", {
    name: Schema.String,
    rate: Schema.Number,
    perMillis: Schema.Number,
    burst: Schema.Number,
  }),
  Schema.TaggedStruct("SlidingWindow", window),
  Schema.TaggedStruct("SlidingCounter", window),
  Schema.TaggedStruct("FixedWindow", window),
]).check(refusal((tier: Tier) => algorithmOf(tier).check(tier)));

/**
 * Checks and stores a quota as the plain data that it is. A number that makes no limit fails the decoding with the words
 * of the constructor's `RangeError`.
 *
 * @example There and back
 * ```ts
 * import { Quota } from "@weir/weir";
 * import * as Schema from "effect/Schema";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const quota = Quota.slidingWindow({ limit: 5, window: "1 second" });
 * const json = JSON.stringify(Schema.encodeSync(Quota.Quota)(quota));
 * deepStrictEqual(Schema.decodeUnknownSync(Quota.Quota)(JSON.parse(json)), quota);
 * ```
 */
export const Quota: Schema.Codec<Quota> = Schema.Struct({
  tiers: Schema.Array(tier).check(refusal(distinct)),
});

/**
 * Reads a quota from one line, as an environment variable holds it: `10 per 1 second, burst 20` is a token bucket;
 * `5 per 1 second, sliding`, `…, sliding counter` and `…, fixed` are the windows; ` & ` joins tiers; `unlimited` is no
 * limit. What a quota without names of its own is named by. A kind is never guessed: `10 per 1 second` alone is refused, and
 * a duration has its number, `1 minute`.
 *
 * @example From the configuration
 * ```ts
 * import { Quota } from "@weir/weir";
 * import * as Config from "effect/Config";
 * import * as ConfigProvider from "effect/ConfigProvider";
 * import * as Effect from "effect/Effect";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const provider = ConfigProvider.fromUnknown({
 *   API_LIMIT: "10 per 1 second, burst 20 & 5000 per 1 hour, sliding",
 * });
 * const quota = await Effect.runPromise(
 *   Config.schema(Quota.FromString, "API_LIMIT").parse(provider),
 * );
 * deepStrictEqual(
 *   quota,
 *   Quota.all(
 *     Quota.tokenBucket({ rate: 10, per: "1 second", burst: 20 }),
 *     Quota.slidingWindow({ limit: 5000, window: "1 hour" }),
 *   ),
 * );
 * ```
 */
export const FromString: Schema.Codec<Quota, string> = Schema.String.pipe(
  Schema.decodeTo(Quota, {
    decode: SchemaGetter.transformEffect((text) => attempt(parse, text)),
    encode: SchemaGetter.transformEffect((quota) => attempt(print, quota)),
  }),
);

const windowTags = {
  sliding: "SlidingWindow",
  "sliding counter": "SlidingCounter",
  fixed: "FixedWindow",
} as const;

const form =
  /^(?<amount>\S+) per (?<span>.+?), (?:burst (?<burst>\S+)|(?<window>sliding counter|sliding|fixed))$/;

function parse(text: string): Quota {
  if (text === "unlimited") return { tiers: [] };
  return { tiers: distinct(text.split(" & ").map(parseTier)) };
}

function parseTier(text: string): Tier {
  const { amount, burst, span: period, window } = form.exec(text)?.groups ??
    refuse(
      "quota",
      'like "10 per 1 second, burst 20" or "5 per 1 second, sliding"',
      text,
    );
  // Malformed words are refused by the check itself.
  const millis = span("per", period as `${number} seconds`);
  return window === undefined
    ? named({
      _tag: "TokenBucket",
      rate: Number(amount),
      perMillis: millis,
      burst: Number(burst),
    }, undefined)
    : named({
      _tag: windowTags[window as keyof typeof windowTags],
      limit: Number(amount),
      windowMillis: millis,
    }, undefined);
}

function print({ tiers }: Quota): string {
  const words = tiers.map((tier) => {
    const words = algorithmOf(tier).words(tier);
    return tier.name === words ? words : refuse(
      "name",
      `"${words}" to be written as one line`,
      tier.name,
    );
  });
  return words.length === 0 ? "unlimited" : words.join(" & ");
}

/** The words of a `RangeError`, if the check throws one. */
function problem(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

function refusal<A>(check: (value: A) => void) {
  return Schema.makeFilter((value: A) => problem(() => check(value)));
}

function attempt<A, B>(
  f: (value: A) => B,
  value: A,
): Effect.Effect<B, SchemaIssue.Issue> {
  return Effect.try({
    try: () => f(value),
    catch: (error) =>
      new SchemaIssue.InvalidValue({
        message: error instanceof Error ? error.message : String(error),
      }),
  });
}
