/**
 * Those who wait under many keys.
 *
 * Each key has its own line. A key whose own quota refused comes back when the store said so; keys that only the shared
 * quota holds back take turns, one call each, so that none of them gets more of it by asking more often. The store may
 * answer at once or over a network: at most one call of a key that could wait is under way at a time, so a line keeps
 * its order.
 *
 * @module
 */
import type * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import { shortest } from "../internal/time.ts";
import { type Accounts, KeyedPermit } from "./keyed_permit.ts";
import type { KeyedOptions, Ledger } from "./ledger.ts";
import { hopeless, type KeyLine, Lines } from "./lines.ts";
import { type AnyFiber, Lobby, type Refusal, timeout } from "./lobby.ts";
import { type Giver, once } from "./permit.ts";
import { Rota } from "./rota.ts";
import type { Restore } from "./slot.ts";
import type { Refused, Service as Store, Taken } from "./store.ts";
import { type Turn, Waiter } from "./waiters.ts";

/** Calls to the store that may be under way at once for keys that wait. */
const mostCalls = 16;

type Waiting = Waiter<KeyedPermit, Refusal>;

/** Asks the store for turns, queues and wakes. */
export class KeyedQueue implements Giver<KeyedPermit> {
  readonly lobby: Lobby<KeyedPermit>;
  /** Keys that somebody waits for, or runs under. */
  readonly lines: Lines;
  /** Keys of which a call that could wait is under way, and whether something changed meanwhile. */
  private readonly busy = new Map<string, boolean>();
  private readonly rota = new Rota();
  /** Rounds under way, at most so many. */
  private rounds = 0;
  private readonly mostRounds: number;

  constructor(
    private readonly options: KeyedOptions,
    private readonly ledger: Ledger,
    private readonly store: Store,
    context: Context.Context<never>,
  ) {
    this.lines = new Lines(options.concurrency);
    this.lobby = new Lobby(context, Effect.suspend(() => this.serve()));
    // The shared quota is handed out in turn, so one call at a time.
    this.mostRounds = options.shared === undefined ? mostCalls : 1;
  }

  /** Whether a newcomer under this key would overtake somebody. */
  waitsBefore(key: string): boolean {
    if (this.lines.empty) return false;
    return this.lines.get(key)?.next() !== undefined ||
      (this.options.shared !== undefined &&
        (this.rota.contended || this.rounds > 0));
  }

  /** What those ask for who come before a newcomer under this key. */
  demand(key: string, priority: number, slot: boolean): number {
    return this.lines.get(key)?.demand(priority, slot) ?? 0;
  }

  /** Whether no slot of this key is free. */
  full(key: string): boolean {
    return this.lines.get(key)?.full ?? false;
  }

  /** When the next of those who wait is let in, as far as is known. */
  nextAt(key: string): number {
    const line = this.lines.get(key);
    return line !== undefined && line.place >= 0 ? line.at : this.rota.at;
  }

  /** Takes a turn at once, from a store that can answer at once, if nobody is overtaken. */
  takeNow(
    takeUnsafe: NonNullable<Store["takeUnsafe"]>,
    key: string,
    cost: number,
  ): KeyedPermit | Refused | undefined {
    if (this.waitsBefore(key)) return undefined;
    const accounts = this.ledger.accounts(key);
    this.ledger.check(accounts, cost);
    const answer = takeUnsafe(accounts, cost);
    return answer._tag === "Denied" ? answer : this.give(answer, accounts, 0);
  }

  /** Takes a turn, and a slot; waits for them if it must. Uninterruptible but for the wait. */
  take(
    key: string,
    turn: Turn,
    slot: boolean,
    restore: Restore,
  ): Effect.Effect<KeyedPermit, Refusal> {
    return Effect.withFiber((fiber) => {
      const since = this.lobby.now();
      const accounts = this.ledger.accounts(key);
      this.ledger.check(accounts, turn.cost);
      const refusal = this.ledger.tooCostly(accounts, turn.cost);
      if (refusal !== undefined) return this.lobby.refuse(refusal);
      const wait = (answer?: Refused) =>
        this.wait(key, accounts, turn, slot, since, answer, fiber, restore);
      if (
        this.busy.has(key) || this.waitsBefore(key) ||
        (slot && this.full(key))
      ) return wait();
      return this.ask(key, accounts, turn.cost, (answer) => {
        if (answer._tag === "Allowed") {
          if (slot) this.lines.at(key).running++;
          this.wake(key, fiber);
          const waited = this.lobby.now() - since;
          return Effect.succeed(this.give(answer, accounts, waited));
        }
        const refusal = hopeless(turn, answer);
        if (refusal === undefined) return wait(answer);
        this.wake(key, fiber);
        return this.lobby.refuse(refusal);
      });
    });
  }

