/**
 * A limiter at work: one meter, those who wait for it, and one timer.
 *
 * What is charged reaches its caller in the same step, so there is no moment in which an interrupt could lose it. A turn
 * that comes at once is taken inside `Effect.sync`, which hands its value straight to what follows; a turn that was waited
 * for is handed on as the callback resumes, and given back by the callback's finalizer if an interrupt gets in before.
 *
 * @module
 */
import type * as Cause from "effect/Cause";
import type * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import type * as Fiber from "effect/Fiber";
import { Alarm } from "../internal/alarm.ts";
import { Heap } from "../internal/heap.ts";
import { duration } from "../internal/time.ts";
import { allowed, denied } from "./decide.ts";
import type { Decision, Denied } from "./decision.ts";
import { Meter } from "./meter.ts";
import { GivenPermit, type Giver } from "./permit.ts";
import type { Quota } from "./quota.ts";
import { CostExceedsLimit, WaitTimeout } from "./turn.ts";
import { earlier, plainTurn, type Turn, Waiter, Waiters } from "./waiters.ts";

/** Why a turn was not given. */
export type Refusal = CostExceedsLimit | WaitTimeout;

type AnyFiber = Fiber.Fiber<unknown, unknown>;
type Waiting = Waiter<GivenPermit, Refusal>;

/** Thrown where a turn cannot be given at once, and caught at once: the caller then waits. */
const notNow = Symbol("notNow");

/** Decides, queues and wakes. */
export class Core implements Giver {
  admitted = 0;
  denied = 0;
  running = 0;
  private meter: Meter;
  private pausedUntil = -Infinity;
  /** A charge from before the last reset is not corrected any more. */
  private resetAt = -Infinity;
  /** Those who need no slot, and those who need one. */
  private readonly open = new Waiters<GivenPermit, Refusal>();
  private readonly slotted = new Waiters<GivenPermit, Refusal>();
  private readonly deadlines = new Heap<Waiting>();
  private readonly alarm: Alarm;
  private serving = false;
  private scheduled = false;
  /** A turn at once, made once: what most callers ask for, most of the time. */
  private readonly plain: Effect.Effect<GivenPermit, Refusal>;

  constructor(
    quota: Quota,
    private readonly concurrency: number,
    context: Context.Context<never>,
  ) {
    this.meter = new Meter(quota.tiers);
    this.alarm = new Alarm(context, () => this.serve());
    this.plain = this.atOnceOrWait(plainTurn);
  }

  get waiting(): number {
    return this.open.size + this.slotted.size;
  }

  /** Gives a turn. Who would wait in any case is spared the attempt. */
  turn(turn: Turn): Effect.Effect<GivenPermit, Refusal> {
    if (this.next() !== undefined) return this.wait(turn, false);
    return turn === plainTurn ? this.plain : this.atOnceOrWait(turn);
  }

  /** Gives a turn, and a slot, if that can be done at once without overtaking anyone. */
  take(cost: number, slot: boolean): GivenPermit | undefined {
    const { meter } = this;
    meter.check(cost);
    if (cost > meter.capacity || this.next() !== undefined) return undefined;
    if (slot && this.running >= this.concurrency) return undefined;
    const now = this.alarm.time.now();
    return this.due(now, cost) > 0
      ? undefined
      : this.give(now, now, cost, slot);
  }

  /** Waits for a turn, and for a slot. */
  wait(turn: Turn, slot: boolean): Effect.Effect<GivenPermit, Refusal> {
    return Effect.suspend(() => {
      const refusal = this.refuse(turn, slot);
      if (refusal === undefined) return this.queue(turn, slot);
      this.denied++;
      return Effect.fail(refusal);
    });
  }

  /** Decides now. */
  try(cost: number): GivenPermit | Denied {
    const permit = this.take(cost, false);
    if (permit !== undefined) return permit;
    this.denied++;
    return this.deny(cost);
  }

