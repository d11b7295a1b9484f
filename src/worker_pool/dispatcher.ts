/**
 * A pool at work: who comes in, who runs next, who is told.
 *
 * A job runs in a fiber of its own, made when a worker is free for it, so nothing that it does can reach a worker. To wake a
 * fiber costs more than all else here: whatever happens asks for one pass, soon, which starts all jobs that can start, and
 * wakes those who wait only then.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import type * as Fiber from "effect/Fiber";
import type * as Scheduler from "effect/Scheduler";
import { Alarm } from "../internal/alarm.ts";
import { asyncScope } from "../internal/async_scope.ts";
import { Heap } from "../internal/heap.ts";
import { Histogram, seconds } from "../internal/histogram.ts";
import { instantOf } from "../internal/instant.ts";
import { Lanes } from "../internal/lanes.ts";
import { withoutSlot } from "../internal/slot.ts";
import { plainTurn, type Turn } from "../internal/turn.ts";
import { Limiter } from "../limiter/mod.ts";
import { dies, type End, report, statusOf } from "./end.ts";
import { Deadline, type Pool, PoolJob } from "./job.ts";

type AnyFiber = Fiber.Fiber<unknown, unknown>;
type Answer = (end: Effect.Effect<PoolJob, unknown>) => void;
type Work = Effect.Effect<unknown, unknown, unknown>;

/** How many jobs are started, and for how long at most, before others than the pool get a turn of the event loop. */
const jobsPerPass = 1024;
const millisPerPass = 10;

/** Starts jobs, and knows how many there are. */
export class Dispatcher implements Pool {
  completed = 0;
  failed = 0;
  cancelled = 0;
  running = 0;
  /** Jobs that a worker began, and how long those waited that did not begin in the same millisecond. */
  started = 0;
  readonly waits: Histogram = new Histogram(seconds);
  /** Jobs that a worker will take. */
  readonly queue: Lanes<PoolJob> = new Lanes();
  /** Jobs that there is no room for yet. */
  private readonly door: Lanes<PoolJob> = new Lanes();
  /** Those who wait at the door to hand in a job. */
  private readonly submitters = new Map<PoolJob, Answer>();
  private readonly deadlines = new Heap<Deadline>();
  private readonly runningJobs = new Set<PoolJob>();
  /** What those who wait are told when the pass is over. */
  private notices: Array<() => void> = [];
  private awaitingIdle: Array<() => void> = [];
  private readonly takeTurn: () => boolean;
  private readonly alarm: Alarm;
  private readonly clock: Clock.Clock;
  private readonly dispatcher: Scheduler.SchedulerDispatcher;
  private readonly scope = asyncScope();
  readonly createdAt: number;
  /** When the last job ended, in milliseconds since. */
  private now = 0;
  private scheduled = false;
  private closed = false;
  /** The job that closes the pool, if one does: it would wait for itself. */
  private closer: PoolJob | undefined;

  constructor(
    private readonly limiter: Limiter.Service,
    public workers: number,
    private readonly capacity: number,
    fiber: AnyFiber,
  ) {
    this.takeTurn = instantOf(limiter);
    this.alarm = new Alarm(fiber.context, Effect.sync(() => this.touch()));
    this.clock = fiber.getRef(Clock.Clock);
    this.createdAt = this.clock.currentTimeMillisUnsafe();
    this.dispatcher = fiber.currentDispatcher;
  }

  /** Accepts a job, once there is room for it. */
  submit(effect: Work, turn: Turn): Effect.Effect<PoolJob, unknown> {
    return Effect.withFiber((fiber) => {
      if (this.isOpen) return Effect.succeed(this.enter(effect, turn, fiber));
      return Effect.callback((resume) => {
        if (this.closed) return resume(Effect.interrupt);
        const job = this.enter(effect, turn, fiber);
        // There may be room again: anything can happen between one step and the next.
        if (job.line === this.queue) return resume(Effect.succeed(job));
        this.submitters.set(job, resume);
        return Effect.asVoid(job.cancel);
      });
    });
  }

  /** Runs a job to its end; who is interrupted meanwhile takes it along. */
  run(effect: Work, turn: Turn): Effect.Effect<unknown, unknown> {
    return Effect.withFiber((fiber) =>
      Effect.callback((resume) => {
        if (this.closed) return resume(Effect.interrupt);
        const job = this.enter(effect, turn, fiber);
        const forget = job.whenEnded(resume);
        return Effect.andThen(forget, Effect.asVoid(job.cancel));
      })
    );
  }

