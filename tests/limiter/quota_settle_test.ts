import { Quota } from "@weir/weir";
import * as fc from "fast-check";
import { strictEqual } from "node:assert/strict";
import type { Admission } from "../support/oracle.ts";
import {
  type Answer,
  assertAlike,
  assertKept,
  costOf,
  countsWhole,
  follow,
  type Schedule,
  testQuotas,
} from "../support/quota_arbitraries.ts";

testQuotas(
  "gives all of a refund back that comes at once",
  (schedule, arbitrary) => {
    const ghost = () => arbitrary(fc.double, { min: 0, max: 1, noNaN: true });
    assertAlike(
      schedule.quota,
      follow(schedule),
      haunted(schedule, ghost),
    );
  },
);

testQuotas(
  "keeps its bound over the costs that refunds leave",
  (schedule, arbitrary) => {
    assertKept(schedule.quota, settled(schedule, arbitrary, 1));
  },
);

testQuotas(
  "admits nothing on top of an excess until it is repaid",
  (schedule, arbitrary) => {
    assertKept(schedule.quota, settled(schedule, arbitrary, 4));
  },
);

Deno.test("settle() with the same cost changes nothing", () => {
  const quota = Quota.all(
    Quota.tokenBucket({ rate: 1, per: "1 second", burst: 10 }),
    Quota.slidingWindow({ limit: 10, window: "1 minute" }),
  );
  const [charge, state] = charged(quota, undefined, 0, 4);
  strictEqual(left(quota, Quota.settle(quota, state, 0, charge, 4), 0), 6);
});

Deno.test("settle() makes a debt of what was not there", () => {
  const quota = Quota.tokenBucket({ rate: 1, per: "1 second", burst: 10 });
  const [charge, state] = charged(quota, undefined, 0, 4);
  const debt = Quota.settle(quota, state, 0, charge, 15);
  strictEqual(left(quota, debt, 0), 0);
  strictEqual(Quota.decide(quota, debt, 5999)[0]._tag, "Denied");
  strictEqual(Quota.decide(quota, debt, 6000)[0]._tag, "Allowed");
});

Deno.test("settle() gives a bucket back only what the inflow since has not", () => {
  const quota = Quota.tokenBucket({ rate: 1, per: "1 second", burst: 10 });
  const [charge, state] = charged(quota, undefined, 0, 10);
  strictEqual(
    left(quota, Quota.settle(quota, state, 4000, charge, 0), 4000),
    10,
  );
  strictEqual(
    left(quota, Quota.settle(quota, state, 4000, charge, 7), 4000),
    7,
  );
});

Deno.test("settle() takes a refund from the window that the charge was counted in", () => {
  const quota = Quota.fixedWindow({ limit: 10, window: "1 second" });
  const [charge, state] = charged(quota, undefined, 500, 6);
  strictEqual(left(quota, Quota.settle(quota, state, 999, charge, 1), 999), 9);
  const [, later] = charged(quota, state, 1500, 6);
  strictEqual(
    left(quota, Quota.settle(quota, later, 1600, charge, 1), 1600),
    4,
  );
});

/** Follows a schedule; before each call another one is charged and given back. */
function* haunted(
  schedule: Schedule,
  ghost: () => number,
): Generator<Answer> {
  const { quota } = schedule;
  let state: Quota.State | undefined;
  for (const { cost, now } of follow(schedule)) {
    const refunded = costOf(quota, ghost());
    const [decision, taken] = Quota.decide(quota, state, now, refunded);
    state = decision._tag === "Denied" ? taken : Quota.settle(
      quota,
      taken,
      now,
      { ...decision, at: now, cost: refunded },
      0,
    );
    const [answer, after] = Quota.decide(quota, state, now, cost);
    yield { now, cost, decision: answer, before: state, state: after };
    state = after;
  }
}

/** Follows a schedule; each charge is settled some calls later. What was admitted, by its corrected cost. */
function settled(
  schedule: Schedule,
  arbitrary: fc.GeneratorValue,
  most: number,
): ReadonlyArray<Admission> {
  const { quota } = schedule;
  const admitted: Array<Admission> = [];
  const open: Array<{ after: number; n: number; charge: Quota.Charge }> = [];
  const settle = (state: Quota.State | undefined, now: number) => {
    for (const settling of open.splice(0)) {
      if (settling.after-- > 0) {
        open.push(settling);
        continue;
      }
      const { charge, n } = settling;
      const share = arbitrary(fc.double, { min: 0, max: most, noNaN: true });
      const cost = countsWhole(quota)
        ? Math.floor(share * charge.cost)
        : share * charge.cost;
      if (cost < charge.cost) admitted[n] = { at: charge.at, cost };
      else admitted.push({ at: now, cost: cost - charge.cost, forced: true });
      state = Quota.settle(quota, state ?? {}, now, charge, cost);
    }
    return state;
  };
  for (const { cost, decision, now } of follow(schedule, undefined, settle)) {
    if (decision._tag === "Denied") continue;
    open.push({
      after: arbitrary(fc.nat, { max: 4 }),
      n: admitted.push({ at: now, cost }) - 1,
      charge: { ...decision, at: now, cost },
    });
  }
  return admitted;
}

/** A charge, and the state after it. */
function charged(
  quota: Quota.Quota,
  state: Quota.State | undefined,
  at: number,
  cost: number,
): [Quota.Charge, Quota.State] {
  const [decision, after] = Quota.decide(quota, state, at, cost);
  if (decision._tag === "Denied") throw new Error("must be allowed");
  return [{ ...decision, at, cost }, after];
}

/** The most that is allowed at `now`, of ten units. */
function left(quota: Quota.Quota, state: Quota.State, now: number): number {
  for (let cost = 10; cost > 0; cost--) {
    if (Quota.decide(quota, state, now, cost)[0]._tag === "Allowed") {
      return cost;
    }
  }
  return 0;
}
