/**
 * Background tasks: handed in and looked at later, cancelled while they run, tried again when they fail, and repeated.
 *
 * They are kept in memory here; `TaskStore.layerSql` keeps them in a file, and nothing else changes.
 *
 * @module
 */
import { Limiter, Quota } from "@weir/weir";
import { Task, TaskManager, TaskStore } from "@weir/weir/tasks";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Schedule from "effect/Schedule";
import * as Schema from "effect/Schema";

const Resize = Task.make("resize", {
  payload: { image: Schema.String, sizes: Schema.Array(Schema.Int) },
  success: Schema.Array(Schema.String),
});

const Flaky = Task.make("flaky", {
  success: Schema.String,
  error: Schema.String,
  retry: Schedule.exponential("1 second").pipe(Schedule.upTo({ times: 3 })),
});

const CleanUp = Task.make("clean-up");

const Handlers = Layer.mergeAll(
  Resize.toLayer(({ image, sizes }, run) =>
    Effect.forEach(sizes, (size, n) =>
      Effect.gen(function* () {
        yield* Effect.sleep("1 second");
        yield* run.progress({ done: n + 1, total: sizes.length });
        return `${size}-${image}`;
      }))
  ),
  Flaky.toLayer((_, { attempt }) =>
    attempt < 3
      ? Effect.fail(`attempt ${attempt} failed`)
      : Effect.succeed(`attempt ${attempt} worked`)
  ),
  CleanUp.toLayer(() => Console.log("cleaned up")),
);

const Live = Handlers.pipe(
  Layer.provideMerge(TaskManager.layer({ workers: 10 })),
  Layer.provide([
    Limiter.layer(Quota.tokenBucket({ rate: 50, per: "1 second" })),
    TaskStore.layerMemory(),
  ]),
);

/** Hands in four tasks, and says what becomes of them. */
export const program: Effect.Effect<void, unknown> = Effect.gen(function* () {
  const tasks = yield* TaskManager.TaskManager;
  const cat = yield* tasks.submit(Resize, {
    image: "cat.png",
    sizes: [64, 256],
  });
  const dog = yield* tasks.submit(Resize, {
    image: "dog.png",
    sizes: [1, 2, 3],
  });
  const flaky = yield* tasks.submit(Flaky, undefined);
  yield* tasks.schedule({
    id: "clean-up",
    task: CleanUp,
    payload: undefined,
    when: "1200 millis",
  });

  yield* Effect.sleep(1500);
  const { progress, status } = yield* cat.info;
  yield* Console.log(
    `cat.png: ${status}, ${progress?.done} of ${progress?.total}`,
  );
  yield* Console.log(`dog.png: cancelled ${yield* dog.cancel}`);
  yield* Console.log(`cat.png: ${(yield* cat.await).join(" ")}`);
  yield* Console.log(`flaky: ${yield* flaky.await}`);
  const { cancelled, completed } = yield* tasks.stats;
  yield* Console.log(`${completed} completed, ${cancelled} cancelled`);
}).pipe(Effect.provide(Live));

if (import.meta.main) await Effect.runPromise(program);
