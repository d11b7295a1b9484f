/**
 * Callers of all kinds that ask through one function, and what must hold whatever happens.
 *
 * @module
 */
import { Batch, Limiter } from "@weir/weir";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Scope from "effect/Scope";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Dice, monotonic, pause } from "../support/dice.ts";
import {
  checkIdle,
  checkRate,
  drawLimit,
  isUnlimited,
  type Limit,
  limiterOf,
} from "../support/limits.ts";

/** How late timers may be where callers gather. */
export const lateness = 2;

/** Somebody who asks. */
interface Caller {
  readonly request: number;
  readonly before: number;
  /** When it is interrupted. */
  readonly patience: number;
  askedAt: number;
  /** The batch that it was asked with. */
  batch: Asked | undefined;
  exit: Exit.Exit<string, string> | undefined;
  /** Whether it was interrupted, and has ended. */
  gone: boolean;
}

/** Requests that were asked together. */
interface Asked {
  readonly requests: ReadonlyArray<number>;
  readonly end: "answers" | "fails" | "dies" | "miscounts";
  readonly callers: ReadonlyArray<Caller>;
  running: boolean;
}

/** Runs a gathering that is drawn by chance; its scope may be closed in the middle. */
export const gathering = (closes: boolean): Effect.Effect<void> =>
  Effect.gen(function* () {
    const dice = yield* Dice.make;
    const limit = drawLimit(dice);
    const limiter = yield* limiterOf(limit);
    yield* new Gathering(dice, closes, limit, limiter).run;
    yield* checkIdle(limiter);
  });

class Gathering {
  private readonly within: number;
  private readonly concurrency: number;
  private readonly capacity: number;
  private readonly batchSize: number;
  private readonly keyed: boolean;
  private readonly callers: ReadonlyArray<Caller>;
  private readonly asked: Array<Asked> = [];
  private readonly starts: Array<{ readonly at: number; readonly cost: 1 }> =
    [];
  private running = 0;
  /** Since when a batch could have started. */
  private freeSince = 0;
  private closed = false;
  private readonly faults: Array<string> = [];

  constructor(
    private readonly dice: Dice,
    private readonly closes: boolean,
    private readonly limit: Limit,
    private readonly limiter: Limiter.Service,
  ) {
    this.within = dice.pick(0, dice.whole(1, 8));
    this.concurrency = dice.whole(1, 3);
    this.capacity = dice.pick(1, 2, 3, 100);
    this.batchSize = dice.whole(1, 4);
    this.keyed = dice.happens(0.4);
    this.callers = dice.list(dice.whole(1, 8), (n) => ({
      request: this.keyed ? dice.whole(0, 2) : n,
      before: dice.pause(12),
      patience: dice.happens(0.4) ? dice.pause(12) : Infinity,
      askedAt: Infinity,
      batch: undefined,
      exit: undefined,
      gone: false,
    }));
  }

  get run(): Effect.Effect<void> {
    const { dice, limiter } = this;
    const closesAt = this.closes ? dice.pause(25) : Infinity;
    const works = dice.list(20, () => ({
      takes: dice.pause(8),
      closes: dice.happens(0.3) ? dice.whole(1, 4) : 0,
      end: dice.happens(0.7)
        ? "answers" as const
        : dice.pick("fails", "dies", "miscounts"),
    }));
    const ask = (requests: ReadonlyArray<number>) => {
      const work = works[this.asked.length % works.length]!;
      return Effect.acquireUseRelease(
        this.begin(requests, work.end),
        () => Effect.andThen(pause(work.takes), answer(requests, work.end)),
        (asked) => Effect.andThen(pause(work.closes), this.finish(asked)),
      );
    };
    return Effect.gen({ self: this }, function* () {
      const scope = yield* Scope.make();
      const { batchSize, capacity, concurrency, keyed, within } = this;
      const one = yield* Batch.gather(ask, {
        ...{ batchSize, capacity, concurrency, within },
        key: keyed ? String : undefined,
      }).pipe(
        Effect.provideService(Limiter.Limiter, limiter),
        Scope.provide(scope),
      );
      const close = Effect.andThen(
        Effect.sync(() => {
          this.closed = true;
        }),
        Scope.close(scope, Exit.void),
      );
      const closing = closesAt < Infinity
        ? [Effect.andThen(pause(closesAt), close)]
        : [];
      yield* Effect.all(
        [...this.callers.map((caller) => this.call(caller, one)), ...closing],
        { concurrency: "unbounded", discard: true },
      );
      yield* close;
      strictEqual(this.running, 0, "a batch outlives the scope");
      const batches = this.asked.length;
      yield* Effect.sleep(30);
      strictEqual(
        this.asked.length,
        batches,
        "a batch was asked after the end",
      );
      this.check();
    });
  }

