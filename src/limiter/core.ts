/**
 * A limiter at work: one meter, and those who wait for it.
 *
 * What is charged reaches its caller in the same step, so there is no moment in which an interrupt could lose it: a turn that
 * was waited for is handed on as the callback resumes, and given back by the callback's finalizer if an interrupt gets in
 * before.
 *
 * @module
 */
import type * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Effectable from "effect/Effectable";
import { duration } from "../internal/time.ts";
import { plainTurn, type Turn } from "../internal/turn.ts";
import { allowed, denied } from "./answer.ts";
import { atOnceOr } from "./at_once.ts";
import type { Decision, Denied } from "./decision.ts";
import { Line } from "./line.ts";
import { type AnyFiber, Lobby, type Refusal, timeout } from "./lobby.ts";
import { Meter } from "./meter.ts";
import { GivenPermit, type Giver, once } from "./permit.ts";
import type { Quota } from "./quota.ts";
import { runInSlot, type Slots } from "./slot.ts";
import { CostExceedsLimit } from "./turn.ts";
import { Waiter } from "./waiter.ts";

/** One who waits. As an effect, the end of its wait by an interrupt: two in one, for there may be very many. */
class Waiting extends Effectable.Mixin(Waiter<GivenPermit, Refusal>) {
  constructor(
    turn: Turn,
    since: number,
    resume: (end: Effect.Effect<GivenPermit, Refusal>) => void,
    private readonly core: Core,
    private readonly slot: boolean,
  ) {
    super(turn, since, resume);
  }

  override asEffect(): Effect.Effect<void> {
    return this.core.abandon(this, this.slot);
  }
}

/** Decides, queues and wakes. */
export class Core implements Giver<GivenPermit> {
  readonly lobby: Lobby<GivenPermit>;
  readonly line: Line<GivenPermit>;
  private meter: Meter;
  private pausedUntil = -Infinity;
  /** How often it was reset: a charge from before the last time is not corrected any more. */
  private resets = 0;
  private serving = false;
  /** A turn at once, made once: what most callers ask for, most of the time. */
  private readonly plain: Effect.Effect<GivenPermit, Refusal>;
  private readonly plainSlots: Slots<GivenPermit> = this.slots(plainTurn);

  constructor(
    quota: Quota,
    readonly concurrency: number,
    context: Context.Context<never>,
  ) {
    this.meter = new Meter(quota.tiers);
    this.line = new Line(concurrency);
    this.lobby = new Lobby(context, Effect.sync(() => this.serve()));
    this.plain = this.atOnceOrWait(plainTurn);
  }

  /** Gives a turn. Who would wait in any case is spared the attempt. */
  turn(turn: Turn): Effect.Effect<GivenPermit, Refusal> {
    if (this.line.next() !== undefined) return this.wait(turn, false);
    return turn === plainTurn ? this.plain : this.atOnceOrWait(turn);
  }

  /** Runs an effect in its turn. */
  limit<A, E, R>(
    self: Effect.Effect<A, E, R>,
    turn: Turn,
  ): Effect.Effect<A, E | Refusal, R> {
    if (this.concurrency < Infinity) {
      const slots = turn === plainTurn ? this.plainSlots : this.slots(turn);
      return runInSlot(self, slots);
    }
    if (turn !== plainTurn || !this.isFree) return this.inTurn(self, turn);
    return Effect.suspend(() =>
      this.takeNow() ? self : this.inTurn(self, turn)
    );
  }

  /** Takes a plain turn now, if that is all that `limit` takes: no slot, and nobody to wait behind. */
  takeNow(): boolean {
    if (this.concurrency < Infinity) return false;
    if (!this.isFree) return this.take(1, false) !== undefined;
    this.lobby.given++;
    return true;
  }

  /** Decides now. */
  try(cost: number): GivenPermit | Denied {
    const now = this.lobby.now();
    const permit = this.take(cost, false, now);
    if (permit !== undefined) return permit;
    this.lobby.denied++;
    return this.deny(cost, now);
  }

