/**
 * Requests on their way to be asked together.
 *
 * @module
 */
import type { NonEmptyReadonlyArray } from "effect/Array";
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import { Alarm } from "../internal/alarm.ts";
import { Histogram, seconds } from "../internal/histogram.ts";
import { Limiter } from "../limiter/mod.ts";
import type { Counts } from "./metrics.ts";
import type { Plan } from "./plan.ts";

/** Answers many requests, in their order. */
export type Run<A, B, E, R> = (
  requests: NonEmptyReadonlyArray<A>,
) => Effect.Effect<ReadonlyArray<B>, E, R>;

type AnyFiber = Fiber.Fiber<unknown, unknown>;

/** One who asked. */
interface Caller<A, B, E> {
  readonly request: A;
  readonly key: unknown;
  readonly since: number;
  readonly resume: (end: Effect.Effect<B, E>) => void;
  /** What it asks for; nothing while there is no room. */
  question: Question<A, B, E> | undefined;
}

/** One thing to ask, and all who want to know. */
interface Question<A, B, E> {
  readonly request: A;
  readonly key: unknown;
  readonly since: number;
  readonly callers: Set<Caller<A, B, E>>;
  /** The batch that it went with. */
  batch: Batch<A, B, E> | undefined;
}

/** A batch that waits for its turn, or runs. */
class Batch<A, B, E> {
  fiber: AnyFiber | undefined;
  /** What it asks, once it goes. */
  questions: ReadonlyArray<Question<A, B, E>> | undefined;
  /** How many of them somebody still waits for. */
  wanted = 0;
}

/** Gathers requests, and asks them together. */
export class Gatherer<A, B, E, R> implements Counts {
  /** How long those waited who went with a batch. */
  readonly waits: Histogram = new Histogram(seconds);
  /** What was not asked yet, by key; first come, first asked. */
  private readonly waiting = new Map<unknown, Question<A, B, E>>();
  /** Who asked where no more may wait. */
  private readonly outside = new Set<Caller<A, B, E>>();
  private readonly batches = new Set<Batch<A, B, E>>();
  /** The batch that waits for its turn: it takes with it what is there when the turn comes. */
  private boarding: Batch<A, B, E> | undefined;
  private readonly limiter: Limiter.Service;
  private readonly fork: <X>(
    effect: Effect.Effect<X, E, R>,
  ) => Fiber.Fiber<X, E>;
  private readonly alarm: Alarm;
  private scheduled = false;
  private closed = false;

  constructor(
    private readonly run: Run<A, B, E, R>,
    private readonly plan: Plan<A>,
    context: Context.Context<R | Limiter.Limiter>,
  ) {
    this.limiter = Context.get(context, Limiter.Limiter);
    this.fork = Effect.runForkWith(context);
    this.alarm = new Alarm(context, Effect.sync(() => this.depart()));
  }

  /** How many callers wait for their batch. */
  get pending(): number {
    let pending = this.outside.size;
    for (const { callers } of this.waiting.values()) pending += callers.size;
    return pending;
  }

  /** How many batches wait for their turn, or run. */
  get running(): number {
    return this.batches.size;
  }

  /** Asks, and waits for the answer. */
  ask(request: A): Effect.Effect<B, E> {
    return Effect.withFiber((fiber) => {
      const key = this.plan.key?.(request) ?? {};
      return Effect.callback((resume) => {
        if (this.closed) return resume(Effect.interrupt);
        const since = this.alarm.time.now();
        const caller = { request, key, since, resume, question: undefined };
        if (!this.join(caller)) this.outside.add(caller);
        // Only who is first, or fills a batch, changes when the next one goes.
        const { size } = this.waiting;
        if (size === 1 || size >= this.plan.batchSize) this.touch(fiber);
        return Effect.withFiber((fiber) => this.leave(caller, fiber));
      });
    });
  }

  /** Interrupts all who wait, and all that runs. */
  readonly close: Effect.Effect<void> = Effect.withFiber((closing) => {
    this.closed = true;
    this.alarm.set(Infinity, 0);
    const callers = [
      ...[...this.waiting.values()].flatMap(({ callers }) => [...callers]),
      ...this.outside,
    ];
    this.waiting.clear();
    this.outside.clear();
    for (const { resume } of callers) resume(Effect.interrupt);
    const fibers = [...this.batches].flatMap(({ fiber }) => fiber ?? []);
    // One that closes the scope would wait for itself.
    return Fiber.interruptAll(fibers.filter((fiber) => fiber !== closing));
  });

  /** Lets a caller wait with the others, if there is room or another one asks the same. */
  private join(caller: Caller<A, B, E>): boolean {
    const { key, request, since } = caller;
    let question = this.waiting.get(key);
    if (question === undefined) {
      if (this.waiting.size >= this.plan.capacity) return false;
      const callers = new Set<Caller<A, B, E>>();
      question = { request, key, since, callers, batch: undefined };
      this.waiting.set(key, question);
    }
    question.callers.add(caller);
    caller.question = question;
    return true;
  }

