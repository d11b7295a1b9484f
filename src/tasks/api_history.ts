/**
 * What happened to tasks in the last minutes.
 *
 * @module
 */
import * as DateTime from "effect/DateTime";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import type * as Scope from "effect/Scope";
import type { Sample } from "./api_definition.ts";
import type { Event, Service } from "./service.ts";

/** How often a sample is taken, in milliseconds. */
const interval = 5000;
/** How many samples are kept: ten minutes of them. */
const kept = 120;

/** Counts how tasks end, and looks now and then how many wait. */
export class History {
  private readonly samples: Array<Sample> = [];
  private ended = { completed: 0, failed: 0, cancelled: 0 };

  /** Takes samples until the scope ends; none while the store cannot be asked. */
  sampling(manager: Service): Effect.Effect<void, never, Scope.Scope> {
    const sample = Effect.gen({ self: this }, function* () {
      const { pending: waiting, running } = yield* manager.stats;
      const at = yield* DateTime.now;
      this.samples.push({ at, waiting, running, ...this.ended });
      this.samples.splice(0, this.samples.length - kept);
      this.ended = { completed: 0, failed: 0, cancelled: 0 };
    });
    return Effect.sleep(interval).pipe(
      Effect.andThen(sample),
      Effect.ignore,
      Effect.repeat(Schedule.forever),
      Effect.forkScoped,
      Effect.asVoid,
    );
  }

  /** Counts what became of a task. */
  readonly count = ({ status }: Event): void => {
    if (
      status === "completed" || status === "failed" || status === "cancelled"
    ) {
      this.ended[status]++;
    }
  };

  /** The samples, oldest first. */
  get all(): ReadonlyArray<Sample> {
    return [...this.samples];
  }
}
