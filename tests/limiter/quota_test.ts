import { Quota } from "@weir/weir";
import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";

const bucket = Quota.tokenBucket({ rate: 10, per: "1 second", burst: 20 });
const sliding = Quota.slidingWindow({ limit: 5, window: "90 minutes" });
const counter = Quota.slidingCounter({ limit: 60, window: "1 minute" });
const fixed = Quota.fixedWindow({ limit: 3, window: "1.5 millis" });

Deno.test("a tier is named by its numbers, unless it has a name", () => {
  const names = Quota.all(bucket, sliding, counter, fixed).tiers
    .map(({ name }) => name);
  deepStrictEqual(names, [
    "10 per 1 second, burst 20",
    "5 per 90 minutes, sliding",
    "60 per 1 minute, sliding counter",
    "3 per 1.5 millis, fixed",
  ]);
  const named = Quota.fixedWindow({ limit: 3, window: 1, name: "edge" });
  strictEqual(named.tiers[0]?.name, "edge");
});

Deno.test("a tier may have the name of anything that objects inherit", () => {
  for (const name of ["constructor", "__proto__", "toString", ""]) {
    const quota = Quota.slidingWindow({ limit: 1, window: 1000, name });
    const [first, state] = Quota.decide(quota, undefined, 0);
    strictEqual(first._tag, "Allowed");
    const read = JSON.parse(JSON.stringify(state));
    strictEqual(Quota.decide(quota, read, 0)[0]._tag, "Denied", name);
  }
});

Deno.test("tokenBucket() has a burst of its rate, or 1 where that is less", () => {
  const burst = (rate: number) =>
    Quota.maxCost(Quota.tokenBucket({ rate, per: "1 second" }));
  deepStrictEqual([10, 2.5, 1, 0.2].map(burst), [10, 2.5, 1, 1]);
});

Deno.test("maxCost() is the least that a tier holds", () => {
  strictEqual(Quota.maxCost(Quota.all(bucket, sliding, counter)), 5);
  strictEqual(Quota.maxCost(Quota.unlimited), Infinity);
});

Deno.test("bound() is that of the tier that lets the least through", () => {
  strictEqual(Quota.bound(bucket, "3 seconds"), 50);
  strictEqual(Quota.bound(sliding, "90 minutes"), 10);
  strictEqual(Quota.bound(counter, "30 seconds"), 90);
  strictEqual(Quota.bound(fixed, 0), 3);
  strictEqual(Quota.bound(fixed, "1.5 millis"), 6);
  strictEqual(Quota.bound(Quota.all(bucket, sliding), "3 seconds"), 5);
  strictEqual(Quota.bound(Quota.unlimited, "1 hour"), Infinity);
});

Deno.test("unlimited allows anything, and remembers nothing", () => {
  const [decision, state] = Quota.decide(Quota.unlimited, undefined, 0, 1e9);
  strictEqual(decision._tag, "Allowed");
  deepStrictEqual(state, {});
  strictEqual(Quota.isIdle(Quota.unlimited, state, 0), true);
});

Deno.test("decide() names the tier that holds a cost back the longest", () => {
  const quota = Quota.all(bucket, sliding);
  const [, state] = Quota.decide(quota, undefined, 0, 5);
  const [denied] = Quota.decide(quota, state, 0);
  strictEqual(denied._tag, "Denied");
  strictEqual(denied.tier, "5 per 90 minutes, sliding");
  const [never] = Quota.decide(quota, state, 0, 6);
  strictEqual(never.tier, "5 per 90 minutes, sliding");
});

const notPositive: ReadonlyArray<readonly [number, string]> = [
  [NaN, "NaN"],
  [0, "0"],
  [-1, "-1"],
  [Infinity, "Infinity"],
  // What comes from elsewhere may not be of its type.
  ["10" as unknown as number, '"10"'],
];
const notWhole = [...notPositive, [1.5, "1.5"], [2 ** 53, "9007199254740992"]];
const noSpan = [
  ...notPositive,
  ["abc", '"abc"'],
  ["-1 seconds", '"-1 seconds"'],
  ["0 millis", '"0 millis"'],
  ["Infinity", '"Infinity"'],
];

