/**
 * Those who wait under many keys.
 *
 * Each key has its own line. A key whose own quota refused comes back when the store said so; keys that only the shared
 * quota holds back take turns, one call each, so that none of them gets more of it by asking more often.
 *
 * The store may answer at once or over a network. Whoever asks it stands in line meanwhile, and at most one call of a key is
 * under way at a time, so a line keeps its order. Calls have fibers of their own: a caller may leave while one is under way,
 * and what that brings goes back.
 *
 * @module
 */
import type * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import { shortest } from "../internal/time.ts";
import type { Turn } from "../internal/turn.ts";
import { type Accounts, KeyedPermit } from "./keyed_permit.ts";
import type { KeyedOptions, Ledger } from "./ledger.ts";
import { type KeyLine, Lines, Waiting } from "./lines.ts";
import { type AnyFiber, Lobby, type Refusal } from "./lobby.ts";
import { Patience } from "./patience.ts";
import { type Giver, once } from "./permit.ts";
import { Rota } from "./rota.ts";
import type { Restore } from "./slot.ts";
import type { Refused, Service as Store, Taken } from "./store.ts";

/** Calls to the store that may be under way at once for keys that wait. */
const mostCalls = 16;

/** Asks the store for turns, queues and wakes. */
export class KeyedQueue implements Giver<KeyedPermit> {
  readonly lobby: Lobby<KeyedPermit>;
  /** Keys that somebody waits for, or runs under. */
  readonly lines: Lines;
  private readonly rota = new Rota();
  private readonly patience: Patience;
  /** Rounds under way, at most so many, and whether one of them waits for an answer about who waits. */
  private rounds = 0;
  private readonly mostRounds: number;
  private asking = 0;
  /** How often something changed in the store, under any key. */
  private changes = 0;

  constructor(
    private readonly options: KeyedOptions,
    private readonly ledger: Ledger,
    private readonly store: Store,
    context: Context.Context<never>,
  ) {
    this.lines = new Lines(options.concurrency);
    this.lobby = new Lobby(context, Effect.suspend(() => this.serve()));
    this.patience = new Patience(this.lobby, store);
    // The shared quota is handed out in turn, so one call at a time.
    this.mostRounds = options.shared === undefined ? mostCalls : 1;
  }

