/**
 * Runs the tasks of a process: claims them, holds their leases, settles them.
 *
 * @module
 */
import type * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type * as Exit from "effect/Exit";
import type * as Fiber from "effect/Fiber";
import * as Queue from "effect/Queue";
import * as Schedule from "effect/Schedule";
import type * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import { forkFrom } from "../internal/async_scope.ts";
import { refuse } from "../internal/check.ts";
import { timeIn } from "../internal/time.ts";
import type { Limiter } from "../limiter/mod.ts";
import { codecsOf } from "./codecs.ts";
import { handlerMetrics, Tally } from "./metrics.ts";
import type { Claimed, Lease, Outcome } from "./model.ts";
import { Misfit, outcomeOf, type Reason } from "./outcome.ts";
import type { Handler } from "./registry.ts";
import type { Run } from "./kind.ts";
import type { Service as Store, TaskStoreError } from "./store_service.ts";
import type { Timekeeper } from "./timekeeper.ts";

/** How a process takes part. Times are milliseconds. */
export interface Settings {
  readonly workers: number;
  readonly lease: number;
  readonly drain: number;
}

/** A handler, and what became of its attempts. */
interface Post {
  readonly handler: Handler;
  readonly tally: Tally;
}

/** One attempt that runs here. */
class Attempt {
  fiber: Fiber.Fiber<unknown, unknown> | undefined;
  /** Why it was interrupted, if it was from outside. */
  reason: Reason | undefined;

  constructor(
    readonly post: Post,
    readonly claimed: Claimed,
    readonly begun: number,
  ) {}
}

/** How one attempt ended. */
interface Settlement {
  readonly lease: Lease;
  readonly outcome: Outcome;
}

/** How long a store that failed is left alone, in milliseconds. */
const pause = 1000;
/** How long handlers have to stop when they were interrupted, in milliseconds. */
const farewell = 1000;
/** How many tasks are settled in one step at most. */
const together = 100;

/** How a settlement is tried again, until the store takes it. */
const persistently = Schedule.exponential("50 millis").pipe(
  Schedule.modifyDelay(({ duration }) =>
    Effect.succeed(Duration.min(duration, Duration.seconds(5)))
  ),
);

/** Claims tasks for the handlers of this process, and runs them. */
export class Runner {
  private readonly posts = new Map<string, Post>();
  private readonly running = new Map<string, Attempt>();
  private readonly settlements: Array<Settlement> = [];
  private readonly fork: <A, E>(
    effect: Effect.Effect<A, E>,
  ) => Fiber.Fiber<A, E>;
  private isSettling = false;
  /** When all has to be over, once the first handler ends. */
  private deadline: number | undefined;
  private readonly now: () => number;
  private readonly whenDone = new Set<() => void>();

  private constructor(
    private readonly store: Store,
    private readonly limiter: Limiter.Service,
    private readonly settings: Settings,
    private readonly timekeeper: Timekeeper,
    private readonly wake: Queue.Queue<void>,
    context: Context.Context<never>,
  ) {
    this.fork = forkFrom(context);
    this.now = timeIn(context).now;
  }

  /** Begins, until the scope ends. */
  static start(
    store: Store,
    limiter: Limiter.Service,
    settings: Settings,
    timekeeper: Timekeeper,
    wake: Queue.Queue<void>,
  ): Effect.Effect<Runner, never, Scope.Scope> {
    return Effect.gen(function* () {
      const context = yield* Effect.context<never>();
      const runner = new Runner(
        store,
        limiter,
        settings,
        timekeeper,
        wake,
        context,
      );
      // In the end, leases are held until the last one is given back.
      yield* Effect.forkScoped(runner.keeping);
      yield* Effect.addFinalizer(() => runner.ending);
      yield* Effect.forkScoped(runner.claiming);
      yield* Effect.forkScoped(
        Stream.runForEach(store.changes, () => runner.look),
      );
      return runner;
    });
  }