  private call(
    caller: Caller,
    one: (request: number) => Effect.Effect<string, string>,
  ): Effect.Effect<void> {
    const { before, patience, request } = caller;
    const asking = Effect.andThen(
      Effect.map(monotonic, (at) => {
        caller.askedAt = at;
      }),
      one(request),
    );
    return Effect.gen({ self: this }, function* () {
      yield* pause(before);
      if (patience === Infinity) {
        caller.exit = yield* Effect.exit(asking);
        return;
      }
      const fiber = yield* Effect.forkChild(asking);
      yield* pause(patience);
      yield* Fiber.interrupt(fiber);
      caller.exit = yield* Fiber.await(fiber);
      if (!isCancelled(caller.exit)) return;
      caller.gone = true;
      const { batch } = caller;
      // With keys, others may wait for it who were taken for callers of another.
      if (
        !this.keyed && batch?.running === true &&
        batch.callers.every(({ gone }) => gone)
      ) {
        this.faults.push("nobody waits for a batch, and it runs");
      }
    });
  }

  /** How many requests make a batch full. */
  private get most(): number {
    return Math.min(this.batchSize, this.capacity);
  }

  private begin(
    requests: ReadonlyArray<number>,
    end: Asked["end"],
  ): Effect.Effect<Asked> {
    return Effect.map(monotonic, (at) => {
      const { concurrency, limit, within } = this;
      const callers = requests.flatMap((request) => this.waitingFor(request));
      const asked: Asked = { requests, end, callers, running: true };
      for (const caller of callers) caller.batch = asked;
      const since = requests.map((request) =>
        Math.min(
          ...callers.filter((caller) => caller.request === request)
            .map(({ askedAt }) => askedAt),
        )
      );
      const isFull = requests.length === this.most;
      const ripe = isFull ? Math.max(...since) : Math.min(...since) + within;
      const due = Math.max(ripe, this.freeSince);
      if (isUnlimited(limit) && at > due + lateness) {
        this.faults.push(`a batch that was due at ${due} ms went at ${at} ms`);
      }
      this.asked.push(asked);
      this.starts.push({ at, cost: 1 });
      if (++this.running > concurrency) this.faults.push("too many batches");
      return asked;
    });
  }

  private finish(asked: Asked): Effect.Effect<void> {
    return Effect.map(monotonic, (at) => {
      asked.running = false;
      if (this.running-- === this.concurrency) this.freeSince = at;
    });
  }

  /** Those who may have asked for it in this batch: it is nowhere else. */
  private waitingFor(request: number): ReadonlyArray<Caller> {
    return this.callers.filter((caller) =>
      caller.request === request && caller.askedAt < Infinity &&
      caller.batch === undefined && caller.exit === undefined
    );
  }

  private check(): void {
    deepStrictEqual(this.faults, []);
    checkRate(this.limit, this.starts);
    for (const { requests } of this.asked) {
      ok(requests.length <= this.most, "a batch is too big");
      strictEqual(new Set(requests).size, requests.length);
    }
    const requests = this.asked.flatMap(({ requests }) => requests);
    if (!this.keyed) strictEqual(new Set(requests).size, requests.length);
    for (const caller of this.callers) this.checkCaller(caller);
  }

  private checkCaller({ batch, exit, patience, request }: Caller): void {
    ok(exit !== undefined);
    if (isCancelled(exit)) return ok(patience < Infinity || this.closed);
    if (Exit.isSuccess(exit)) strictEqual(exit.value, `answer ${request}`);
    // Who has the same key may have been asked in another batch than the first that could have been its own.
    if (this.keyed) return;
    ok(batch !== undefined, "an answer came from nowhere");
    const told = Exit.isSuccess(exit) ? "answers" : exit.cause.reasons[0]?._tag;
    const expected = batch.end === "answers" || batch.end === "fails"
      ? { answers: "answers", fails: "Fail" }[batch.end]
      : "Die";
    strictEqual(told, expected, "a caller was told of another batch");
  }
}

function answer(
  requests: ReadonlyArray<number>,
  end: Asked["end"],
): Effect.Effect<ReadonlyArray<string>, string> {
  const answers = requests.map((request) => `answer ${request}`);
  switch (end) {
    case "answers":
      return Effect.succeed(answers);
    case "fails":
      return Effect.fail("failed");
    case "dies":
      return Effect.die("died");
    case "miscounts":
      return Effect.succeed([...answers, "one too many"]);
  }
}

function isCancelled(exit: Exit.Exit<unknown, unknown>): boolean {
  return Exit.isFailure(exit) && Exit.hasInterrupts(exit);
}
