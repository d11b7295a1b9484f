/**
 * A bounded queue whose two ends wait for each other.
 *
 * To suspend a fiber costs more than to move many items, so nobody is woken for one. Whoever changes something asks for one
 * settling, later: it moves all waiting items that fit, and only then wakes those who waited, one after the other while there
 * is something to wake them for. Whoever takes the last item moves those that wait itself.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import type * as Scheduler from "effect/Scheduler";
import { Ring } from "../internal/ring.ts";

/** What a full pipe does. */
export type Overflow = "suspend" | "dropping" | "sliding";

/** Items on their way into a pipe, in order. */
export class Load<A> {
  /** Whether the next item has its turn already. */
  turn = false;
  /** Tells who waits that the pipe can do no more for it. */
  resume: ((done: Effect.Effect<void>) => void) | undefined;
  private next = 0;

  constructor(private readonly items: ReadonlyArray<A>) {}

  get empty(): boolean {
    return this.next === this.items.length;
  }

  /** Takes the next item. There must be one. */
  take(): A {
    this.turn = false;
    // It is within the bounds, and an `A` may be undefined.
    return this.items[this.next++] as A;
  }
}

/** Holds at most `capacity` items, first in, first out. Loads that wait are put in turn, item by item. */
export class Pipe<A, E = never> {
  /** Items that were put, dropped ones too. */
  put = 0;
  dropped = 0;
  /** The most that it held. */
  peak = 0;
  /**
   * Waits until there is something to take; once it is over, gives what it ended with. It takes nothing: what is there may
   * be gone again.
   */
  readonly ready: Effect.Effect<void, E>;
  private readonly items = new Ring<A>();
  private readonly waiting = new Ring<Load<A>>();
  /** Those that the pipe can do no more for: all is put, or the next turn does not come at once. */
  private served: Array<Load<A>> = [];
  private readonly takers = new Set<(due: Effect.Effect<void, E>) => void>();
  private ended: Exit.Exit<void, E> | undefined;
  private settling = false;

  constructor(
    private readonly capacity: number,
    private overflow: Overflow,
    /** Takes a turn for an item, if that can be done at once. */
    private readonly takeTurn: () => boolean,
    private readonly dispatcher: Scheduler.SchedulerDispatcher,
  ) {
    this.ready = Effect.callback<void, E>((resume) => {
      const due = this.due();
      if (due !== undefined) return resume(due);
      this.takers.add(resume);
      return Effect.sync(() => this.takers.delete(resume));
    });
  }

  /** How many items it holds. */
  get size(): number {
    return this.items.size;
  }

  /** Whether nothing is left, and nothing will come. */
  get over(): boolean {
    return this.ended !== undefined && this.items.size === 0;
  }

  /** Puts what can be put at once, each item in its turn; says whether that was all. */
  fill(load: Load<A>): boolean {
    // Whoever waits already comes first.
    while (this.waiting.size === 0 && this.hasTurn(load) && this.hasRoom) {
      this.push(load.take());
    }
    return load.empty;
  }

  /** Waits for room for an item that has its turn, and for those after it as long as their turns come at once. */
  wait(load: Load<A>): Effect.Effect<void> {
    return Effect.callback((resume) => {
      load.resume = resume;
      this.waiting.push(load);
      this.settle();
    });
  }

  /** Puts an item, and waits for room as long as there is none. */
  give(item: A): Effect.Effect<void> {
    const load = new Load([item]);
    return this.fill(load) ? Effect.void : this.wait(load);
  }

  /** Whether there is something to take, now that room is made use of. */
  refill(): boolean {
    if (this.items.size === 0 && this.waiting.size > 0) this.letIn();
    return this.items.size > 0;
  }

  /** Takes the oldest. There must be one. */
  take(): A {
    const item = this.items.shift();
    if (this.waiting.size > 0) this.settle();
    return item;
  }

  /** Takes all that is there, oldest first. */
  takeAll(): Array<A> {
    const items = this.items.drain();
    if (this.waiting.size > 0) this.settle();
    return items;
  }

  /** Ends it once what it holds is taken. Whoever waits to put something, or comes to, waits for ever. */
  end(exit: Exit.Exit<void, E>): void {
    this.ended = exit;
    this.waiting.clear();
    this.settle();
  }

  /** Forgets what it holds. */
  clear(): void {
    this.items.clear();
  }

  /** Lets nobody wait any more to put something: nobody takes it. */
  abandon(): void {
    this.overflow = "dropping";
    this.settle();
  }

  /** What a taker is told now: to take, or how it ended. */
  private due(): Exit.Exit<void, E> | undefined {
    return this.refill() ? Exit.void : this.ended;
  }

  /** Whether one more may be put: there is room, or it is made, and somebody is there to take it. */
  private get hasRoom(): boolean {
    return this.ended === undefined &&
      (this.overflow !== "suspend" || this.items.size < this.capacity);
  }

  private push(item: A): void {
    const { items } = this;
    this.put++;
    if (items.size === this.capacity) {
      this.dropped++;
      if (this.overflow === "dropping") return;
      items.shift();
    }
    items.push(item);
    if (items.size > this.peak) this.peak = items.size;
    if (this.takers.size > 0) this.settle();
  }

  private settle(): void {
    if (this.settling) return;
    this.settling = true;
    this.dispatcher.scheduleTask(() => {
      this.settling = false;
      this.letIn();
      const { served } = this;
      this.served = [];
      for (const load of served) load.resume?.(Exit.void);
      this.wakeTakers();
    }, 0);
  }

  /** Puts what fits, one item of each load in turn. */
  private letIn(): void {
    while (this.waiting.size > 0 && this.hasRoom) {
      const load = this.waiting.shift();
      this.push(load.take());
      if (this.hasTurn(load)) this.waiting.push(load);
      else this.served.push(load);
    }
    if (this.served.length > 0) this.settle();
  }

  /** Whether the next item has its turn, now that it may be taken. */
  private hasTurn(load: Load<A>): boolean {
    return !load.empty && (load.turn ||= this.takeTurn());
  }

  /** A taker runs as it is woken: the next one is woken only if there is something left. */
  private wakeTakers(): void {
    for (const resume of this.takers) {
      const due = this.due();
      if (due === undefined) return;
      this.takers.delete(resume);
      resume(due);
    }
  }
}