  /** Lets a handler run tasks until the scope ends. */
  register(handler: Handler): Effect.Effect<void, never, Scope.Scope> {
    const { name } = handler.task;
    const tally = new Tally();
    const taking = Effect.acquireRelease(
      Effect.suspend(() => {
        if (this.posts.has(name)) refuse("name", "of one handler only", name);
        this.posts.set(name, { handler, tally });
        this.deadline = undefined;
        return this.look;
      }),
      () => {
        this.posts.delete(name);
        return this.end(({ post }) => post.handler === handler);
      },
    );
    return Effect.andThen(
      handlerMetrics.show(tally, { task: name }, name),
      taking,
    );
  }

  /** Interrupts a task that is to be cancelled, if it runs here. */
  cancel(id: string): void {
    for (const attempt of this.running.values()) {
      if (attempt.claimed.id === id) this.stop(attempt, "cancelled");
    }
  }

  /** Looks whether something is to be done. */
  get look(): Effect.Effect<void> {
    return Effect.asVoid(Queue.offer(this.wake, undefined));
  }

  private get claiming(): Effect.Effect<void> {
    const { lease } = this.settings;
    return Effect.gen({ self: this }, function* () {
      let patience = 0;
      while (true) {
        if (patience > 0) {
          yield* Queue.take(this.wake).pipe(Effect.timeoutOption(patience));
        }
        patience = yield* Effect.catch(
          this.claim,
          (error) =>
            Effect.as(
              Effect.logWarning("Tasks cannot be claimed", error),
              pause,
            ),
        );
        if (patience > lease) patience = lease;
      }
    });
  }

  /** Claims what can begin now. Says how long until it is worth to look again, if nothing calls before. */
  private get claim(): Effect.Effect<number, TaskStoreError> {
    return Effect.gen({ self: this }, function* () {
      const free = this.settings.workers - this.running.size;
      if (free <= 0 || this.posts.size === 0) return Infinity;
      const turn = yield* this.limiter.peek();
      if (turn._tag === "Denied") return Duration.toMillis(turn.retryAfter);
      const limit = Math.max(1, Math.min(free, Math.floor(turn.remaining)));
      const claim = this.store.claim({
        names: [...this.posts.keys()],
        limit,
        lease: Duration.millis(this.settings.lease),
      });
      // What is claimed and not begun would wait until its lease has passed.
      const claimed = yield* Effect.uninterruptible(Effect.tap(
        claim,
        (tasks) => Effect.sync(() => tasks.forEach((task) => this.begin(task))),
      ));
      if (claimed.length === limit) return 0;
      // Only now does the store know which lanes have to wait.
      yield* this.timekeeper.look;
      return Infinity;
    });
  }

  private begin(claimed: Claimed): void {
    const { lease, name, payload } = claimed;
    const post = this.posts.get(name);
    if (post === undefined) return this.settle(lease, { _tag: "Released" });
    const { handler, tally } = post;
    const attempt = new Attempt(post, claimed, this.now());
    this.running.set(lease.token, attempt);
    tally.begin(claimed);
    const work = codecsOf(handler.task).decodePayload(payload).pipe(
      Effect.mapError((error) => new Misfit(error.message)),
      Effect.flatMap((value) => handler.run(value, this.seenBy(attempt))),
    );
    attempt.fiber = this.fork(this.limiter.limit(work));
    attempt.fiber.addObserver((exit) => this.conclude(attempt, exit));
  }

  /** What a handler knows of its attempt. */
  private seenBy(attempt: Attempt): Run {
    const { attempts, id, lease } = attempt.claimed;
    return {
      id,
      attempt: attempts,
      progress: (progress) =>
        this.store.progress(lease, progress).pipe(
          Effect.map((isHeld) => isHeld || this.stop(attempt, "lost")),
          Effect.catch((error) =>
            Effect.logWarning(`The progress of task "${id}" is lost`, error)
          ),
          Effect.asVoid,
        ),
    };
  }

  /** Interrupts an attempt; the first reason counts. */
  private stop(attempt: Attempt, reason: Reason): void {
    attempt.reason ??= reason;
    attempt.fiber?.interruptUnsafe();
  }

  private conclude(attempt: Attempt, exit: Exit.Exit<unknown, unknown>): void {
    const { claimed, post, reason } = attempt;
    if (reason === "lost") return this.forget(claimed.lease, "Lost");
    this.fork(Effect.map(
      outcomeOf(post.handler, claimed, exit, reason),
      (outcome) => this.settle(claimed.lease, outcome),
    ));
  }

