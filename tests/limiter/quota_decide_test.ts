import { Quota } from "@weir/weir";
import * as Duration from "effect/Duration";
import * as fc from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { algorithmOf } from "../../src/limiter/tier.ts";
import { step } from "../support/oracle.ts";
import {
  assertAlike,
  crookedSchedules,
  follow,
  joinedQuotas,
  last,
  rounding,
  singleQuotas,
  smallQuotas,
  spanOf,
  testQuotas,
} from "../support/quota_arbitraries.ts";

testQuotas("allows a denied cost after its retryAfter", (schedule) => {
  const { quota } = schedule;
  for (const { cost, decision, now, state } of follow(schedule)) {
    if (decision._tag === "Allowed") continue;
    const due = now + Duration.toMillis(decision.retryAfter);
    const [then] = Quota.decide(quota, state, due + rounding(due), cost);
    strictEqual(then._tag, "Allowed", `${cost} at ${now}, due ${due}`);
  }
});

testQuotas("allows a denied cost no sooner than its retryAfter", (schedule) => {
  const { quota } = schedule;
  for (const { cost, decision, now, state } of follow(schedule)) {
    if (decision._tag === "Allowed") continue;
    const due = now + Duration.toMillis(decision.retryAfter);
    const sooner = due - rounding(due) - forgiven(quota, cost);
    if (sooner <= now) continue;
    const [then] = Quota.decide(quota, state, sooner, cost);
    strictEqual(then._tag, "Denied", `${cost} at ${now}, sooner ${sooner}`);
  }
});

testQuotas("leaves a denied client's state as it was", (schedule) => {
  for (const { before, decision, state } of follow(schedule)) {
    if (decision._tag === "Denied") deepStrictEqual(state, before ?? {});
  }
}, { schedules: crookedSchedules });

testQuotas(
  "decides the same over a state that went through JSON",
  (schedule) => {
    for (const { before, cost, decision, now, state } of follow(schedule)) {
      if (before === undefined) continue;
      const read = JSON.parse(JSON.stringify(before));
      deepStrictEqual(Quota.decide(schedule.quota, read, now, cost), [
        decision,
        state,
      ]);
    }
  },
);

testQuotas("charges all tiers or none", (schedule) => {
  const { tiers } = schedule.quota;
  for (const { before, cost, decision, now, state } of follow(schedule)) {
    const apart = tiers.map((tier) =>
      Quota.decide({ tiers: [tier] }, before, now, cost)
    );
    const waits = apart.map(([decision]) =>
      decision._tag === "Denied" ? Duration.toMillis(decision.retryAfter) : 0
    );
    if (decision._tag === "Denied") {
      deepStrictEqual(state, before ?? {});
      const longest = Math.max(...waits);
      strictEqual(Duration.toMillis(decision.retryAfter), longest);
      ok(
        tiers.some(({ name }, k) =>
          name === decision.tier && waits[k] === longest
        ),
      );
    } else {
      deepStrictEqual(waits, tiers.map(() => 0));
      deepStrictEqual(
        state,
        Object.assign({}, ...apart.map(([, state]) => state)),
      );
    }
  }
}, { kinds: joinedQuotas });

testQuotas(
  "is idle when it decides as for a new client",
  (schedule, arbitrary) => {
    const { origin, quota } = schedule;
    const end = last(follow(schedule));
    if (end.decision._tag === "Denied") return;
    const idle = end.now + Duration.toMillis(end.decision.resetAfter);
    const later = idle + rounding(idle);
    if (quota.tiers.length === 1) ok(Quota.isIdle(quota, end.state, later));
    const spread = arbitrary(fc.double, { min: 0, max: 3, noNaN: true });
    const then = later + spread * spanOf(quota);
    if (!Quota.isIdle(quota, end.state, then)) return;
    const again = { ...schedule, origin: Math.max(origin, then) };
    assertAlike(quota, follow(again, end.state), follow(again));
  },
);

testQuotas(
  "is idle if and only if all of its capacity is there",
  (schedule) => {
    const { quota } = schedule;
    const cost = Quota.maxCost(quota);
    for (const { now, state } of follow(schedule)) {
      const later = now + rounding(now) + forgiven(quota, cost);
      const full = (at: number) =>
        Quota.decide(quota, state, at, cost)[0]._tag === "Allowed";
      if (Quota.isIdle(quota, state, now)) ok(full(later));
      if (full(now)) ok(Quota.isIdle(quota, state, later));
    }
  },
  { kinds: singleQuotas },
);

testQuotas(
  "predicts no longer a wait than a line of calls has",
  (schedule, arbitrary) => {
    const tier = schedule.quota.tiers[0]!;
    const algorithm = algorithmOf(tier);
    const { now, state } = last(follow(schedule));
    const cells: Array<number> = [];
    algorithm.load(tier, cells, 0, state[tier.name] ?? []);
    const few = Math.floor(algorithm.capacity(tier)) + 1;
    const demand = arbitrary(fc.integer, { min: 1, max: 4 * few });
    const predicted = now + algorithm.line(tier, cells, 0, now, demand);
    let at = now;
    for (let n = 0; n < demand; n++) {
      for (let wait; (wait = algorithm.wait(tier, cells, 0, at, 1)) > 0;) {
        at = Math.max(at + wait, at + step(at));
      }
      algorithm.charge(tier, cells, 0, at, 1);
    }
    const rounded = demand * (rounding(at) + forgiven(schedule.quota, 1));
    ok(predicted <= at + rounded, `predicted ${predicted}, was ${at}`);
  },
  { kinds: smallQuotas },
);

/** The milliseconds in which a quota gains what its rounding forgives. */
function forgiven(quota: Quota.Quota, cost: number): number {
  return Math.max(
    ...quota.tiers.map((tier) =>
      tier._tag === "TokenBucket"
        ? 2e-9 * Math.max(1, cost) * tier.perMillis / tier.rate
        : tier._tag === "SlidingCounter"
        ? 2e-9 * tier.limit * tier.windowMillis
        : 0
    ),
  );
}