  /** Whether a newcomer under this key would overtake somebody. */
  waitsBefore(key: string): boolean {
    if (this.lines.empty) return false;
    return this.lines.get(key)?.next() !== undefined ||
      (this.options.shared !== undefined &&
        (this.rota.contended || this.asking > 0));
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
  dueAt(key: string): number {
    const line = this.lines.get(key);
    return line !== undefined && this.rota.isOff(line) ? line.at : this.rota.at;
  }

  /** Takes a turn, and a slot, at once, from a store that can answer at once, if nobody is overtaken. */
  takeNow(
    key: string,
    cost: number,
    slot: boolean,
  ): KeyedPermit | Refused | undefined {
    const { takeUnsafe } = this.store;
    if (takeUnsafe === undefined || this.waitsBefore(key)) return undefined;
    if (slot && this.full(key)) return undefined;
    const accounts = this.ledger.accounts(key);
    this.ledger.check(accounts, cost);
    const answer = takeUnsafe(accounts, cost);
    if (answer._tag === "Denied") return answer;
    if (slot) this.lines.at(key).running++;
    return this.give(answer, accounts, 0);
  }

  /** Takes a turn, and a slot, in line. Uninterruptible but for the wait. */
  take(
    key: string,
    turn: Turn,
    slot: boolean,
    restore: Restore,
  ): Effect.Effect<KeyedPermit, Refusal> {
    return Effect.withFiber((fiber) => {
      const accounts = this.ledger.accounts(key);
      this.ledger.check(accounts, turn.cost);
      const refusal = this.ledger.tooCostly(accounts, turn.cost);
      if (refusal !== undefined) return this.lobby.refuse(refusal);
      let waiter: Waiting | undefined;
      const wait = Effect.callback<KeyedPermit, Refusal>((resume) => {
        const line = this.lines.at(key);
        const now = this.lobby.now();
        const one: Waiting = new Waiting(line, slot, turn, now, (end) => {
          this.patience.delete(one);
          // One who was sent away may have held up the next.
          if (one.given === undefined) this.consider(line);
          resume(end);
        });
        waiter = one;
        this.enter(one, accounts);
        this.awaken(fiber);
      });
      return Effect.onInterrupt(
        restore(wait),
        () => Effect.sync(() => waiter && this.abandon(waiter, fiber)),
      );
    });
  }

  /** Gives a permit for what the store took, after so many milliseconds. */
  give(taken: Taken, accounts: Accounts, waited: number): KeyedPermit {
    this.lobby.given++;
    if (waited > 0) this.lobby.waits.record(waited / 1000);
    return new KeyedPermit(taken, accounts, waited, this);
  }

  /** Takes back a turn that nobody began. Nobody waits for the store to do so. */
  undo(permit: KeyedPermit): void {
    this.lobby.undone++;
    this.start(this.correct(permit.accounts, permit.taken, 0));
  }

  /** Takes back a slot. */
  release(key: string, fiber: AnyFiber): void {
    this.lines.at(key).running--;
    this.wake(key, fiber);
  }

  settle(permit: KeyedPermit, cost: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.ledger.checkSettled(permit.accounts, cost);
      return once(permit)
        ? this.correct(permit.accounts, permit.taken, cost)
        : Effect.void;
    });
  }

  /** Steers something in the store, and looks again also at those who would wait for ever. */
  steer(key: string, change: Effect.Effect<void>): Effect.Effect<void> {
    return this.change(key, change, () => this.rota.free());
  }

  /** Changes something in the store, and looks again at who waits: also where no answer came, for the store may have done it. */
  private change(
    key: string,
    change: Effect.Effect<void>,
    first = () => {},
  ): Effect.Effect<void> {
    return Effect.withFiber((fiber) =>
      Effect.onExitPrimitive(change, () => {
        first();
        this.changes++;
        const line = this.lines.get(key);
        if (line !== undefined) line.changes++;
        this.rota.retry();
        this.wake(key, fiber);
        return undefined;
      })
    );
  }

  private correct(
    accounts: Accounts,
    taken: Taken,
    cost: number,
  ): Effect.Effect<void> {
    const settle = this.store.settle(accounts, taken, cost);
    return this.change(accounts[0].key, settle);
  }

  /** Does something in a fiber of its own, and looks again at who waits. */
  private start(effect: Effect.Effect<void>): void {
    this.lobby.start(
      Effect.andThen(
        Effect.catchCause(effect, Effect.logError),
        Effect.withFiber((fiber) => {
          this.awaken(fiber);
          return Effect.void;
        }),
      ),
    );
  }

  /** Whether those in a line wait for a quota, or for a slot if they need one, and not for an answer of the store. */
  private holds(line: KeyLine, slot: boolean): boolean {
    if (slot && line.full) return true;
    return line.asked === undefined &&
      (this.rota.isOff(line) || this.rota.refuses(this.lobby.now()));
  }

  /** Puts one in line, and asks the store for it, or what it has to expect behind those who were there before. */
  private enter(waiter: Waiting, accounts: Accounts): void {
    const { slot, turn, under: line } = waiter;
    const asked = line.asked !== undefined;
    const behind = asked || this.waitsBefore(line.key);
    const ahead = line.ahead(turn, slot);
    this.patience.add(waiter);
    (slot ? line.slotted : line.open).push(waiter);
    const first = line.next() === waiter;
    if (first && !behind) return this.start(this.tryHead(waiter));
    // Where nobody is asked for, those before wait for something else.
    const held = (behind && !asked && this.asking === 0) ||
      this.holds(line, slot);
    if (first) this.consider(line);
    if (turn.maxWait === Infinity) return;
    const foresee = this.patience.foresee(waiter, accounts, ahead, held);
    this.start(this.bear(waiter, foresee));
  }

  /** Ends a wait that was interrupted: it costs nothing, and what it was given on the way out goes back. */
  private abandon(waiter: Waiting, fiber: AnyFiber): void {
    const { given, slot, under } = waiter;
    if (given !== undefined) {
      if (slot) under.running--;
      this.undo(given);
    } else {
      this.patience.delete(waiter);
      this.lobby.leave(waiter);
    }
    this.wake(under.key, fiber);
  }

  /** Gives a line its turn, if somebody in it can take one; forgets it if nobody is left. */
  private consider(line: KeyLine): void {
    if (line.asked !== undefined) return;
    if (line.next() !== undefined) {
      this.rota.add(line);
      if (this.holds(line, false)) this.patience.tellLine(line);
    } else {
      this.rota.remove(line);
      this.lines.tidy(line);
    }
  }

  private putOff(line: KeyLine, { account, retryAfter }: Refused): void {
    const wait = Math.max(shortest, Duration.toMillis(retryAfter));
    const at = this.lobby.now() + wait;
    this.patience.tellLine(line);
    if (account === 0) return this.rota.putOff(line, at);
    this.rota.refuse(line, at);
    this.patience.tellAll();
  }

  /** Looks again in a moment at a key where something changed. */
  private wake(key: string, fiber: AnyFiber): void {
    const line = this.lines.get(key);
    if (line !== undefined) this.consider(line);
    if (this.lines.empty) this.lobby.alarm.set(Infinity, 0);
    else this.awaken(fiber);
  }

  /** Serves in a moment if somebody can be served or sent away then, else sets the timer. */
  private awaken(fiber: AnyFiber): void {
    if (this.nextAt <= this.lobby.now()) this.lobby.soon(fiber);
    else this.arm();
  }

  /** When somebody can be served, unless as many calls as may be are under way. */
  private get at(): number {
    return this.rounds < this.mostRounds ? this.rota.at : Infinity;
  }

  private get nextAt(): number {
    return Math.min(this.at, this.lobby.deadline);
  }

  private arm(): void {
    this.lobby.alarm.set(this.nextAt, this.lobby.now());
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
    if (head === undefined || line.asked !== undefined) {
      this.consider(line);
      return this.round;
    }
    this.asking++;
    // The answer may be long in coming: others are served, and sent away, meanwhile.
    this.awaken(fiber);
    const answered = Effect.suspend(() => {
      this.asking--;
      return this.round;
    });
    return Effect.andThen(this.tryHead(head), answered);
  });

  /** Asks the store for the one who comes first in its line, of whose key no call is under way. */
  private tryHead(head: Waiting): Effect.Effect<void> {
    const line = head.under;
    line.asked = head;
    line.calls++;
    const asked = Effect.suspend(() => this.ask(head));
    return this.bear(head, asked, () => line.asked = undefined);
  }

  /** Lets one who waits bear what goes wrong as the store is asked for it. */
  private bear(
    waiter: Waiting,
    effect: Effect.Effect<void>,
    onFailure = () => {},
  ): Effect.Effect<void> {
    return Effect.catchCause(effect, (cause) => {
      onFailure();
      const report = waiter.line === undefined
        ? Effect.logError(cause)
        : Effect.void;
      this.lobby.fail(waiter, cause);
      this.consider(waiter.under);
      return report;
    });
  }

  private ask(head: Waiting): Effect.Effect<void> {
    const { turn: { cost }, under: line } = head;
    const accounts = this.ledger.accounts(line.key);
    const tooCostly = this.ledger.tooCostly(accounts, cost);
    if (head.line === undefined || tooCostly !== undefined) {
      line.asked = undefined;
      if (head.line !== undefined) this.lobby.dismiss(head, tooCostly!);
      this.consider(line);
      return Effect.void;
    }
    const own = line.changes;
    const all = this.changes;
    return Effect.flatMap(this.store.take(accounts, cost), (answer) => {
      if (answer._tag === "Denied") {
        const changed = answer.account === 0
          ? line.changes > own
          : this.changes > all;
        // What it refused for may be so no more.
        if (changed) return this.ask(head);
      }
      line.asked = undefined;
      if (answer._tag === "Allowed") this.hand(head, answer, accounts);
      else this.patience.deny(head, answer);
      if (answer._tag === "Denied" && line.next() === head) {
        this.putOff(line, answer);
      } else this.consider(line);
      return Effect.void;
    });
  }

  /** Lets in the one that the store was asked for; what was taken for one who left goes back. */
  private hand(head: Waiting, taken: Taken, accounts: Accounts): void {
    const { since, slot, under } = head;
    if (head.line === undefined) {
      return this.start(this.correct(accounts, taken, 0));
    }
    if (slot) {
      under.running++;
      if (under.full) this.patience.tellLine(under, under.slotted);
    }
    const waited = this.lobby.now() - since;
    this.lobby.admit(head, this.give(taken, accounts, waited));
  }
}
