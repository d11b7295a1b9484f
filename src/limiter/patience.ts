/**
 * From when on the patience of those who wait counts.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type { Lanes } from "../internal/lanes.ts";
import type { Turn } from "../internal/turn.ts";
import type { Accounts, KeyedPermit } from "./keyed_permit.ts";
import { hopeless, type KeyLine, type Waiting } from "./lines.ts";
import { type Lobby, type Refusal, timeout } from "./lobby.ts";
import type { Refused, Service as Store } from "./store.ts";
import type { Waiter } from "./waiter.ts";

/** A turn now or never, behind all others; and the answer that it was refused with. */
export class Trial implements Turn {
  readonly priority: number = -Infinity;
  readonly maxWait = 0;
  refused: Refused | undefined;

  constructor(readonly cost: number) {}
}

/**
 * Those who have a deadline, but do not know yet that they have to wait: for all they know, the store is about to let them in.
 * Their deadline counts, from when they came, once they know that a quota or a slot keeps them waiting.
 */
export class Patience {
  private readonly hopeful = new Map<KeyLine, Set<Waiting>>();

  constructor(
    private readonly lobby: Lobby<KeyedPermit>,
    private readonly store: Store,
  ) {}

  add(waiter: Waiting): void {
    if (waiter.turn.maxWait === Infinity) return;
    const hopeful = this.hopeful.get(waiter.under);
    if (hopeful === undefined) {
      this.hopeful.set(waiter.under, new Set([waiter]));
    } else hopeful.add(waiter);
  }

  delete(waiter: Waiting): boolean {
    const hopeful = this.hopeful.get(waiter.under);
    if (hopeful === undefined || !hopeful.delete(waiter)) return false;
    if (hopeful.size === 0) this.hopeful.delete(waiter.under);
    return true;
  }

  /** Tells one that it has to wait. */
  tell(waiter: Waiting): void {
    if (this.delete(waiter)) this.lobby.hurry(waiter);
  }

  /** Tells all in a line that they have to wait, or those who need a slot. */
  tellLine(line: KeyLine, waiters?: Lanes<Waiter<KeyedPermit, Refusal>>): void {
    for (const waiter of this.hopeful.get(line) ?? []) {
      if (waiters === undefined || waiter.line === waiters) this.tell(waiter);
    }
  }

  /** Tells all that they have to wait, but for lines of which the store is being asked. */
  tellAll(): void {
    for (const line of this.hopeful.keys()) {
      if (line.asked === undefined) this.tellLine(line);
    }
  }

  /** Tells one that the store was asked for what that said, if it did not know yet that it has to wait. */
  deny(waiter: Waiting, answer: Refused): void {
    if (this.hopeful.get(waiter.under)?.has(waiter)) this.judge(waiter, answer);
  }

  /** Tells one that is not asked for yet, behind so many units of others, what it has to expect; held up as it is already, or not. */
  foresee(
    waiter: Waiting,
    accounts: Accounts,
    ahead: number,
    held: boolean,
  ): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { turn: { cost, maxWait }, under } = waiter;
      if (held && maxWait > 0) this.tell(waiter);
      const { calls } = under;
      return Effect.map(this.store.peek(accounts, cost, ahead), (answer) => {
        if (waiter.line === undefined) return;
        // Some of those before may have been charged already as the store was asked.
        if (ahead > 0 && under.calls > calls) return;
        if (answer._tag === "Denied") this.judge(waiter, answer);
        else if (held && maxWait === 0) {
          this.lobby.dismiss(waiter, timeout(0, undefined));
        }
      });
    });
  }

  /** Tells one that it has to wait, and sends it away if that is known to be for too long. */
  private judge(waiter: Waiting, answer: Refused): void {
    const { turn } = waiter;
    const refusal = hopeless(waiter, answer, this.lobby.now());
    if (refusal === undefined) return this.tell(waiter);
    if (turn instanceof Trial) turn.refused = answer;
    this.lobby.dismiss(waiter, refusal);
  }
}
