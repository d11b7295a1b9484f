import { Quota } from "@weir/weir";
import type * as Duration from "effect/Duration";
import * as fc from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Meter } from "../../src/limiter/meter.ts";
import {
  follow,
  joinedQuotas,
  last,
  schedules,
  singleQuotas,
} from "../support/quota_arbitraries.ts";

const bucket = (burst: number, rate = 1) =>
  Quota.tokenBucket({ rate, per: "1 second", burst });
const sliding = (limit: number, window: Duration.Input = "1 second") =>
  Quota.slidingWindow({ limit, window });

Deno.test("adopt() keeps what was counted, in every kind of quota", () => {
  const used = [bucket(10), sliding(10), counter(10), fixed(10)];
  const next = [bucket(20), sliding(20), counter(20), fixed(20)];
  for (const quota of used) {
    for (const other of next) {
      strictEqual(adopted(quota, other, [[500, 4]], 500).left(500), 16);
    }
  }
});

Deno.test("adopt() begins a smaller limit used up, and not in debt", () => {
  for (const quota of [bucket(10), counter(10), fixed(10)]) {
    for (const other of [bucket(3), sliding(3), counter(3), fixed(3)]) {
      strictEqual(adopted(quota, other, [[500, 9]], 500).left(500), 0);
    }
  }
});

Deno.test("adopt() keeps a debt", () => {
  for (const quota of [bucket(10), sliding(10), counter(10), fixed(10)]) {
    for (const other of [bucket(3), counter(3), fixed(3)]) {
      strictEqual(adopted(quota, other, [[500, 13]], 500).left(500), -3);
    }
  }
  for (const quota of [bucket(10), counter(10), fixed(10)]) {
    strictEqual(adopted(quota, sliding(3), [[500, 13]], 500).left(500), -3);
  }
});

Deno.test("adopt() keeps the log of a sliding window as it was", () => {
  const log: ReadonlyArray<readonly [number, number]> = [
    [0, 1],
    [100, 2],
    [200, 1],
    [300, 4],
  ];
  const more = adopted(sliding(10), sliding(12), log, 300);
  deepStrictEqual(Object.values(more.save()), [log.flat()]);
  const fewer = adopted(sliding(10), sliding(3), log, 300);
  deepStrictEqual(Object.values(fewer.save()), [log.flat()]);
});

Deno.test("adopt() matches tiers by name, then by kind, then by place", () => {
  const old = Quota.all(
    Quota.slidingWindow({ limit: 4, window: "1 second", name: "narrow" }),
    Quota.slidingWindow({ limit: 60, window: "1 minute", name: "wide" }),
  );
  const renamed = Quota.all(sliding(5), sliding(120, "1 minute"));
  const meter = adopted(old, renamed, [[0, 4], [1000, 4], [2000, 4]], 2000);
  deepStrictEqual(Object.values(meter.save()), [[2000, 4], [
    0,
    4,
    1000,
    4,
    2000,
    4,
  ]]);
});

for (
  const [kind, quota] of Object.entries({ ...singleQuotas, ...joinedQuotas })
) {
  Deno.test(`adopt() of any quota after ${kind}() leaves no more than was left`, () => {
    const other = fc.oneof(...Object.values(singleQuotas));
    fc.assert(
      fc.property(schedules(quota), other, (schedule, other) => {
        const { now, state } = last(follow(schedule));
        const old = new Meter(schedule.quota.tiers);
        old.load(state);
        const meter = new Meter(other.tiers);
        meter.adopt(old, now);
        const left = meter.left(now);
        ok(left <= meter.capacity);
        const again = new Meter(other.tiers);
        again.load(JSON.parse(JSON.stringify(meter.save())));
        strictEqual(again.left(now), left);
      }),
      { numRuns: 10_000 },
    );
  });
}

function counter(limit: number): Quota.Quota {
  return Quota.slidingCounter({ limit, window: "1 second" });
}

function fixed(limit: number): Quota.Quota {
  return Quota.fixedWindow({ limit, window: "1 second" });
}

/** The meter of `next` after one of `quota` was charged, whether there was room or not. */
function adopted(
  quota: Quota.Quota,
  next: Quota.Quota,
  charges: ReadonlyArray<readonly [at: number, cost: number]>,
  now: number,
): Meter {
  const old = new Meter(quota.tiers);
  for (const [at, cost] of charges) old.charge(at, cost);
  const meter = new Meter(next.tiers);
  meter.adopt(old, now);
  return meter;
}
