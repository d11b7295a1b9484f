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
import { type Accounts, type Giver, KeyedPermit } from "./keyed_permit.ts";
import type { KeyedOptions, Ledger } from "./ledger.ts";
import { Line } from "./line.ts";
import { type AnyFiber, Lobby, type Refusal, timeout } from "./lobby.ts";
import { Rota } from "./rota.ts";
import type { Restore } from "./slot.ts";
import type { Refused, Service as Store, Taken } from "./store.ts";
import type { Turn, Waiter } from "./waiters.ts";

/** Calls to the store that may be under way at once for keys that wait. */
const mostCalls = 16;

type Waiting = Waiter<KeyedPermit, Refusal>;

/** Asks the store for turns, queues and wakes. */
export class KeyedQueue implements Giver {
  readonly lobby: Lobby<KeyedPermit>;
  /** Keys that somebody waits for, or runs under. */
  readonly lines: Map<string, Line> = new Map();
  /** Keys of which a call that could wait is under way. */
  private readonly busy = new Set<string>();
  private readonly rota = new Rota();
  private serving = false;

  constructor(
    private readonly options: KeyedOptions,
    private readonly ledger: Ledger,
    private readonly store: Store,
    context: Context.Context<never>,
  ) {
    this.lobby = new Lobby(context, Effect.suspend(() => this.serve()));
  }

  /** Whether a newcomer under this key would overtake somebody. */
  waitsBefore(key: string): boolean {
    if (this.lines.size === 0) return false;
    return this.lines.get(key)?.next() !== undefined ||
      (this.options.shared !== undefined && this.rota.contended);
  }