  /** Forgets a caller who was interrupted; what nobody wants to know any more is not asked, or not asked to the end. */
  private leave(
    caller: Caller<A, B, E>,
    fiber: AnyFiber,
  ): Effect.Effect<void> {
    const { question } = caller;
    if (question === undefined) {
      this.outside.delete(caller);
      return Effect.void;
    }
    const { batch, callers } = question;
    callers.delete(caller);
    if (callers.size > 0) return Effect.void;
    if (batch !== undefined) {
      batch.wanted--;
      return batch.wanted === 0 ? stop(batch) : Effect.void;
    }
    this.waiting.delete(question.key);
    this.admit();
    this.touch(fiber);
    return this.waiting.size === 0 ? this.stay() : Effect.void;
  }

  /** Gives up the turn that was waited for: nothing is left to ask. */
  private stay(): Effect.Effect<void> {
    const { boarding } = this;
    if (boarding === undefined) return Effect.void;
    this.boarding = undefined;
    boarding.questions = [];
    return stop(boarding);
  }

  /** Lets in who is outside, as far as there is room. */
  private admit(): void {
    for (const caller of this.outside) {
      if (!this.join(caller)) break;
      this.outside.delete(caller);
    }
  }

  /** When the next batch goes. */
  private due(now: number): number {
    if (this.boarding !== undefined) return Infinity;
    if (this.batches.size >= this.plan.concurrency) return Infinity;
    if (this.waiting.size >= this.plan.batchSize) return now;
    const [first] = this.waiting.values();
    return first === undefined ? Infinity : first.since + this.plan.within;
  }

  /** Sends batches on their way in a moment, if it is time: not at once, for others may be about to ask. */
  private touch(fiber: AnyFiber): void {
    const now = this.alarm.time.now();
    const due = this.due(now);
    if (due > now) {
      this.alarm.set(due, now);
    } else if (!this.scheduled) {
      this.scheduled = true;
      fiber.currentDispatcher.scheduleTask(() => {
        this.scheduled = false;
        this.depart();
      }, 0);
    }
  }

  /** Sends as many batches on their way as may go now, and sets the timer for the next one. */
  private depart(): void {
    for (;;) {
      const now = this.alarm.time.now();
      const due = this.due(now);
      if (due > now) return this.alarm.set(due, now);
      this.send();
    }
  }

  private send(): void {
    const batch = new Batch<A, B, E>();
    this.batches.add(batch);
    this.boarding = batch;
    const asked = Effect.suspend(() =>
      this.limiter.limit(Effect.withFiber((fiber) => this.go(batch, fiber)))
    );
    // It may end before any step of its own but the first.
    const fiber = this.fork(Effect.withFiber((fiber) => {
      batch.fiber = fiber;
      return asked;
    }));
    fiber.addObserver((exit) => this.settle(batch, exit, fiber));
  }

  /** The turn has come: takes what is there, and asks it. */
  private go(
    batch: Batch<A, B, E>,
    fiber: AnyFiber,
  ): Effect.Effect<ReadonlyArray<B>, E, R> {
    const questions = this.board(batch);
    this.touch(fiber);
    const [first, ...rest] = questions.map(({ request }) => request);
    if (first === undefined) return Effect.succeed([]);
    return Effect.map(this.run([first, ...rest]), (answers) => {
      if (answers.length === questions.length) return answers;
      throw new Error(
        `${questions.length} requests were gathered, and got ${answers.length} answers`,
      );
    });
  }

  private board(batch: Batch<A, B, E>): ReadonlyArray<Question<A, B, E>> {
    if (batch.questions !== undefined) return batch.questions;
    this.boarding = undefined;
    const questions = this.waiting.values().take(this.plan.batchSize).toArray();
    const now = this.alarm.time.now();
    for (const question of questions) {
      this.waiting.delete(question.key);
      question.batch = batch;
      for (const { since } of question.callers) {
        this.waits.record((now - since) / 1000);
      }
    }
    batch.questions = questions;
    batch.wanted = questions.length;
    this.admit();
    return questions;
  }

  /** Gives each caller its answer, or what went wrong. */
  private settle(
    batch: Batch<A, B, E>,
    exit: Exit.Exit<ReadonlyArray<B>, E>,
    fiber: AnyFiber,
  ): void {
    // What went wrong with the limiter is told to those who would have gone.
    const questions = this.board(batch);
    this.batches.delete(batch);
    this.touch(fiber);
    for (const [i, { callers }] of questions.entries()) {
      const end = Exit.map(exit, (answers) => answers[i]!);
      for (const { resume } of callers) resume(end);
    }
  }
}

function stop<A, B, E>({ fiber }: Batch<A, B, E>): Effect.Effect<void> {
  return fiber === undefined ? Effect.void : Fiber.interrupt(fiber);
}
