/**
 * From when on the patience of those who wait counts.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type { Accounts, KeyedPermit } from "./keyed_permit.ts";
import { hopeless, type KeyLine } from "./lines.ts";
import { type Lobby, type Refusal, timeout } from "./lobby.ts";
import type { Refused, Service as Store } from "./store.ts";
import type { Turn, Waiter, Waiters } from "./waiters.ts";

/** One who waits in the line of a key. */
export type Waiting = Waiter<KeyedPermit, Refusal>;

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

  add(line: KeyLine, waiter: Waiting): void {
    if (waiter.turn.maxWait === Infinity) return;
    const hopeful = this.hopeful.get(line);
    if (hopeful === undefined) this.hopeful.set(line, new Set([waiter]));
    else hopeful.add(waiter);
  }

  delete(line: KeyLine, waiter: Waiting): boolean {
    const hopeful = this.hopeful.get(line);
    if (hopeful === undefined || !hopeful.delete(waiter)) return false;
    if (hopeful.size === 0) this.hopeful.delete(line);
    return true;
  }

  /** Tells one that it has to wait. */
  tell(line: KeyLine, waiter: Waiting): void {
    if (this.delete(line, waiter)) this.lobby.hurry(waiter);
  }

  /** Tells all in a line that they have to wait, or those who need a slot. */
  tellLine(line: KeyLine, waiters?: Waiters<KeyedPermit, Refusal>): void {
    for (const waiter of this.hopeful.get(line) ?? []) {
      if (waiters === undefined || waiter.line === waiters) {
        this.tell(line, waiter);
      }
    }
  }

  /** Tells all in such lines that they have to wait. */
  tellLines(which: (line: KeyLine) => boolean): void {
    for (const line of this.hopeful.keys()) {
      if (which(line)) this.tellLine(line);
    }
  }

  /** Tells one that the store was asked for what that said, if it did not know yet that it has to wait. */
  deny(line: KeyLine, waiter: Waiting, answer: Refused): void {
    if (this.hopeful.get(line)?.has(waiter)) this.judge(line, waiter, answer);
  }

  /** Tells one that is not asked for yet, behind so many units of others, what it has to expect; held up as it is already, or not. */
  foresee(
    line: KeyLine,
    waiter: Waiting,
    accounts: Accounts,
    ahead: number,
    held: boolean,
  ): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { cost, maxWait } = waiter.turn;
      if (held && maxWait > 0) this.tell(line, waiter);
      const { calls } = line;
      return Effect.map(this.store.peek(accounts, cost, ahead), (answer) => {
        if (waiter.line === undefined) return;
        // Some of those before may have been charged already as the store was asked.
        if (ahead > 0 && line.calls > calls) return;
        if (answer._tag === "Denied") this.judge(line, waiter, answer);
        else if (held && maxWait === 0) {
          this.lobby.dismiss(waiter, timeout(0, undefined));
        }
      });
    });
  }

  /** Tells one that it has to wait, and sends it away if that is known to be for too long. */
  private judge(line: KeyLine, waiter: Waiting, answer: Refused): void {
    const { turn } = waiter;
    const refusal = hopeless(waiter, answer, this.lobby.now());
    if (refusal === undefined) return this.tell(line, waiter);
    if (turn instanceof Trial) turn.refused = answer;
    this.lobby.dismiss(waiter, refusal);
  }
}
