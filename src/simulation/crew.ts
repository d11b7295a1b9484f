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
        Effect.sync(() => replicate(program, job)),
      ),
  };
}

/** So many threads, which load the model from its module, and end with the scope. */
export function crewOf<P>(
  model: Model<P>,
  module: string,
  size: number,
): Effect.Effect<Crew, never, Scope.Scope> {
  if (isThread) {
    return Effect.die(
      new Error(
        `${module} sweeps when it is loaded: let it do so only if import.meta.main`,
      ),
    );
  }
  return Effect.gen(function* () {
    const idle = yield* Queue.unbounded<Thread>();
    const source = String(model.program);
    for (let i = 0; i < size; i++) {
      const thread = yield* Effect.acquireRelease(
        Effect.sync(() => new Thread({ module, source })),
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

/** Where a model is, and what its function looks like there. */
interface Home {
  readonly module: string;
  readonly source: string;
}

/** What a thread is told. */
export interface Order extends Home {
  readonly job: Job;
  /** Not 0 once nobody waits for the answer any more: to end a thread does not stop what it computes. */
  readonly stop: Int32Array;
}

class Thread {
  private readonly worker = new Worker(
    new URL("./sweep_worker.ts", import.meta.url),
    { type: "module" },
  );
  private readonly stop = new Int32Array(new SharedArrayBuffer(4));
  /** What it died of. */
  private death: Answer | undefined;
  private answer: (answer: Answer) => void = () => {};

  constructor(private readonly home: Home) {
    const { worker } = this;
    worker.onmessage = ({ data }: MessageEvent<Answer>) => this.answer(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.death = { trace: "", detail: event.message };
      this.answer(this.death);
    };
  }

  run(job: Job): Effect.Effect<Answer> {
    return Effect.callback((resume) => {
      if (this.death !== undefined) return resume(Effect.succeed(this.death));
      this.answer = (answer) => resume(Effect.succeed(answer));
      const { home, stop } = this;
      const order: Order = { ...home, job, stop };
      this.worker.postMessage(order);
    });
  }

  end(): void {
    Atomics.store(this.stop, 0, 1);
    this.worker.terminate();
  }
}

// In the thread itself.

let isThread = false;

/** Runs a replication, in a thread that does nothing else. */
export async function obey(
  { job, module, source, stop }: Order,
): Promise<Answer> {
  isThread = true;
  try {
    // A whole URL: import maps have no say in it.
    const { model } = await import(module);
    if (String(model?.program) !== source) {
      const detail =
        `"module" must be of the module that exports this model as "model", was "${module}"`;
      return { trace: "", detail };
    }
    return replicate(model.program, job, () => {
      if (Atomics.load(stop, 0) !== 0) throw new Error("it was stopped");
    });
  } catch (error) {
    return { trace: "", detail: `${module}: ${error}` };
  }
}