  /** Whether `try` would be allowed, and what is left now. */
  peek(cost: number): Decision {
    const { meter } = this;
    meter.check(cost);
    const now = this.lobby.now();
    return cost > meter.capacity || this.line.next() !== undefined ||
        this.due(now, cost) > 0
      ? this.deny(cost, now)
      : allowed(meter, now);
  }

  settle(permit: GivenPermit, cost: number): Effect.Effect<void> {
    return Effect.withFiber((fiber) => {
      this.meter.checkSettled(cost);
      if (once(permit)) this.correct(permit, cost, fiber);
      return Effect.void;
    });
  }

  pause(millis: number): void {
    const until = this.lobby.now() + millis;
    if (until > this.pausedUntil) this.pausedUntil = until;
  }

  resume(fiber: AnyFiber): void {
    this.pausedUntil = -Infinity;
    this.touch(fiber);
  }

  reset(fiber: AnyFiber): void {
    this.resets++;
    this.meter.clear();
    this.touch(fiber);
  }

  /** Goes on under another quota, with what was counted. */
  setQuota(quota: Quota, fiber: AnyFiber): void {
    const meter = new Meter(quota.tiers);
    meter.adopt(this.meter, this.lobby.now());
    this.meter = meter;
    this.touch(fiber);
  }

  /** Whether nothing makes a caller wait. */
  private get isFree(): boolean {
    return this.meter.parts.length === 0 && this.line.waiting === 0 &&
      this.pausedUntil === -Infinity;
  }

  private inTurn<A, E, R>(
    self: Effect.Effect<A, E, R>,
    turn: Turn,
  ): Effect.Effect<A, E | Refusal, R> {
    return Effect.flatMap(this.turn(turn), () => self);
  }

  private atOnceOrWait(turn: Turn): Effect.Effect<GivenPermit, Refusal> {
    return atOnceOr(
      () => this.take(turn.cost, false),
      () => this.wait(turn, false),
    );
  }

  private slots(turn: Turn): Slots<GivenPermit> {
    return {
      limiter: this,
      key: "",
      turn: () => this.turn(turn),
      take: (restore, run) => {
        const permit = this.take(turn.cost, true);
        return permit === undefined
          ? Effect.flatMap(restore(this.wait(turn, true)), run)
          : run(permit);
      },
      give: (permit, begun, fiber) => {
        this.line.running--;
        if (begun) this.touch(fiber);
        else this.undo(permit, fiber);
      },
    };
  }

  /** Gives a turn, and a slot, if that can be done at once without overtaking anyone. */
  private take(
    cost: number,
    slot: boolean,
    now = this.lobby.now(),
  ): GivenPermit | undefined {
    const { meter } = this;
    meter.check(cost);
    if (cost > meter.capacity || (slot && this.line.full)) return undefined;
    if (this.line.next() !== undefined) return undefined;
    return this.due(now, cost) > 0
      ? undefined
      : this.give(now, now, cost, slot);
  }

  /** Waits for a turn, and for a slot. */
  private wait(turn: Turn, slot: boolean): Effect.Effect<GivenPermit, Refusal> {
    return Effect.withFiber((fiber) => {
      const refusal = this.refusal(turn, slot);
      if (refusal !== undefined) return this.lobby.refuse(refusal);
      return Effect.callback((resume) => {
        const now = this.lobby.now();
        const line = slot ? this.line.slotted : this.line.open;
        const waiter = new Waiting(turn, now, resume, this, slot);
        this.lobby.join(line, waiter);
        // What it missed between asking and joining, it is served for in a moment.
        const missed = turn.cost > this.meter.capacity;
        if (!this.arm(now) || missed) this.touch(fiber);
        return waiter;
      });
    });
  }

  /** What is known to be too much to wait for. */
  private refusal(turn: Turn, slot: boolean): Refusal | undefined {
    const { cost, maxWait, priority } = turn;
    if (this.meter.check(cost) > this.meter.capacity) {
      return this.tooCostly(cost);
    }
    if (maxWait === Infinity) return undefined;
    const ahead = this.line.demand(priority, slot);
    // As the caller is told it: without what rounding adds.
    const known = Duration.toMillis(
      duration(this.due(this.lobby.now(), cost, ahead)),
    );
    if (known > maxWait && known < Infinity) return timeout(maxWait, known);
    return maxWait === 0 ? timeout(0, undefined) : undefined;
  }