  /** Gives a permit for what the store took, after so many milliseconds. */
  give(taken: Taken, accounts: Accounts, waited: number): KeyedPermit {
    this.lobby.given++;
    if (waited > 0) this.lobby.waits.record(waited / 1000);
    return new KeyedPermit(taken, accounts, waited, this);
  }

  /** Takes back a turn that nobody began. */
  undo(permit: KeyedPermit): Effect.Effect<void> {
    this.lobby.undone++;
    return this.correct(permit, 0);
  }

  /** Takes back a slot. */
  release(key: string): Effect.Effect<void> {
    return Effect.withFiber((fiber) => {
      this.lines.at(key).running--;
      this.wake(key, fiber);
      return Effect.void;
    });
  }

  settle(permit: KeyedPermit, cost: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.ledger.checkSettled(permit.accounts, cost);
      return once(permit) ? this.correct(permit, cost) : Effect.void;
    });
  }

  /** Changes something in the store, and looks again at who waits. */
  change(key: string, change: Effect.Effect<void>): Effect.Effect<void> {
    return Effect.flatMap(change, () =>
      Effect.withFiber((fiber) => {
        for (const busy of this.busy.keys()) {
          if (busy === key || this.options.shared) this.busy.set(busy, true);
        }
        this.rota.retry();
        this.wake(key, fiber);
        return Effect.void;
      }));
  }

  private correct(permit: KeyedPermit, cost: number): Effect.Effect<void> {
    const { accounts, taken } = permit;
    return this.change(
      accounts[0].key,
      this.store.settle(accounts, taken, cost),
    );
  }

  /**
   * Waits in the line of a key: last, or first if the store was asked for it and refused. It stands there before anything
   * else can happen, so nobody gets in between.
   */
  private wait(
    key: string,
    accounts: Accounts,
    turn: Turn,
    slot: boolean,
    since: number,
    answer: Refused | undefined,
    fiber: AnyFiber,
    restore: Restore,
  ): Effect.Effect<KeyedPermit, Refusal> {
    const line = this.lines.at(key);
    const ahead = line.demand(turn.priority, slot);
    let end: Effect.Effect<KeyedPermit, Refusal> | undefined;
    let resume = (given: Effect.Effect<KeyedPermit, Refusal>) => {
      end = given;
    };
    const waiter: Waiting = new Waiter(turn, since, (given) => {
      // One who was sent away may have held up the next.
      if (waiter.given === undefined) this.consider(line);
      resume(given);
    });
    this.lobby.join(
      slot ? line.slotted : line.open,
      waiter,
      answer !== undefined,
    );
    if (answer !== undefined && line.next() === waiter) {
      this.putOff(line, answer);
    } else if (answer !== undefined || line.next() === waiter) {
      this.consider(line);
    }
    this.awaken(fiber);
    const ended = Effect.callback<KeyedPermit, Refusal>((later) => {
      if (end === undefined) resume = later;
      else later(end);
    });
    const foreseen = answer === undefined && turn.maxWait < Infinity
      ? Effect.andThen(this.foresee(waiter, accounts, ahead), restore(ended))
      : restore(ended);
    return Effect.onInterrupt(
      foreseen,
      () =>
        Effect.withFiber((fiber) => this.abandon(waiter, line, slot, fiber)),
    );
  }

  /** Sends away one who is known to wait for too long. */
  private foresee(
    waiter: Waiting,
    accounts: Accounts,
    ahead: number,
  ): Effect.Effect<void> {
    const { turn } = waiter;
    return Effect.map(this.store.peek(accounts, turn.cost, ahead), (answer) => {
      if (waiter.line === undefined) return;
      const refusal = answer._tag === "Denied"
        ? hopeless(turn, answer)
        : undefined;
      if (refusal !== undefined) this.lobby.dismiss(waiter, refusal);
      else if (turn.maxWait === 0) {
        this.lobby.dismiss(waiter, timeout(0, undefined));
      }
    });
  }

  /** Ends a wait that was interrupted: it costs nothing, and what it was given on the way out goes back. */
  private abandon(
    waiter: Waiting,
    line: KeyLine,
    slot: boolean,
    fiber: AnyFiber,
  ): Effect.Effect<void> {
    if (waiter.given !== undefined) {
      if (slot) line.running--;
      return this.undo(waiter.given);
    }
    this.lobby.leave(waiter);
    this.wake(line.key, fiber);
    return Effect.void;
  }

  /** Asks the store for a turn, alone of its key until the answer is dealt with; anew if something changed since a refusal. */
  private ask<A, E>(
    key: string,
    accounts: Accounts,
    cost: number,
    then: (answer: Taken | Refused) => Effect.Effect<A, E>,
  ): Effect.Effect<A, E> {
    this.busy.set(key, false);
    const asked = Effect.catchCause(
      this.store.take(accounts, cost),
      (cause) => {
        this.busy.delete(key);
        return Effect.failCause(cause);
      },
    );
    return Effect.flatMap(asked, (answer) => {
      if (answer._tag === "Denied" && this.busy.get(key)) {
        return this.ask(key, accounts, cost, then);
      }
      this.busy.delete(key);
      return then(answer);
    });
  }

  /** Gives a line its turn, if somebody in it can take one; forgets it if nobody is left. */
  private consider(line: KeyLine): void {
    if (this.busy.has(line.key)) return;
    if (line.next() !== undefined) this.rota.add(line);
    else {
      this.rota.remove(line);
      this.lines.tidy(line);
    }
  }

  private putOff(line: KeyLine, { account, retryAfter }: Refused): void {
    const wait = Math.max(shortest, Duration.toMillis(retryAfter));
    const at = this.lobby.now() + wait;
    if (account === 0) this.rota.putOff(line, at);
    else this.rota.refuse(line, at);
  }

  /** Looks again in a moment at a key where something changed. */
  private wake(key: string, fiber: AnyFiber): void {
    const line = this.lines.get(key);
    if (line !== undefined) this.consider(line);
    if (!this.lines.empty) this.awaken(fiber);
  }

  /** Serves in a moment if somebody can be served then, else sets the timer. */
  private awaken(fiber: AnyFiber): void {
    if (this.at <= this.lobby.now()) this.lobby.soon(fiber);
    else this.arm();
  }

  /** When somebody can be served, unless as many calls as may be are under way. */
  private get at(): number {
    return this.rounds < this.mostRounds ? this.rota.at : Infinity;
  }

  private arm(): void {
    const at = Math.min(this.at, this.lobby.deadline);
    this.lobby.alarm.set(at, this.lobby.now());
  }

  /** Lets in whoever can go now, sends away whoever waited too long, and sets the timer for the rest. */
  private serve(): Effect.Effect<void> {
    const now = this.lobby.now();
    // Only while nobody can go: one whose patience ends as its turn comes still gets it.
    while (this.at > now && this.lobby.expire(now));
    if (this.at > now) {
      this.arm();
      return Effect.void;
    }
    this.rounds++;
    const done = Effect.suspend(() => {
      this.rounds--;
      return this.serve();
    });
    return Effect.andThen(this.round, done);
  }

  /** Tries one line after the other, as long as one has its turn. */
  private readonly round: Effect.Effect<void> = Effect.withFiber((fiber) => {
    const line = this.rota.pick(this.lobby.now());
    if (line === undefined) return Effect.void;
    const head = line.next();
    if (head === undefined || this.busy.has(line.key)) {
      this.consider(line);
      return this.round;
    }
    // The answer may be long in coming: others are served, and sent away, meanwhile.
    this.awaken(fiber);
    return Effect.andThen(this.tryLine(line, head), this.round);
  });

  /** Asks the store for the one who comes first in a line, who bears what goes wrong. */
  private tryLine(line: KeyLine, head: Waiting): Effect.Effect<void> {
    return Effect.catchCause(
      Effect.suspend(() => this.tryHead(line, head)),
      (cause) => {
        const report = head.line === undefined
          ? Effect.logError(cause)
          : Effect.void;
        this.lobby.fail(head, cause);
        this.consider(line);
        return report;
      },
    );
  }

  private tryHead(line: KeyLine, head: Waiting): Effect.Effect<void> {
    const { cost } = head.turn;
    const accounts = this.ledger.accounts(line.key);
    const tooCostly = this.ledger.tooCostly(accounts, cost);
    if (tooCostly !== undefined) {
      this.lobby.dismiss(head, tooCostly);
      this.consider(line);
      return Effect.void;
    }
    return this.ask(line.key, accounts, cost, (answer) => {
      if (answer._tag === "Denied") {
        if (line.next() === head) this.putOff(line, answer);
        else this.consider(line);
        return Effect.void;
      }
      const gone = head.line === undefined;
      if (!gone) {
        if (head.line === line.slotted) line.running++;
        const waited = this.lobby.now() - head.since;
        this.lobby.admit(head, this.give(answer, accounts, waited));
      }
      this.consider(line);
      return gone ? this.store.settle(accounts, answer, 0) : Effect.void;
    });
  }
}