for (
  const [constructor, option, values, valid] of [
    ["tokenBucket", "rate", notPositive, { per: 1000, burst: 1 }],
    ["tokenBucket", "burst", [...notPositive, [0.9, "0.9"]], {
      rate: 1,
      per: 1,
    }],
    ["tokenBucket", "per", noSpan, { rate: 1 }],
    ["slidingWindow", "limit", [...notWhole, [2 ** 24 + 1, "16777217"]], {
      window: 1000,
    }],
    ["slidingWindow", "window", noSpan, { limit: 1 }],
    ["slidingCounter", "limit", notWhole, { window: 1000 }],
    ["slidingCounter", "window", noSpan, { limit: 1 }],
    ["fixedWindow", "limit", notWhole, { window: 1000 }],
    ["fixedWindow", "window", noSpan, { limit: 1 }],
  ] as const
) {
  Deno.test(`${constructor}() refuses a bad "${option}" by name and value`, () => {
    for (const [value, shown] of values) {
      // What the types refuse too: it may come from JavaScript.
      const make = Quota[constructor] as (options: unknown) => Quota.Quota;
      refuses(() => make({ ...valid, [option]: value }), option, String(shown));
    }
  });
}

Deno.test("all() refuses two tiers of one name", () => {
  refuses(() => Quota.all(bucket, sliding, bucket), "name", "burst 20");
});

Deno.test("decide() refuses a cost that is none", () => {
  for (const cost of [0, -1, NaN, Infinity]) {
    for (const quota of [bucket, sliding, Quota.unlimited]) {
      refuses(
        () => Quota.decide(quota, undefined, 0, cost),
        "cost",
        String(cost),
      );
    }
  }
  strictEqual(Quota.decide(bucket, undefined, 0, 1.5)[0]._tag, "Allowed");
  for (const quota of [sliding, counter, fixed, Quota.all(bucket, fixed)]) {
    refuses(() => Quota.decide(quota, undefined, 0, 1.5), "cost", "1.5");
  }
});

Deno.test("settle() refuses a cost that is none", () => {
  const charge = { at: 0, cost: 1, tier: "", remaining: 0 };
  for (const cost of [-1, NaN, Infinity]) {
    refuses(
      () => Quota.settle(bucket, {}, 0, charge, cost),
      "cost",
      String(cost),
    );
  }
  refuses(() => Quota.settle(fixed, {}, 0, charge, 0.5), "cost", "0.5");
});

/** Fails unless a `RangeError` names the option and the value. */
function refuses(make: () => unknown, option: string, value: string): void {
  throws(make, (error: unknown) => {
    if (!(error instanceof RangeError)) throw error;
    const { message } = error;
    return message.startsWith(`"${option}" must be `) &&
        message.includes(value.replaceAll('"', "")) || fail(message);
  });
}

function fail(message: string): never {
  throw new Error(`does not say which and why: ${message}`);
}

Deno.test("decide(), settle() and isIdle() refuse a time that is none", () => {
  const quota = Quota.slidingWindow({ limit: 1, window: "1 second" });
  const [decision, state] = Quota.decide(quota, undefined, 0);
  if (decision._tag === "Denied") throw new Error("must be allowed");
  const charge = { ...decision, at: 0, cost: 1 };
  const message = '"now" must be a finite number, was NaN';
  throws(() => Quota.decide(quota, state, NaN), { message });
  throws(() => Quota.settle(quota, state, NaN, charge, 0), { message });
  throws(() => Quota.isIdle(quota, state, NaN), { message });
});

Deno.test("bound() refuses an interval that is none", () => {
  const quota = Quota.tokenBucket({ rate: 1, per: "1 second" });
  for (const interval of [-1, NaN, "abc" as "1 second"]) {
    throws(() => Quota.bound(quota, interval), /"interval" must be a duration/);
  }
});