  /** When the next of those who wait is let in, as far as is known. */
  nextAt(key: string): number {
    const line = this.lines.get(key);
    return line !== undefined && line.place >= 0 ? line.at : this.rota.at;
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
      const refusal = this.ledger.tooCostly(accounts, turn.cost) ??
        this.tooLong(key, turn, since);
      if (refusal !== undefined) return this.lobby.refuse(refusal);
      const wait = (answer?: Refused) =>
        turn.maxWait === 0
          ? this.lobby.refuse(timeout(0, undefined))
          : restore(this.wait(key, turn, slot, since, answer, fiber));
      if (
        this.busy.has(key) || this.waitsBefore(key) ||
        (slot && this.lines.get(key)?.full)
      ) return wait();
      return Effect.flatMap(this.ask(key, accounts, turn.cost), (answer) => {
        this.wake(key, fiber);
        if (answer._tag === "Allowed") {
          if (slot) this.line(key).running++;
          return Effect.succeed(this.give(answer, accounts, since));
        }
        const millis = Duration.toMillis(answer.retryAfter);
        return millis > turn.maxWait && millis < Infinity
          ? this.lobby.refuse(timeout(turn.maxWait, millis))
          : wait(answer);
      });
    });
  }

  /** Gives a permit for what the store took. */
  give(taken: Taken, accounts: Accounts, since: number): KeyedPermit {
    this.lobby.admitted++;
    const waited = Math.max(0, this.lobby.now() - since);
    return new KeyedPermit(taken, accounts, waited, this);
  }

  /** Takes back a turn that nobody began. */
  undo(permit: KeyedPermit): Effect.Effect<void> {
    this.lobby.admitted--;
    return this.correct(permit, 0);
  }

  /** Takes back a slot. */
  release(key: string): Effect.Effect<void> {
    return Effect.withFiber((fiber) => {
      this.line(key).running--;
      this.wake(key, fiber);
      return Effect.void;
    });
  }

  settle(permit: KeyedPermit, cost: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.ledger.checkSettled(permit.accounts, cost);
      return permit.once() ? this.correct(permit, cost) : Effect.void;
    });
  }

  /** Changes something in the store, and looks again at who waits. */
  change(key: string, change: Effect.Effect<void>): Effect.Effect<void> {
    return Effect.flatMap(change, () =>
      Effect.withFiber((fiber) => {
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

  /** Waits in the line of a key: last, or first if the store was asked for it and refused. */
  private wait(
    key: string,
    turn: Turn,
    slot: boolean,
    since: number,
    answer: Refused | undefined,
    fiber: AnyFiber,
  ): Effect.Effect<KeyedPermit, Refusal> {
    return Effect.callback((resume) => {
      const line = this.line(key);
      const waiters = slot ? line.slotted : line.open;
      const first = answer !== undefined;
      const waiter = this.lobby.join(waiters, turn, since, resume, first);
      if (first) this.putOff(line, answer);
      else if (line.next() === waiter) this.consider(line);
      this.awaken(fiber);
      return Effect.withFiber((fiber) =>
        this.abandon(waiter, line, slot, fiber)
      );
    });
  }

  /** Ends a wait that was interrupted: it costs nothing, and what it was given on the way out goes back. */
  private abandon(
    waiter: Waiting,
    line: Line,
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

  /** Whether those before are known to wait longer than this caller would. */
  private tooLong(key: string, turn: Turn, now: number): Refusal | undefined {
    const line = this.lines.get(key);
    const head = line?.next();
    if (line === undefined || head === undefined || line.place < 0) return;
    const known = line.at - now;
    return head.turn.priority >= turn.priority && known > turn.maxWait &&
        known < Infinity
      ? timeout(turn.maxWait, known)
      : undefined;
  }

  /** Asks the store for a turn, alone of its key. */
  private ask(
    key: string,
    accounts: Accounts,
    cost: number,
  ): Effect.Effect<Taken | Refused> {
    this.busy.add(key);
    return Effect.catchCause(
      Effect.map(this.store.take(accounts, cost), (answer) => {
        this.busy.delete(key);
        return answer;
      }),
      (cause) => {
        this.busy.delete(key);
        return Effect.failCause(cause);
      },
    );
  }

  private line(key: string): Line {
    let line = this.lines.get(key);
    if (line === undefined) {
      line = new Line(key, this.options.concurrency);
      this.lines.set(key, line);
    }
    return line;
  }

  /** Gives a line its turn, if somebody in it can take one; forgets it if nobody is left. */
  private consider(line: Line): void {
    if (this.busy.has(line.key)) return;
    if (line.next() !== undefined) this.rota.add(line);
    else {
      this.rota.remove(line);
      if (line.waiting + line.running === 0) this.lines.delete(line.key);
    }
  }

  private putOff(line: Line, { account, retryAfter }: Refused): void {
    const wait = Math.max(shortest, Duration.toMillis(retryAfter));
    const at = this.lobby.now() + wait;
    if (account === 0) this.rota.putOff(line, at);
    else this.rota.refuse(line, at);
  }

  /** Looks again in a moment at a key where something changed. */
  private wake(key: string, fiber: AnyFiber): void {
    const line = this.lines.get(key);
    if (line === undefined) return;
    this.consider(line);
    this.awaken(fiber);
  }

  /** Serves in a moment if somebody can be served then, else sets the timer. */
  private awaken(fiber: AnyFiber): void {
    if (this.serving) return;
    if (this.rota.at <= this.lobby.now()) this.lobby.soon(fiber);
    else this.arm();
  }

  private arm(): void {
    const at = Math.min(this.rota.at, this.lobby.deadline);
    this.lobby.alarm.set(at, this.lobby.now());
  }

  /** Lets in whoever can go now, sends away whoever waited too long, and sets the timer for the rest. */
  private serve(): Effect.Effect<void> {
    const now = this.lobby.now();
    while (this.lobby.expire(now));
    if (this.serving) return Effect.void;
    if (this.rota.at > now) {
      this.arm();
      return Effect.void;
    }
    this.serving = true;
    // The shared quota is handed out in turn, so one call at a time.
    const calls = this.options.shared === undefined
      ? Math.min(mostCalls, this.lines.size)
      : 1;
    const rounds = calls === 1
      ? this.round
      : Effect.all(Array.from({ length: calls }, () => this.round), {
        concurrency: "unbounded",
        discard: true,
      });
    const done = Effect.sync(() => {
      this.serving = false;
    });
    return Effect.andThen(
      Effect.ensuring(rounds, done),
      Effect.suspend(() => this.serve()),
    );
  }

  /** Tries one line after the other, as long as one has its turn. */
  private readonly round: Effect.Effect<void> = Effect.suspend(() => {
    const line = this.rota.pick(this.lobby.now());
    if (line === undefined) return Effect.void;
    const head = line.next();
    if (head === undefined || this.busy.has(line.key)) {
      this.consider(line);
      return this.round;
    }
    return Effect.andThen(this.tryLine(line, head), this.round);
  });

  /** Asks the store for the one who comes first in a line. */
  private tryLine(line: Line, head: Waiting): Effect.Effect<void> {
    const { cost } = head.turn;
    const accounts = this.ledger.accounts(line.key);
    const tooCostly = this.ledger.tooCostly(accounts, cost);
    if (tooCostly !== undefined) {
      this.lobby.dismiss(head, tooCostly);
      this.consider(line);
      return Effect.void;
    }
    return Effect.flatMap(this.ask(line.key, accounts, cost), (answer) => {
      if (answer._tag === "Denied") {
        if (line.next() === head) this.putOff(line, answer);
        else this.consider(line);
        return Effect.void;
      }
      const back = head.line === undefined
        ? this.store.settle(accounts, answer, 0)
        : Effect.void;
      if (head.line !== undefined) {
        if (head.line === line.slotted) line.running++;
        this.lobby.admit(head, this.give(answer, accounts, head.since));
      }
      this.consider(line);
      return back;
    });
  }
}
