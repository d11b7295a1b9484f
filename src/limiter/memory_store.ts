/**
 * Keyed state in this process.
 *
 * @module
 */
import type { NonEmptyReadonlyArray } from "effect/Array";
import type * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import { duration, type Time, timeIn } from "../internal/time.ts";
import type { Account, Refused, Service, Taken } from "./account.ts";
import { KeyTable, type Reset } from "./key_table.ts";
import { Meter } from "./meter.ts";
import type { Quota } from "./quota.ts";

type Accounts = NonEmptyReadonlyArray<Account>;

/** An answer that works out its duration when it is asked for. */
class Granted implements Taken {
  readonly _tag = "Allowed";

  constructor(
    readonly tier: string,
    readonly remaining: number,
    readonly account: number,
    readonly at: number,
    readonly cost: number,
    readonly refunded: number,
    private readonly resetAt: number,
    /** That of its table as it was taken. */
    private readonly era: number,
  ) {}

  /** Whether a charge, which may be a copy, was taken before a reset. */
  static isBefore(reset: Reset, charge: Taken): boolean {
    return charge instanceof Granted
      ? charge.era < reset.era
      : charge.at < reset.at;
  }

  get resetAfter(): Duration.Duration {
    return duration(Math.max(0, this.resetAt - this.at));
  }
}

/** Every operation is one synchronous step. */
export class MemoryStore implements Service {
  private readonly time: Time;
  /** The clients of each limiter, and the one account above them. */
  private readonly tables = new Map<string, KeyTable>();
  private readonly uppers = new Map<string, { quota: Quota; meter: Meter }>();
  /** Whose pause there was no room for, and until when all new keys are denied for it. */
  private closed: { limiter: string; key: string; until: number } | undefined;

  constructor(
    context: Context.Context<never>,
    private readonly maxKeys: number,
    private readonly overflow: "deny" | "evict",
  ) {
    this.time = timeIn(context);
  }

  take(accounts: Accounts, cost: number): Effect.Effect<Taken | Refused> {
    return Effect.sync(() => this.takeUnsafe(accounts, cost));
  }

  readonly takeUnsafe = (accounts: Accounts, cost: number): Taken | Refused =>
    this.decide(accounts, cost, 0, true);

  peek(
    accounts: Accounts,
    cost: number,
    ahead = 0,
  ): Effect.Effect<Taken | Refused> {
    return Effect.sync(() => this.decide(accounts, cost, ahead, false));
  }

  settle(accounts: Accounts, charge: Taken, cost: number): Effect.Effect<void> {
    return Effect.sync(() => {
      const now = this.time.now();
      const [client, ...above] = accounts;
      const table = this.table(client.limiter);
      const reset = table.lastReset(client.key);
      if (reset === undefined || !Granted.isBefore(reset, charge)) {
        this.settleClient(table, client, now, charge, cost);
      }
      above.forEach((account, k) =>
        this.upper(account, now).settle(now, seenBy(charge, k + 1), cost)
      );
    });
  }

  pause(account: Account, length: Duration.Duration): Effect.Effect<void> {
    return Effect.sync(() => {
      const now = this.time.now();
      const millis = Duration.toMillis(length);
      const table = this.table(account.limiter);
      table.step(now);
      if (millis > 0) {
        this.pauseUntil(table, account, now, now + millis);
      } else {
        table.resume(account.key);
        const { key, limiter } = this.closed ?? {};
        if (key === account.key && limiter === account.limiter) {
          this.closed = undefined;
        }
      }
    });
  }

  reset(account: Account): Effect.Effect<void> {
    return Effect.sync(() =>
      this.table(account.limiter).reset(
        account.key,
        this.time.now(),
        this.maxKeys,
      )
    );
  }

  get size(): Effect.Effect<number> {
    return Effect.sync(() => this.remembered());
  }

  private pauseUntil(
    table: KeyTable,
    { key, limiter, quota }: Account,
    now: number,
    until: number,
  ): void {
    if (!table.has(key)) {
      if (!this.makeRoom(now)) {
        if (until > this.closedUntil) this.closed = { limiter, key, until };
        return;
      }
      table.seek(key, quota, now);
      table.add(key, quota);
    }
    table.pause(key, until);
  }

  private settleClient(
    table: KeyTable,
    { key, quota }: Account,
    now: number,
    charge: Taken,
    cost: number,
  ): void {
    const { known, meter } = table.seek(key, quota, now);
    if (known) meter.settle(now, seenBy(charge, 0), cost);
    else if (cost > charge.cost && this.makeRoom(now)) {
      // A key that was forgotten has nothing to give back; what it owes, it owes anew.
      table.seek(key, quota, now).meter.charge(now, cost - charge.cost);
      table.add(key, quota);
    }
  }

