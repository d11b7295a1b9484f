/**
 * What was charged and when nothing was to be, and what must hold of it.
 *
 * @module
 */
import { Quota } from "@weir/weir";
import { ok } from "node:assert/strict";
import type { Admission } from "../../support/oracle.ts";
import { assertKept } from "../../support/quota_arbitraries.ts";

/** A charge that can be corrected. */
export interface Charge extends Admission {
  cost: number;
}

/** What one quota was charged, less what was given back, and its pauses. */
export class Journal {
  readonly admissions: Array<Charge> = [];
  private readonly pauses: Array<{ readonly from: number; until: number }> = [];

  constructor(private readonly now: () => number) {}

  admit(cost: number): Charge {
    const charge = { at: this.now(), cost };
    this.admissions.push(charge);
    return charge;
  }

  /** Corrects a charge; what it is above is charged now, without asking. */
  correct(charge: Charge, cost: number): void {
    const excess = cost - charge.cost;
    if (excess <= 0) charge.cost = cost;
    else {
      this.admissions.push({ at: this.now(), cost: excess, forced: true });
    }
  }

  pause(lasts: number): void {
    const from = this.now();
    this.pauses.push({ from, until: from + lasts });
  }

  resume(): void {
    const now = this.now();
    for (const pause of this.pauses) pause.until = Math.min(pause.until, now);
  }

  /** Fails if more was admitted in any interval than the bound of a quota, or anything in a pause. */
  assertKept(quota: Quota.Quota): void {
    assertKept(quota, this.admissions);
    const asked = this.admissions.filter(({ forced }) => !forced);
    for (const [first, { at: from }] of asked.entries()) {
      let cost = 0;
      for (const admission of asked.slice(first)) {
        cost += admission.cost;
        const bound = Quota.bound(quota, admission.at - from);
        ok(cost <= bound + 1e-6, `${cost} from ${from} to ${admission.at}`);
      }
    }
    for (const { from, until } of this.pauses) {
      const early = asked.find(({ at }) => from < at && at < until);
      ok(early === undefined, `let in at ${early?.at}, paused until ${until}`);
    }
  }
}
