/**
 * Who runs replications: this thread, or others.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import type * as Scope from "effect/Scope";
import { type Answer, type Job, replicate } from "./replication.ts";
import type { Model } from "./sweep_model.ts";

/** Runs replications. */
export interface Crew {
  /** How many at once. */
  readonly size: number;
  readonly run: (job: Job) => Effect.Effect<Answer>;
}

/** This thread. Lets others go on between replications. */
export function alone<P>({ program }: Model<P>): Crew {
  return {
    size: 1,
    run: (job) =>
      Effect.andThen(
        Effect.yieldNow,
        // The points are those of the model.
        Effect.sync(() => replicate(program(job.point as P), job)),
      ),
  };
}

/** So many threads, which load the model from its module, and end with the scope. */
export function crewOf(
  module: string,
  size: number,
): Effect.Effect<Crew, never, Scope.Scope> {
  return Effect.gen(function* () {
    const idle = yield* Queue.unbounded<Thread>();
    for (let i = 0; i < size; i++) {
      const thread = yield* Effect.acquireRelease(
        Effect.sync(() => new Thread(module)),
        (thread) => Effect.sync(() => thread.end()),
      );
      Queue.offerUnsafe(idle, thread);
    }
    return {
      size,
      run: (job) =>
        Effect.acquireUseRelease(
          Queue.take(idle),
          (thread) => thread.run(job),
          (thread) => Queue.offer(idle, thread),
        ),
    };
  });
}

/** What a thread is told. */
export interface Order {
  readonly module: string;
  readonly job: Job;
}

class Thread {
  private readonly worker = new Worker(
    new URL("./sweep_worker.ts", import.meta.url),
    { type: "module" },
  );

  constructor(private readonly module: string) {}

  run(job: Job): Effect.Effect<Answer> {
    const { module, worker } = this;
    return Effect.callback((resume) => {
      const answer = (answer: Answer) => {
        worker.onmessage = worker.onerror = null;
        resume(Effect.succeed(answer));
      };
      worker.onmessage = ({ data }: MessageEvent<Answer>) => answer(data);
      worker.onerror = (event) => {
        event.preventDefault();
        answer({ trace: "", detail: event.message });
      };
      const order: Order = { module, job };
      worker.postMessage(order);
    });
  }

  end(): void {
    this.worker.terminate();
  }
}