  private decide(
    accounts: Accounts,
    cost: number,
    ahead: number,
    charge: boolean,
  ): Taken | Refused {
    const now = this.time.now();
    const client = accounts[0];
    const table = this.table(client.limiter);
    table.step(now);
    const full = table.has(client.key)
      ? 0
      : Math.max(this.closedUntil, this.roomAt(now)) - now;
    const { known, meter } = table.seek(client.key, client.quota, now);
    const meters = [meter];
    for (let k = 1; k < accounts.length; k++) {
      meters.push(this.upper(accounts[k]!, now));
    }
    const pause = table.pausedUntil(client.key) - now;
    const refused = this.refuse(meters, now, cost, ahead, full, pause);
    if (refused !== undefined) return refused;
    if (!known && charge) {
      this.makeRoom(now);
      // Making room moved the meter elsewhere.
      meters[0] = table.seek(client.key, client.quota, now).meter;
    }
    if (charge) {
      for (let k = 0; k < meters.length; k++) meters[k]!.charge(now, cost);
      if (!known) table.add(client.key, client.quota);
    }
    return grant(meters, now, cost, table.era);
  }

  /** The refusal with the longest wait, if there is one. */
  private refuse(
    meters: ReadonlyArray<Meter>,
    now: number,
    cost: number,
    ahead: number,
    full: number,
    pause: number,
  ): Refused | undefined {
    let account = 0;
    let longest = Math.max(0, full);
    let tier = "maxKeys";
    for (let k = 0; k < meters.length; k++) {
      const meter = meters[k]!;
      const fits = cost <= meter.capacity;
      const wait = fits ? meter.wait(now, cost, ahead) : Infinity;
      if (wait > longest) {
        account = k;
        longest = wait;
        tier = fits ? meter.tier : meter.narrowest;
      }
    }
    if (pause > longest) return refusal("paused", 0, pause);
    return longest > 0 ? refusal(tier, account, longest) : undefined;
  }

  private table(limiter: string): KeyTable {
    let table = this.tables.get(limiter);
    if (table === undefined) {
      table = new KeyTable();
      this.tables.set(limiter, table);
    }
    return table;
  }

  private upper({ limiter, quota }: Account, now: number): Meter {
    const upper = this.uppers.get(limiter);
    if (upper?.quota === quota) return upper.meter;
    const meter = new Meter(quota.tiers);
    if (upper !== undefined) meter.adopt(upper.meter, now);
    this.uppers.set(limiter, { quota, meter });
    return meter;
  }

  private remembered(): number {
    let size = 0;
    for (const table of this.tables.values()) size += table.size;
    return size;
  }

  private get closedUntil(): number {
    return this.closed?.until ?? -Infinity;
  }

  /** When there is room for one more key. */
  private roomAt(now: number): number {
    if (this.overflow === "evict" || this.remembered() < this.maxKeys) {
      return -Infinity;
    }
    return this.soonest(now).nextIdleAt(now);
  }

  /** Forgets keys until there is room for one more; says no if none may be. */
  private makeRoom(now: number): boolean {
    if (this.roomAt(now) > now) return false;
    while (this.remembered() >= this.maxKeys) {
      this.soonest(now).forgetFirst(now);
    }
    return true;
  }

  /** The table with the key that is as good as new first. */
  private soonest(now: number): KeyTable {
    let first: KeyTable | undefined;
    let soonest = Infinity;
    for (const table of this.tables.values()) {
      if (table.size === 0) continue;
      const idleAt = table.nextIdleAt(now);
      if (first === undefined || idleAt < soonest) {
        first = table;
        soonest = idleAt;
      }
    }
    // Asked for only while keys are remembered.
    return first!;
  }
}

function refusal(tier: string, account: number, wait: number): Refused {
  return { _tag: "Denied", tier, account, retryAfter: duration(wait) };
}

/** What is left where the least is left. */
function grant(
  meters: ReadonlyArray<Meter>,
  now: number,
  cost: number,
  era: number,
): Taken {
  let account = 0;
  let least = meters[0]!.left(now);
  for (let k = 1; k < meters.length; k++) {
    const left = meters[k]!.left(now);
    if (left < least) {
      account = k;
      least = left;
    }
  }
  const { refunded, resetAt, tier } = meters[account]!;
  return new Granted(
    tier,
    Math.max(0, least),
    account,
    now,
    cost,
    refunded,
    resetAt,
    era,
  );
}

/** A charge as one account sees it: what was left of a tier of another says nothing about its own. */
function seenBy(charge: Taken, account: number): Taken {
  if (charge.account === account) return charge;
  const { _tag, at, cost, remaining, resetAfter } = charge;
  return { _tag, account, at, cost, remaining, resetAfter, tier: "" };
}
