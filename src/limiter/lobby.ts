/**
 * Where callers wait for their turns: who came, who left, who waited too long, and the one timer.
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
import { forkFrom } from "../internal/async_scope.ts";
import { Heap } from "../internal/heap.ts";
import { Histogram, seconds } from "../internal/histogram.ts";
import type { Lanes } from "../internal/lanes.ts";
import { duration } from "../internal/time.ts";
import { type CostExceedsLimit, WaitTimeout } from "./turn.ts";
import type { Waiter } from "./waiter.ts";

/** Why a turn was not given. */
export type Refusal = CostExceedsLimit | WaitTimeout;

/** Any fiber: the one that changes something lends its dispatcher. */
export type AnyFiber = Fiber.Fiber<unknown, unknown>;

/** Those who wait for an `A`. */
export class Lobby<A> {
  /** Turns given, and those among them that were taken back before anything began. */
  given = 0;
  undone = 0;
  denied = 0;
  /** How long those waited who had to. */
  readonly waits: Histogram = new Histogram(seconds);
  readonly alarm: Alarm;
  private readonly deadlines = new Heap<Waiter<A, Refusal>>();
  /** Runs something in a fiber of its own, in the async context of the limiter. */
  readonly start: (effect: Effect.Effect<void>) => unknown;
  private scheduled = false;

  constructor(
    context: Context.Context<never>,
    private readonly serve: Effect.Effect<void>,
  ) {
    this.alarm = new Alarm(context, serve);
    this.start = forkFrom(context);
  }

  get admitted(): number {
    return this.given - this.undone;
  }

  now(): number {
    return this.alarm.time.now();
  }

  /** The first deadline. */
  get deadline(): number {
    return this.deadlines.peek()?.at ?? Infinity;
  }

  /** Puts a caller in line, last of its priority. */
  join(
    line: Lanes<Waiter<A, Refusal>>,
    waiter: Waiter<A, Refusal>,
  ): void {
    line.push(waiter);
    if (waiter.turn.maxWait < Infinity) this.hurry(waiter);
  }

  /** Lets the patience of one who waits count, from when it came. */
  hurry(waiter: Waiter<A, Refusal>): void {
    this.deadlines.push(waiter);
  }

  leave(waiter: Waiter<A, Refusal>): void {
    waiter.line?.remove(waiter);
    this.deadlines.remove(waiter);
  }

  /** Lets a caller in. */
  admit(waiter: Waiter<A, Refusal>, given: A): void {
    this.leave(waiter);
    waiter.given = given;
    waiter.resume(Exit.succeed(given));
  }

  /** Sends a caller away. */
  dismiss(waiter: Waiter<A, Refusal>, refusal: Refusal): void {
    this.leave(waiter);
    this.denied++;
    waiter.resume(Exit.fail(refusal));
  }

  /** Lets a caller die of what went wrong in serving it, if it still waits. */
  fail(waiter: Waiter<A, Refusal>, cause: Cause.Cause<never>): void {
    if (waiter.line === undefined) return;
    this.leave(waiter);
    waiter.resume(Exit.failCause(cause));
  }

  /** Sends one away who waited too long, if there is one. */
  expire(now: number): boolean {
    const waiter = this.deadlines.peek();
    if (waiter === undefined || waiter.at > now) return false;
    this.dismiss(waiter, timeout(waiter.turn.maxWait, undefined));
    return true;
  }

  /** Refuses a caller who did not get to wait. */
  refuse(refusal: Refusal): Effect.Effect<never, Refusal> {
    this.denied++;
    return Effect.fail(refusal);
  }

  /** Serves in a moment. Not at once: who changes something does not do the work of those who wait. */
  soon(fiber: AnyFiber): void {
    if (this.scheduled) return;
    this.scheduled = true;
    fiber.currentDispatcher.scheduleTask(() => {
      this.scheduled = false;
      this.start(this.serve);
    }, 0);
  }
}

/** Says how long was waited, or would have been. */
export function timeout(
  maxWait: number,
  retryAfter: number | undefined,
): WaitTimeout {
  return new WaitTimeout({
    maxWait: Duration.millis(maxWait),
    retryAfter: retryAfter === undefined ? undefined : duration(retryAfter),
  });
}
