import { Quota } from "@weir/weir";
import { ok } from "node:assert/strict";
import { algorithmOf } from "../../src/limiter/tier.ts";
import { step } from "./oracle.ts";

/** Buckets whose numbers no binary fraction holds. */
export const drifting: ReadonlyArray<Quota.TokenBucketOptions> = [
  { rate: 1 / 3, per: "1 milli", burst: 1 },
  { rate: 10, per: "1 second" },
  { rate: 7, per: "13 seconds", burst: 20 },
];

/** Fails if a bucket that is always used up admits a millionth of a unit more or less than flows in. */
export function assertNoDrift(
  options: Quota.TokenBucketOptions,
  admissions: number,
): void {
  const tier = Quota.tokenBucket(options).tiers[0]!;
  if (tier._tag !== "TokenBucket") throw new Error("must be a bucket");
  const algorithm = algorithmOf(tier);
  const cells = [0, 0, 0];
  algorithm.clear(tier, cells, 0);
  let now = 0;
  for (let n = 1; n <= admissions; n++) {
    now += algorithm.wait(tier, cells, 0, now, 1);
    algorithm.charge(tier, cells, 0, now, 1);
    if (n % 1e5 !== 0 && n !== admissions) continue;
    const left = algorithm.left(tier, cells, 0, now);
    const most = tier.burst + tier.rate * now / tier.perMillis;
    const drift = n + left - most;
    const rounding = 4 * step(most) +
      4 * step(now) * tier.rate / tier.perMillis;
    ok(Math.abs(drift) <= 1e-6 + rounding, `${drift} after ${n}`);
  }
}
