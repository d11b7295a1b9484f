/**
 * A database as the store uses it: transactions, errors, and who is told of changes.
 *
 * @module
 */
import { Clock } from "effect/Clock";
import * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import type { SqlClient } from "effect/sql/SqlClient";
import type { SqlError } from "effect/sql/SqlError";
import * as Stream from "effect/Stream";
import { forkFrom } from "../internal/async_scope.ts";
import { patiently, transaction } from "../internal/sql.ts";
import { Pulse } from "./pulse.ts";
import { type Body, SqlGatherer } from "./sql_gatherer.ts";
import { noState, selectState, type State, Step } from "./sql_step.ts";
import { TaskStoreError } from "./store_service.ts";

/** How often it is asked whether another process changed something, while somebody listens. */
const pollInterval = Duration.millis(250);

/** Says of a SQL error that the store could not be used. */
export function unavailable(error: SqlError): TaskStoreError {
  return new TaskStoreError({ reason: "Unavailable", detail: error.message });
}

/** A client, and what this process knows of its database. */
export class SqlSession {
  private readonly pulse: Pulse = new Pulse();
  /** Up to which change readers were told. */
  private seen = -1;
  /** How many follow the changes. */
  private listeners = 0;
  /** Waits, asks once and is followed by another: one that waits again and again would hold on to all of its waits. */
  private poller: Fiber.Fiber<void> | undefined;
  private readonly fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>;
  private readonly gatherer: SqlGatherer;

  constructor(
    private readonly client: SqlClient,
    context: Context.Context<never>,
  ) {
    this.fork = forkFrom(context);
    this.gatherer = new SqlGatherer((body) => this.transact(body), this.fork);
  }

  /** Pulses after each transaction of this process that changed something, and a little later after those of others. */
  readonly changes: Stream.Stream<void> = Stream.unwrap(
    Effect.as(
      Effect.acquireRelease(
        Effect.sync(() => {
          if (this.listeners++ === 0) this.pollLater();
        }),
        () => {
          if (--this.listeners > 0) return Effect.void;
          this.poller!.interruptUnsafe();
          return Effect.asVoid(Fiber.await(this.poller!));
        },
      ),
      this.pulse.stream,
    ),
  );

  /** Runs a statement outside of a transaction. Its rows are taken to be of the type that is expected of them. */
  read<Row extends object, A>(
    text: string,
    params: ReadonlyArray<unknown>,
    decode: (rows: ReadonlyArray<Row>) => A,
  ): Effect.Effect<A, TaskStoreError> {
    return this.safely(
      Effect.map(
        this.client.unsafe<Row>(text, params).withoutTransform,
        decode,
      ),
    );
  }

  /**
   * Runs an operation in a transaction that has the right to write from its beginning: in the one that the fiber is in, else in
   * one that it may share with other operations.
   */
  write<A>(body: Body<A>): Effect.Effect<A, TaskStoreError> {
    return Effect.withFiber(({ context }) =>
      Context.getOrUndefined(context, this.client.transactionService) ===
          undefined
        ? this.gatherer.add(body)
        : this.transact(body)
    );
  }

  private transact<A>(body: Body<A>): Effect.Effect<A, TaskStoreError> {
    const { client } = this;
    return this.safely(transaction(client, (connection, fiber) => {
      const now = Math.floor(fiber.getRef(Clock).currentTimeMillisUnsafe());
      return Effect.flatMap(
        Step.begin(connection, now),
        (step) =>
          Effect.flatMap(
            body(step),
            (result) =>
              Effect.flatMap(step.finish, (isChanged) =>
                isChanged
                  ? Effect.as(client.afterCommit(this.tell(step)), result)
                  : Effect.succeed(result)),
          ),
      );
    }));
  }

  /** Says what went wrong in the words of the store. */
  private safely<A>(
    effect: Effect.Effect<A, SqlError | TaskStoreError>,
  ): Effect.Effect<A, TaskStoreError> {
    return patiently(
      effect,
      (error) => error instanceof TaskStoreError,
      unavailable,
    );
  }

  private tell({ state }: Step): Effect.Effect<void> {
    return Effect.sync(() => {
      this.seen = state.version + state.event;
      this.pulse.send();
    });
  }

  private pollLater(): void {
    this.poller = this.fork(
      this.poll.pipe(
        Effect.delay(pollInterval),
        Effect.andThen(Effect.sync(() => this.pollLater())),
      ),
    );
  }

  /** Tells readers if another process changed something. What cannot be read now is read the next time. */
  private readonly poll: Effect.Effect<void> = Effect.suspend(() =>
    Effect.ignore(
      this.read<State, void>(
        selectState,
        [],
        ([{ event, version } = noState()]) => {
          // Neither ever goes back.
          if (version + event === this.seen) return;
          this.seen = version + event;
          this.pulse.send();
        },
      ),
    )
  );
}
