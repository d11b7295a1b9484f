import { Quota } from "@weir/weir";
import * as Config from "effect/Config";
import * as ConfigProvider from "effect/ConfigProvider";
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import * as fc from "fast-check";
import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { joinedQuotas, singleQuotas } from "../support/quota_arbitraries.ts";

const decode = Schema.decodeUnknownSync(Quota.Quota);
const read = Schema.decodeUnknownSync(Quota.FromString);
const write = Schema.encodeSync(Quota.FromString);

const quota = fc.oneof(
  fc.constant(Quota.unlimited),
  ...Object.values(singleQuotas),
  ...Object.values(joinedQuotas),
);

Deno.test("Quota.Quota decodes what it encoded, through JSON", () => {
  fc.assert(
    fc.property(quota, (quota) => {
      const json = JSON.stringify(Schema.encodeSync(Quota.Quota)(quota));
      deepStrictEqual(decode(JSON.parse(json)), quota);
    }),
    { numRuns: 10_000 },
  );
});

Deno.test("Quota.FromString reads what it wrote", () => {
  fc.assert(
    fc.property(quota, (quota) => {
      deepStrictEqual(read(write(quota)), quota);
    }),
    { numRuns: 10_000 },
  );
});

Deno.test("Quota.Quota refuses bad numbers by name and value", () => {
  const bucket = {
    _tag: "TokenBucket",
    name: "",
    rate: 1,
    perMillis: 1,
    burst: 1,
  };
  const refusals = [
    [
      { ...bucket, rate: -1 },
      /"rate" must be a positive, finite number, was -1/,
    ],
    [{ ...bucket, perMillis: 0 }, /"perMillis" must be .*, was 0/],
    [{ ...bucket, burst: 0.5 }, /"burst" must be at least 1.*, was 0\.5/],
    ...["SlidingWindow", "SlidingCounter", "FixedWindow"].flatMap((_tag) => {
      const window = { _tag, name: "", limit: 1, windowMillis: 1 };
      return [
        [
          { ...window, limit: 1.5 },
          /"limit" must be a whole number.*, was 1\.5/,
        ],
        [
          { ...window, windowMillis: NaN },
          /"windowMillis" must be .*, was NaN/,
        ],
      ] as const;
    }),
  ] as const;
  for (const [tier, words] of refusals) {
    throws(() => decode({ tiers: [tier] }), words);
  }
  throws(
    () => decode({ tiers: [bucket, bucket] }),
    /"name" must be given to one tier only, was ""/,
  );
});

Deno.test("Quota.FromString says how a line must look", () => {
  const refusals = [
    ["", /like "10 per 1 second, burst 20".*was ""/],
    ["ten a second", /like "10 per 1 second, burst 20".*was "ten a second"/],
    ["10 per 1 second", /was "10 per 1 second"/],
    ["10 per 1 fortnight, sliding", /"per" must be a duration.*"1 fortnight"/],
    ["10 per 0 seconds, sliding", /"per" must be a duration.*"0 seconds"/],
    ["ten per 1 second, burst 20", /"rate" must be .*, was NaN/],
    ["1.5 per 1 second, fixed", /"limit" must be a whole number.*, was 1\.5/],
    ["10 per 1 second, burst 0", /"burst" must be .*, was 0/],
    [
      "5 per 1 second, fixed & 5 per 1000 millis, fixed",
      /"name" must be given to one tier only/,
    ],
  ] as const;
  for (const [line, words] of refusals) throws(() => read(line), words, line);
});

Deno.test("Quota.FromString does not write a name of the user's own", () => {
  const named = Quota.fixedWindow({
    limit: 1,
    window: "1 second",
    name: "mine",
  });
  throws(() => write(named), /"name" must be "1 per 1 second, fixed".*"mine"/);
});

Deno.test("Quota.FromString reads a line of the configuration", async () => {
  const limit = Config.schema(Quota.FromString, "API_LIMIT");
  const line = "0.5 per 1 minute, burst 2 & 100 per 1 day, sliding counter";
  for (
    const provider of [
      ConfigProvider.fromUnknown({ API_LIMIT: line }),
      ConfigProvider.fromEnv({ env: { API_LIMIT: line } }),
    ]
  ) {
    deepStrictEqual(
      await Effect.runPromise(limit.parse(provider)),
      Quota.all(
        Quota.tokenBucket({ rate: 0.5, per: "1 minute", burst: 2 }),
        Quota.slidingCounter({ limit: 100, window: "1 day" }),
      ),
    );
  }
  const bad = ConfigProvider.fromEnv({ env: { API_LIMIT: "plenty" } });
  const error = await Effect.runPromise(Effect.flip(limit.parse(bad)));
  strictEqual(
    /like "10 per 1 second.*was "plenty"/.test(String(error)),
    true,
    String(error),
  );
});