  /** Whether `try` would be allowed, and what is left now. */
  peek(cost: number): Decision {
    const { meter } = this;
    meter.check(cost);
    const now = this.alarm.time.now();
    return cost > meter.capacity || this.next() !== undefined ||
        this.due(now, cost) > 0
      ? this.deny(cost)
      : allowed(meter, now);
  }

  settle(permit: GivenPermit, cost: number): Effect.Effect<void> {
    return Effect.withFiber((fiber) => {
      this.meter.checkSettled(cost);
      if (permit.once()) this.correct(permit, cost, fiber);
      return Effect.void;
    });
  }

  /** Takes back a turn that nobody began. */
  undo(permit: GivenPermit, fiber: AnyFiber): void {
    this.admitted--;
    this.correct(permit, 0, fiber);
  }

  /** Takes back a slot. */
  release(fiber: AnyFiber): void {
    this.running--;
    this.touch(fiber);
  }

  pause(millis: number): void {
    const until = this.alarm.time.now() + millis;
    if (until > this.pausedUntil) this.pausedUntil = until;
  }

  resume(fiber: AnyFiber): void {
    this.pausedUntil = -Infinity;
    this.touch(fiber);
  }

  reset(fiber: AnyFiber): void {
    this.resetAt = this.alarm.time.now();
    this.meter.clear();
    this.touch(fiber);
  }

  /** Goes on under another quota, with what was counted. */
  setQuota(quota: Quota, fiber: AnyFiber): void {
    const meter = new Meter(quota.tiers);
    meter.adopt(this.meter, this.alarm.time.now());
    this.meter = meter;
    this.touch(fiber);
  }

  private atOnceOrWait(turn: Turn): Effect.Effect<GivenPermit, Refusal> {
    return Effect.catchCause(
      Effect.sync(() => {
        const permit = this.take(turn.cost, false);
        if (permit === undefined) throw notNow;
        return permit;
      }),
      (cause) =>
        isNotNow(cause) ? this.wait(turn, false) : Effect.failCause(cause),
    );
  }

  private queue(
    turn: Turn,
    slot: boolean,
  ): Effect.Effect<GivenPermit, Refusal> {
    return Effect.withFiber((fiber) =>
      Effect.callback((resume) => {
        const now = this.alarm.time.now();
        const waiter: Waiting = new Waiter(turn, now, resume);
        (slot ? this.slotted : this.open).push(waiter);
        if (turn.maxWait < Infinity) {
          waiter.at = now + turn.maxWait;
          this.deadlines.push(waiter);
        }
        // What it missed between asking and queuing, it is served for in a moment.
        if (!this.arm(now)) this.touch(fiber);
        return Effect.withFiber((fiber) => {
          this.abandon(waiter, slot, fiber);
          return Effect.void;
        });
      })
    );
  }

  /** What is known to be too much to wait for. */
  private refuse(turn: Turn, slot: boolean): Refusal | undefined {
    const { cost, maxWait, priority } = turn;
    if (this.meter.check(cost) > this.meter.capacity) {
      return this.tooCostly(cost);
    }
    if (maxWait === Infinity) return undefined;
    const ahead = this.open.demand(priority) +
      (slot ? this.slotted.demand(priority) : 0);
    const known = this.due(this.alarm.time.now(), ahead + cost);
    return known > maxWait && known < Infinity
      ? timeout(maxWait, known)
      : undefined;
  }

  private deny(cost: number): Denied {
    const { meter } = this;
    if (cost > meter.capacity) return denied(meter.narrowest, Infinity);
    meter.tier = meter.narrowest;
    const ahead = this.open.demand(-Infinity) +
      (this.running < this.concurrency ? this.slotted.demand(-Infinity) : 0);
    const wait = this.due(this.alarm.time.now(), ahead + cost);
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
    this.admitted++;
    if (slot) this.running++;
    const remaining = Math.max(0, meter.left(now));
    const { resetAt, tier } = meter;
    return new GivenPermit(tier, remaining, now, cost, resetAt, since, this);
  }

  private correct(permit: GivenPermit, cost: number, fiber: AnyFiber): void {
    if (permit.at < this.resetAt) return;
    this.meter.settle(this.alarm.time.now(), permit, cost);
    this.touch(fiber);
  }