  cancel(job: PoolJob): Effect.Effect<boolean> {
    return Effect.withFiber((fiber) => {
      if (job.exit !== undefined) return Effect.succeed(false);
      const first = !job.interrupted;
      this.interrupt(job, fiber.id);
      const cancelled = Effect.sync(() => first && job.status === "cancelled");
      return job.exit !== undefined
        ? cancelled
        : Effect.andThen(job.ended, cancelled);
    });
  }

  resize(workers: number): void {
    this.workers = workers;
    this.touch();
  }

  /** Waits until nothing is queued and nothing runs. */
  readonly idle: Effect.Effect<void> = Effect.callback((resume) => {
    if (this.isIdle) return resume(Effect.void);
    const awaiting = () => resume(Effect.void);
    this.awaitingIdle.push(awaiting);
    return Effect.sync(() => {
      this.awaitingIdle = this.awaitingIdle.filter((one) => one !== awaiting);
    });
  });

  /** Lets jobs go on for so long, then cancels those that are left, and waits for their finalizers. */
  close(drain: number): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      this.closed = true;
      for (let job = this.door.head; job; job = this.door.head) {
        this.withdraw(job, undefined);
      }
      if (this.isIdle) return;
      // Whoever closes may run within the first step of a job, which is known by its fiber after it.
      yield* Effect.yieldNow;
      const closing = yield* Effect.withFiber(Effect.succeed);
      this.closer = [...this.runningJobs].find((job) => job.fiber === closing);
      if (drain > 0) yield* Effect.timeoutOption(this.idle, drain);
      yield* this.clear();
    });
  }

  private clear(): Effect.Effect<void> {
    if (this.isIdle) return Effect.void;
    const others = [...this.runningJobs].filter((job) => job !== this.closer);
    const left =
      `A worker pool was closed with ${this.queue.size} jobs queued and ${others.length} running: they are cancelled`;
    for (let job = this.queue.head; job; job = this.queue.head) {
      this.withdraw(job, undefined);
    }
    for (const job of others) this.interrupt(job, undefined);
    return Effect.andThen(Effect.logWarning(left), this.idle);
  }

  private get age(): number {
    return this.clock.currentTimeMillisUnsafe() - this.createdAt;
  }

  private get isIdle(): boolean {
    const jobs = this.running + this.queue.size + this.door.size;
    return jobs === (this.closer === undefined ? 0 : 1);
  }

  private get hasRoom(): boolean {
    const free = Math.max(0, this.workers - this.running);
    return this.queue.size < this.capacity + free;
  }

  /** Whether a new job can go straight into the queue. */
  private get isOpen(): boolean {
    return !this.closed && this.door.size === 0 && this.hasRoom;
  }

  /** Puts a new job into the queue, or at the door where there is no room. */
  private enter(effect: Work, turn: Turn, fiber: AnyFiber): PoolJob {
    const context = withoutSlot(fiber.context);
    const job = new PoolJob(this, effect, turn, context, this.age);
    (this.isOpen ? this.queue : this.door).push(job);
    if (turn.maxWait < Infinity) {
      const at = this.alarm.time.now() + turn.maxWait;
      job.deadline = new Deadline(job, at);
      this.deadlines.push(job.deadline);
    }
    this.touch();
    return job;
  }

  /** Asks for a pass. */
  private touch(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.dispatcher.scheduleTask(() => this.scope(this.pass), 0);
  }

  private readonly pass = (): void => {
    this.now = this.age;
    const until = this.now + millisPerPass;
    let more = true;
    for (let jobs = 0; more && jobs < jobsPerPass && this.now < until; jobs++) {
      more = this.startNext();
    }
    // Whoever is sent away makes room, which takes another pass.
    this.scheduled = false;
    this.expire();
    if (more) this.touch();
    this.notify();
  };

  /** Lets a worker take the job that comes first, if one is free. */
  private startNext(): boolean {
    this.letIn();
    const job = this.queue.head;
    if (job === undefined || this.running >= this.workers) return false;
    this.queue.remove(job);
    this.forgetDeadline(job);
    this.running++;
    job.status = "running";
    job.startedAt = this.now;
    this.started++;
    const waited = this.now - job.createdAt;
    if (waited > 0) this.waits.record(waited / 1000);
    // The context holds what the effect needs; what that is, a queue of all kinds of effects cannot know by type.
    const work = this.workOf(job) as Effect.Effect<unknown, unknown>;
    const fiber = Effect.runForkWith(job.context)(work);
    const exit = fiber.pollUnsafe();
    if (exit !== undefined) {
      this.end(job, exit);
      return true;
    }
    job.fiber = fiber;
    this.runningJobs.add(job);
    fiber.addObserver((exit) => this.end(job, exit));
    if (job.interrupted) fiber.interruptUnsafe();
    return true;
  }

  /** Moves those who wait at the door into the queue. */
  private letIn(): void {
    for (
      let job = this.door.head;
      job !== undefined && this.hasRoom;
      job = this.door.head
    ) {
      this.door.remove(job);
      this.queue.push(job);
      this.answer(job, Effect.succeed(job));
    }
  }

  /** Tells a submitter that waits at the door. */
  private answer(job: PoolJob, answer: Effect.Effect<PoolJob, unknown>): void {
    const submitter = this.submitters.get(job);
    if (submitter === undefined) return;
    this.submitters.delete(job);
    this.notices.push(() => submitter(answer));
  }

  private forgetDeadline({ deadline }: PoolJob): void {
    if (deadline !== undefined) this.deadlines.remove(deadline);
  }

  /** The work of a job, in the limiter's turn; a limiter that throws is a defect of the job. */
  private workOf(job: PoolJob): Work {
    return job.turn === plainTurn && this.takeTurn()
      ? job.effect!
      : Effect.suspend(() => this.limited(job));
  }

  /** Asks the limiter for the turn of a job, as its caller did. */
  private limited(job: PoolJob): Work {
    const { deadline, turn } = job;
    const effect = job.effect!;
    if (turn === plainTurn) return this.limiter.limit(effect);
    const { cost, priority } = turn;
    if (deadline === undefined) {
      return this.limiter.limit(effect, { cost, priority });
    }
    let begun = false;
    const begin = Effect.suspend(() => {
      begun = true;
      return effect;
    });
    const maxWait = Math.max(0, deadline.at - this.alarm.time.now());
    return Effect.mapError(
      this.limiter.limit(begin, { cost, priority, maxWait }),
      (error) =>
        !begun && error instanceof Limiter.WaitTimeout
          ? tooLate(turn, error.retryAfter)
          : error,
    );
  }

  /** Sends those away whose patience is over, and sets the timer for the next. */
  private expire(): void {
    let next = this.deadlines.peek();
    if (next === undefined) return this.alarm.set(Infinity, 0);
    const now = this.alarm.time.now();
    for (; next !== undefined && next.at <= now; next = this.deadlines.peek()) {
      this.leave(next.job, Exit.fail(tooLate(next.job.turn, undefined)));
    }
    this.alarm.set(next?.at ?? Infinity, now);
  }

  private interrupt(job: PoolJob, by: number | undefined): void {
    if (job.line !== undefined) return this.withdraw(job, by);
    if (job.interrupted) return;
    job.cancelling = [];
    job.fiber?.interruptUnsafe(by);
  }

  /** Takes a job out that was not begun. */
  private withdraw(job: PoolJob, by: number | undefined): void {
    this.leave(job, Exit.interrupt(by));
  }

  /** Ends a job that was not begun. */
  private leave(job: PoolJob, exit: Exit.Exit<never, unknown>): void {
    job.line?.remove(job);
    this.forgetDeadline(job);
    this.answer(job, exit);
    this.settle(job, exit);
  }

  /** Takes the worker back from a job that ran. */
  private end(job: PoolJob, exit: End): void {
    this.running--;
    this.runningJobs.delete(job);
    if (job === this.closer) this.closer = undefined;
    this.settle(job, exit);
  }

  /** Records how a job ended. */
  private settle(job: PoolJob, exit: End): void {
    this.now = this.age;
    const status = statusOf(exit);
    this[status]++;
    job.status = status;
    job.exit = exit;
    job.finishedAt = this.now;
    job.fiber = job.effect = undefined;
    if (job.awaited || dies(exit)) {
      this.notices.push(() => {
        if (!job.notify(exit) && dies(exit)) report(job.context, exit.cause);
      });
    }
    this.touch();
  }

  /** Tells who waits what happened. */
  private notify(): void {
    for (const tell of this.notices.splice(0)) tell();
    if (this.isIdle) { for (const tell of this.awaitingIdle.splice(0)) tell(); }
  }
}

function tooLate(
  { maxWait }: Turn,
  retryAfter: Duration.Duration | undefined,
): Limiter.WaitTimeout {
  return new Limiter.WaitTimeout({
    maxWait: Duration.millis(maxWait),
    retryAfter,
  });
}
