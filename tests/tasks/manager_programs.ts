/**
 * What must hold for task managers however their fibers interleave.
 *
 * @module
 */
import { Limiter } from "@weir/weir";
import { Task, TaskManager, TaskStore } from "@weir/weir/tasks";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Schedule from "effect/Schedule";
import * as Schema from "effect/Schema";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Dice, pause } from "../support/dice.ts";
import type { Simulated } from "../support/simulated.ts";

const Job = Task.make("job", {
  payload: { n: Schema.Number },
  success: Schema.Number,
  error: Schema.String,
  retry: Schedule.spaced("50 millis").pipe(Schedule.upTo({ times: 2 })),
  maxAttempts: 4,
});

type Fate = "completes" | "fails" | "dies" | "comes round" | "lasts";

/** One task: what becomes of it if nobody interferes, and who does. */
interface Plan {
  readonly fate: Fate;
  readonly takes: number;
  readonly cancelledAfter: number | undefined;
}

/** What happened to a task, as its handlers saw it. */
interface Seen {
  begun: number;
  running: number;
  ended: number;
}

/** Two processes on one store; the first may end early. */
const program = Effect.gen(function* () {
  const dice = yield* Dice.make;
  const plans = dice.list(
    dice.whole(1, 6),
    (): Plan => ({
      fate: dice.pick("completes", "fails", "dies", "comes round", "lasts"),
      takes: dice.pause(200),
      cancelledAfter: dice.happens(0.4) ? dice.pause(300) : undefined,
    }),
  );
  const seen = plans.map((): Seen => ({ begun: 0, running: 0, ended: 0 }));
  const store = yield* TaskStore.TaskStore;

  const handler = ({ n }: { readonly n: number }, run: Task.Run) => {
    const { fate, takes } = plans[n]!;
    const mine = seen[n]!;
    const work = Effect.gen(function* () {
      yield* pause(takes);
      yield* run.progress({ done: 1 });
      if (fate === "lasts") return yield* Effect.never;
      if (fate === "dies") return yield* Effect.die("died");
      if (fate === "fails" || (fate === "comes round" && run.attempt === 1)) {
        return yield* Effect.fail("failed");
      }
      return n;
    });
    return Effect.suspend(() => {
      mine.begun++;
      // A lease that is held keeps all others out.
      strictEqual(++mine.running, 1);
      return work;
    }).pipe(
      Effect.ensuring(Effect.sync(() => {
        mine.running--;
        mine.ended++;
      })),
    );
  };
  const process = Layer.build(
    Job.toLayer(handler).pipe(
      Layer.provideMerge(
        TaskManager.layer({ workers: 2, lease: "1 minute", drain: 100 }),
      ),
      Layer.provide([
        Limiter.layerUnlimited,
        Layer.succeed(TaskStore.TaskStore, store),
      ]),
    ),
  ).pipe(
    Effect.flatMap((context) =>
      Effect.provideContext(TaskManager.TaskManager, context)
    ),
  );

  yield* Effect.forkChild(Effect.scoped(
    Effect.andThen(process, pause(dice.pause(400))),
  ));
  yield* Effect.scoped(Effect.gen(function* () {
    const tasks = yield* process;
    yield* Effect.forEach(
      plans,
      ({ cancelledAfter, fate }, n) =>
        Effect.gen(function* () {
          const task = yield* tasks.submit(Job, { n }, { id: `${n}` });
          if (cancelledAfter !== undefined || fate === "lasts") {
            yield* pause(cancelledAfter ?? 500);
            const isCancelled = yield* task.cancel;
            const { status } = yield* task.info;
            strictEqual(isCancelled, status === "cancelled");
            if (isCancelled) strictEqual(seen[n]!.running, 0);
          }
          const exit = yield* Effect.exit(task.await);
          const info = yield* task.info;
          strictEqual(seen[n]!.running, 0, "runs after its end");
          strictEqual(seen[n]!.begun, seen[n]!.ended);
          strictEqual(
            info.status,
            exit._tag === "Success"
              ? "completed"
              : String(exit.cause).includes("TaskCancelled")
              ? "cancelled"
              : "failed",
          );
          ok(info.attempts <= 4, `${info.attempts} attempts`);
        }),
      { concurrency: "unbounded", discard: true },
    );
  }));
  // Nobody is left who could begin anything, and nothing was ended twice.
  const events = yield* store.events(0, 1000);
  for (const n of plans.keys()) {
    const ends = events.filter(({ id, status }) =>
      id === `${n}` && /completed|failed|cancelled/.test(status)
    );
    deepStrictEqual(ends.map(({ status }) => status).length, 1);
  }
  const { pending, running, scheduled } = yield* store.stats;
  deepStrictEqual([pending, running, scheduled], [0, 0, 0]);
}).pipe(Effect.provide(TaskStore.layerMemory()));

/** What is tried. */
export const managerPrograms: ReadonlyArray<Simulated> = [
  {
    name:
      "TaskManager runs each task in one process at a time, ends it once, and says truly what became of it",
    program,
    timerJitter: 5,
  },
];