  /** Milliseconds until `demand` units could all have started. */
  private due(now: number, demand: number): number {
    const wait = this.meter.wait(now, demand);
    const pause = this.pausedUntil - now;
    if (pause <= wait) return wait;
    this.meter.tier = "paused";
    return pause;
  }

  /** Who comes first of those whom only the quota holds back. */
  private next(): Waiting | undefined {
    if (this.waiting === 0) return undefined;
    return earlier(
      this.open.head,
      this.running < this.concurrency ? this.slotted.head : undefined,
    );
  }

  /** Lets in whoever can go now, sends away whoever waited too long, and sets the timer for the rest. */
  private serve(): void {
    this.serving = true;
    let now = this.alarm.time.now();
    let moved = true;
    while (moved) {
      while (this.admit(now) || this.expire(now));
      now = this.alarm.time.now();
      moved = this.admit(now) || this.expire(now);
    }
    this.serving = false;
    this.arm(now);
  }

  /** Lets in the one who comes first, if it can go now; one who never can is sent away. */
  private admit(now: number): boolean {
    const waiter = this.next();
    if (waiter === undefined) return false;
    const { cost } = waiter.turn;
    if (cost > this.meter.capacity) {
      return this.dismiss(waiter, this.tooCostly(cost));
    }
    if (this.due(now, cost) > 0) return false;
    const slot = waiter.line === this.slotted;
    this.leave(waiter);
    waiter.given = this.give(now, waiter.since, cost, slot);
    waiter.resume(Exit.succeed(waiter.given));
    return true;
  }

  /** Sends away one who waited too long. */
  private expire(now: number): boolean {
    const waiter = this.deadlines.peek();
    return waiter !== undefined && waiter.at <= now &&
      this.dismiss(waiter, timeout(waiter.turn.maxWait, undefined));
  }

  private dismiss(waiter: Waiting, refusal: Refusal): true {
    this.leave(waiter);
    this.denied++;
    waiter.resume(Exit.fail(refusal));
    return true;
  }

  private tooCostly(cost: number): CostExceedsLimit {
    const { capacity, narrowest } = this.meter;
    return new CostExceedsLimit({ cost, limit: capacity, tier: narrowest });
  }

  private leave(waiter: Waiting): void {
    waiter.line?.remove(waiter);
    this.deadlines.remove(waiter);
  }

  /** Ends a wait that was interrupted: it costs nothing, and what it was given on the way out goes back. */
  private abandon(
    waiter: Waiting,
    slot: boolean,
    fiber: AnyFiber,
  ): void {
    if (waiter.given === undefined) {
      this.leave(waiter);
      return this.touch(fiber);
    }
    this.undo(waiter.given, fiber);
    if (slot) this.release(fiber);
  }

  /** Sets the timer for whoever is served next; says no if that is now. */
  private arm(now: number): boolean {
    const head = this.next();
    const due = head === undefined ? Infinity : this.due(now, head.turn.cost);
    this.alarm.set(
      Math.min(now + due, this.deadlines.peek()?.at ?? Infinity),
      now,
    );
    return due > 0;
  }

  /** Serves in a moment, for something changed. Not at once: who changes it does not do the work of those who wait. */
  private touch(fiber: AnyFiber): void {
    if (this.serving || this.scheduled) return;
    if (this.waiting === 0) return this.alarm.set(Infinity, 0);
    this.scheduled = true;
    fiber.currentDispatcher.scheduleTask(() => {
      this.scheduled = false;
      this.serve();
    }, 0);
  }
}

function timeout(maxWait: number, retryAfter: number | undefined): WaitTimeout {
  return new WaitTimeout({
    maxWait: Duration.millis(maxWait),
    retryAfter: retryAfter === undefined ? undefined : duration(retryAfter),
  });
}

function isNotNow(cause: Cause.Cause<unknown>): boolean {
  const [reason] = cause.reasons;
  return reason?._tag === "Die" && reason.defect === notNow;
}