  private tooCostly(cost: number): CostExceedsLimit {
    const { capacity, narrowest } = this.meter;
    return new CostExceedsLimit({ cost, limit: capacity, tier: narrowest });
  }

  private deny(cost: number, now: number): Denied {
    const { meter } = this;
    if (cost > meter.capacity) return denied(meter.narrowest, Infinity);
    meter.tier = meter.narrowest;
    const ahead = this.line.demand(-Infinity, !this.line.full);
    const wait = this.due(now, cost, ahead);
    return denied(meter.tier, wait);
  }

  private give(
    now: number,
    since: number,
    cost: number,
    slot: boolean,
  ): GivenPermit {
    const { meter } = this;
    meter.charge(now, cost);
    this.lobby.given++;
    if (slot) this.line.running++;
    const remaining = Math.max(0, meter.left(now));
    const { refunded, resetAt, tier } = meter;
    return new GivenPermit(
      tier,
      remaining,
      now,
      cost,
      refunded,
      resetAt,
      since,
      this.resets,
      this,
    );
  }

  /** Takes back a turn that nobody began. */
  private undo(permit: GivenPermit, fiber: AnyFiber): void {
    this.lobby.undone++;
    this.correct(permit, 0, fiber);
  }

  private correct(permit: GivenPermit, cost: number, fiber: AnyFiber): void {
    if (permit.resets === this.resets) {
      this.meter.settle(this.lobby.now(), permit, cost);
    }
    this.touch(fiber);
  }

  /** Milliseconds until `cost` could start, behind others who take so many units before. */
  private due(now: number, cost: number, ahead = 0): number {
    const wait = this.meter.wait(now, cost, ahead);
    const pause = this.pausedUntil - now;
    if (pause <= wait) return wait;
    this.meter.tier = "paused";
    return pause;
  }

  /** Lets in whoever can go now, sends away whoever waited too long, and sets the timer for the rest. */
  private serve(): void {
    this.serving = true;
    let now = this.lobby.now();
    let moved = true;
    while (moved) {
      while (this.admit(now) || this.lobby.expire(now));
      now = this.lobby.now();
      moved = this.admit(now) || this.lobby.expire(now);
    }
    this.serving = false;
    this.arm(now);
  }

  /** Lets in the one who comes first, if it can go now; one who never can is sent away. */
  private admit(now: number): boolean {
    const waiter = this.line.next();
    if (waiter === undefined) return false;
    const { cost } = waiter.turn;
    if (cost > this.meter.capacity) {
      this.lobby.dismiss(waiter, this.tooCostly(cost));
    } else if (this.due(now, cost) > 0) {
      return false;
    } else {
      const slot = waiter.line === this.line.slotted;
      this.lobby.waits.record((now - waiter.since) / 1000);
      this.lobby.admit(waiter, this.give(now, waiter.since, cost, slot));
    }
    return true;
  }

  /** Ends a wait that was interrupted: it costs nothing, and what it was given on the way out goes back. */
  abandon(
    waiter: Waiter<GivenPermit, Refusal>,
    slot: boolean,
  ): Effect.Effect<void> {
    return Effect.withFiber((fiber) => {
      if (waiter.given === undefined) {
        this.lobby.leave(waiter);
        this.touch(fiber);
      } else {
        if (slot) this.line.running--;
        this.undo(waiter.given, fiber);
      }
      return Effect.void;
    });
  }

  /** Sets the timer for whoever is served next; says no if that is now. */
  private arm(now: number): boolean {
    const head = this.line.next();
    const due = head === undefined ? Infinity : this.due(now, head.turn.cost);
    this.lobby.alarm.set(Math.min(now + due, this.lobby.deadline), now);
    return due > 0;
  }

  /** Looks again in a moment, for something changed. */
  private touch(fiber: AnyFiber): void {
    if (this.serving) return;
    if (this.line.waiting > 0) this.lobby.soon(fiber);
    else this.lobby.alarm.set(Infinity, 0);
  }
}