  private settle(lease: Lease, outcome: Outcome): void {
    this.settlements.push({ lease, outcome });
    if (this.isSettling) return;
    this.isSettling = true;
    this.fork(this.settling);
  }

  /** What ends while a step is under way is settled in the next one. */
  private get settling(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      yield* Effect.yieldNow;
      while (this.settlements.length > 0) {
        const batch = this.settlements.splice(0, together);
        // It was checked that there is one.
        const [first, ...rest] = batch as [Settlement];
        const lost = yield* this.store.settle([first, ...rest]).pipe(
          Effect.tapError((error) =>
            Effect.logWarning("Tasks cannot be settled", error)
          ),
          Effect.retry(persistently),
          Effect.orDie,
        );
        for (const { id } of lost) {
          yield* Effect.logWarning(`The lease of task "${id}" was lost`);
        }
        const tokens = new Set(lost.map(({ token }) => token));
        for (const { lease, outcome } of batch) {
          this.forget(lease, tokens.has(lease.token) ? "Lost" : outcome._tag);
        }
      }
      this.isSettling = false;
      this.check();
    });
  }

  private forget({ token }: Lease, how: Outcome["_tag"] | "Lost"): void {
    const attempt = this.running.get(token);
    if (attempt !== undefined) {
      this.running.delete(token);
      attempt.post.tally.end(how, this.now() - attempt.begun);
    }
    Queue.offerUnsafe(this.wake, undefined);
    this.check();
  }

  private check(): void {
    for (const check of this.whenDone) check();
  }

  /** Holds the leases of what runs here, and takes those that nobody holds any more. */
  private get keeping(): Effect.Effect<void> {
    const lease = Duration.millis(this.settings.lease);
    const keep = Effect.gen({ self: this }, function* () {
      const held = [...this.running.values()].map(({ claimed }) =>
        claimed.lease
      );
      const [first, ...rest] = held;
      if (first !== undefined) {
        const { cancelled, lost } = yield* this.store.heartbeat(
          [first, ...rest],
          lease,
        );
        for (
          const [leases, reason] of [
            [lost, "lost"],
            [cancelled, "cancelled"],
          ] as const
        ) {
          for (const { token } of leases) {
            const attempt = this.running.get(token);
            if (attempt !== undefined) this.stop(attempt, reason);
          }
        }
      }
      yield* this.store.reap(together);
    });
    return keep.pipe(
      Effect.catch((error) =>
        Effect.logWarning("Leases cannot be held", error)
      ),
      Effect.delay(Duration.millis(this.settings.lease / 3)),
      Effect.forever,
    );
  }

  /** Ends all, once nothing more is claimed. What was claimed too late to begin is only settled. */
  private get ending(): Effect.Effect<void> {
    return Effect.andThen(
      this.end(() => true),
      this.until(() => !this.isSettling, farewell),
    );
  }

  /** Lets attempts go on until the end of `drain`, then hands them back. */
  private end(which: (attempt: Attempt) => boolean): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      this.deadline ??= this.now() + this.settings.drain;
      const left = () => [...this.running.values()].filter(which);
      const none = () => left().length === 0;
      yield* this.until(none, this.deadline - this.now());
      for (const attempt of left()) this.stop(attempt, "released");
      yield* this.until(none, farewell);
      const stubborn = left();
      if (stubborn.length === 0) return;
      for (const { claimed } of stubborn) this.forget(claimed.lease, "Lost");
      yield* Effect.logWarning(
        `${stubborn.length} tasks did not end when told to; they run again when their leases have passed`,
      );
    });
  }

  /** Waits until something holds, but not for longer. */
  private until(holds: () => boolean, millis: number): Effect.Effect<void> {
    const held = Effect.callback<void>((resume) => {
      const check = () => {
        if (!holds()) return;
        this.whenDone.delete(check);
        resume(Effect.void);
      };
      this.whenDone.add(check);
      check();
      return Effect.sync(() => this.whenDone.delete(check));
    });
    return Effect.interruptible(held).pipe(
      Effect.timeoutOption(Math.max(0, millis)),
      Effect.asVoid,
    );
  }
}
