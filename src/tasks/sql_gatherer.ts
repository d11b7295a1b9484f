/**
 * Has operations that come at once share a transaction: what a transaction costs is for the most part its commit.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Exit from "effect/Exit";
import type { SqlError } from "effect/sql/SqlError";
import type { Step } from "./sql_step.ts";
import type { TaskStoreError } from "./store_service.ts";

/** What an operation does in a transaction. */
export type Body<A> = (
  step: Step,
) => Effect.Effect<A, SqlError | TaskStoreError>;

/** Runs a transaction, from its beginning to its commit. */
export type Transact = <A>(body: Body<A>) => Effect.Effect<A, TaskStoreError>;

/** How many operations share a transaction at most. */
const atOnce = 100;

/** One operation, and the fiber that waits for it. */
class Operation {
  /** Whether a transaction has come to it: what it does is then seen to its end. */
  private hasBegun = false;
  private isLeft = false;
  private result: unknown;
  private whenEnded: (() => void) | undefined;

  constructor(
    private readonly body: Body<unknown>,
    private readonly resume: (
      result: Effect.Effect<unknown, TaskStoreError>,
    ) => void,
  ) {}

  /** Does it, unless nobody waits for it any more. */
  run(step: Step): Effect.Effect<void, SqlError | TaskStoreError> {
    if (this.isLeft) return Effect.void;
    this.hasBegun = true;
    return Effect.flatMap(this.body(step), (result) => {
      this.result = result;
      return step.flush;
    });
  }

  /** Its transaction is over. */
  end(exit: Exit.Exit<void, TaskStoreError>): void {
    this.resume(Effect.map(exit, () => this.result));
    this.whenEnded?.();
  }

  /** Whoever waits is interrupted. */
  readonly leave: Effect.Effect<void> = Effect.suspend(() => {
    if (this.hasBegun) {
      return Effect.callback((resume) => {
        this.whenEnded = () => resume(Effect.void);
      });
    }
    this.isLeft = true;
    return Effect.void;
  });
}

/** Gathers operations while others are under way. */
export class SqlGatherer {
  private waiting: Array<Operation> = [];
  private isRunning = false;
  /** The fiber that asked last. */
  private last = -1;

  constructor(
    private readonly transact: Transact,
    private readonly fork: (effect: Effect.Effect<void>) => unknown,
  ) {}

  /**
   * Does it in the next transaction, after those that came before. A fiber that asks twice in a row is alone: for it the next
   * transaction begins at once.
   */
  add<A>(body: Body<A>): Effect.Effect<A, TaskStoreError> {
    return Effect.withFiber(({ id }) => {
      const isAlone = id === this.last && this.waiting.length === 0;
      this.last = id;
      return isAlone ? this.transact(body) : this.gather(body);
    });
  }

  private gather<A>(body: Body<A>): Effect.Effect<A, TaskStoreError> {
    return Effect.callback((resume) => {
      const operation = new Operation(
        body,
        // The result is that of its body.
        (result) => resume(result as Effect.Effect<A, TaskStoreError>),
      );
      this.waiting.push(operation);
      if (!this.isRunning) {
        this.isRunning = true;
        this.fork(this.running);
      }
      return operation.leave;
    });
  }

  private get running(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      // Others that can go on now may have something to add.
      yield* Effect.yieldNow;
      while (this.waiting.length > 0) {
        yield* this.run(this.waiting.splice(0, atOnce));
      }
      this.isRunning = false;
    });
  }

  /** Runs operations in one transaction; if one of them fails, each in one of its own. */
  private run(operations: ReadonlyArray<Operation>): Effect.Effect<void> {
    let isAmong = false;
    const transaction = this.transact((step) => {
      isAmong = true;
      return Effect.map(
        Effect.forEach(operations, (operation) => operation.run(step), {
          discard: true,
        }),
        () => {
          isAmong = false;
        },
      );
    });
    return Effect.flatMap(Effect.exit(transaction), (exit) => {
      if (exit._tag === "Failure" && isAmong && operations.length > 1) {
        return Effect.forEach(
          operations,
          (operation) => this.run([operation]),
          { discard: true },
        );
      }
      for (const operation of operations) operation.end(exit);
      return Effect.void;
    });
  }
}
