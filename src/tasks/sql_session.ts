/**
 * A database as the store uses it: transactions, errors, and who is told of changes.
 *
 * @module
 */
import * as Cause from "effect/Cause";
import { Clock } from "effect/Clock";
import * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type { SqlClient } from "effect/sql/SqlClient";
import { isSqlError, type SqlError } from "effect/sql/SqlError";
import * as Stream from "effect/Stream";
import { Pulse } from "./pulse.ts";
import { noState, selectState, type State, Step } from "./sql_step.ts";
import { TaskStoreError } from "./store_service.ts";

/** How often it is asked whether another process changed something, while somebody listens. */
const pollInterval = Duration.millis(250);

/** Of what a second try may be rid. A connection that broke is not among it: the commit may have come through. */
const passing: ReadonlySet<string> = new Set([
  ...["LockTimeoutError", "DeadlockError", "SerializationError"],
]);

/** How long before each further try, in milliseconds. */
const pauses = [20, 40, 80];

/** Says of a SQL error that the store could not be used. */
export function unavailable(error: SqlError): TaskStoreError {
  return new TaskStoreError({ reason: "Unavailable", detail: error.message });
}

/** A client, and what this process knows of its database. */
export class SqlSession {
  private readonly pulse: Pulse = new Pulse();
  /** Up to which change readers were told. */
  private seen = -1;

  constructor(private readonly client: SqlClient) {}

  /** Pulses after each transaction of this process that changed something, and a little later after those of others. */
  readonly changes: Stream.Stream<void> = Stream.suspend(() =>
    Stream.merge(
      this.pulse.stream,
      Stream.drain(
        Stream.fromEffectRepeat(
          Effect.andThen(Effect.sleep(pollInterval), this.poll),
        ),
      ),
    )
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

  /** Runs a transaction that has the right to write from its beginning. */
  write<A>(
    body: (step: Step) => Effect.Effect<A, SqlError | TaskStoreError>,
  ): Effect.Effect<A, TaskStoreError> {
    const { client } = this;
    const transaction = Effect.withFiber<A, SqlError | TaskStoreError>(
      (fiber) => {
        const [connection] = Context.getUnsafe(
          fiber.context,
          client.transactionService,
        );
        const now = Math.floor(
          fiber.getRef(Clock).currentTimeMillisUnsafe(),
        );
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
      },
    );
    return this.safely(client.withTransaction(transaction));
  }

  /** Says what went wrong in the words of the store. */
  private safely<A>(
    effect: Effect.Effect<A, SqlError | TaskStoreError>,
  ): Effect.Effect<A, TaskStoreError> {
    const tried = (tries: number): Effect.Effect<A, TaskStoreError> =>
      Effect.catchCause(effect, (cause) => {
        const error = Cause.squash(cause);
        // Thrown where a row is read.
        if (error instanceof TaskStoreError) return Effect.fail(error);
        // A defect or an interruption: it has no other error.
        if (!isSqlError(error)) {
          return Effect.failCause(cause as Cause.Cause<never>);
        }
        return passing.has(error.reason._tag) && tries < pauses.length
          ? Effect.andThen(Effect.sleep(pauses[tries]!), tried(tries + 1))
          : Effect.fail(unavailable(error));
      });
    return tried(0);
  }

  private tell({ state }: Step): Effect.Effect<void> {
    return Effect.sync(() => {
      this.seen = state.version + state.event;
      this.pulse.send();
    });
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
