/**
 * Whom a keyed limiter charges.
 *
 * @module
 */
import type { Accounts } from "./keyed_permit.ts";
import { Meter } from "./meter.ts";
import type { Quota } from "./quota.ts";
import type { Account } from "./store.ts";
import { checked } from "./tier.ts";
import { CostExceedsLimit } from "./turn.ts";

/** What a keyed limiter is made of. */
export interface KeyedOptions {
  readonly name: string;
  readonly quotaOf: (key: string) => Quota;
  readonly shared: Quota | undefined;
  readonly concurrency: number;
}

/** The accounts of a key, and what they allow at most. */
export class Ledger {
  private readonly shared: Account | undefined;
  /** Read for what quotas say of themselves; the state is the store's. */
  private readonly meters = new WeakMap<Quota, Meter>();
  /** The quotas of keys, each with the shared one. */
  private readonly joined = new WeakMap<Quota, Quota>();

  constructor(private readonly options: KeyedOptions) {
    const { name, shared } = options;
    this.shared = shared && { limiter: name, key: "", quota: shared };
  }

  /** What a key is held to: its own tiers, then the shared ones. */
  quotaOf(key: string): Quota {
    const own = this.options.quotaOf(key);
    const { shared } = this.options;
    if (shared === undefined) return own;
    let joined = this.joined.get(own);
    if (joined === undefined) {
      joined = { tiers: [...own.tiers, ...shared.tiers] };
      this.joined.set(own, joined);
    }
    return joined;
  }

  accounts(key: string): Accounts {
    const { name, quotaOf } = this.options;
    const account = { limiter: name, key, quota: quotaOf(key) };
    return this.shared === undefined ? [account] : [account, this.shared];
  }

  /** Refuses a cost that is no cost under these quotas. */
  check(accounts: Accounts, cost: number): void {
    for (const { quota } of accounts) this.meter(quota).check(cost);
  }

  /** Refuses a corrected cost that is none. */
  checkSettled(accounts: Accounts, cost: number): void {
    for (const { quota } of accounts) this.meter(quota).checkSettled(cost);
  }

  /** The tier that never allows this cost, if there is one. */
  tooCostly(accounts: Accounts, cost: number): CostExceedsLimit | undefined {
    let narrowest: Meter | undefined;
    for (const { quota } of accounts) {
      const meter = this.meter(quota);
      if (meter.capacity < (narrowest?.capacity ?? cost)) narrowest = meter;
    }
    return narrowest && new CostExceedsLimit({
      cost,
      limit: narrowest.capacity,
      tier: narrowest.narrowest,
    });
  }

  private meter(quota: Quota): Meter {
    let meter = this.meters.get(quota);
    if (meter === undefined) {
      meter = new Meter(checked(quota.tiers));
      this.meters.set(quota, meter);
    }
    return meter;
  }
}
