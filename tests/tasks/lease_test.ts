import { Limiter } from "@weir/weir";
import { TaskManager, TaskStore } from "@weir/weir/tasks";
import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Latch from "effect/Latch";
import * as Layer from "effect/Layer";
import * as Logger from "effect/Logger";
import * as Option from "effect/Option";
import * as Scope from "effect/Scope";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { managed, pass, settle, Work } from "./managed.ts";

const { TaskManager: Tasks } = TaskManager;

/** A process that runs the work of a store in its own way, until its scope ends. */
const another = (
  handler: (n: number) => Effect.Effect<number>,
  options: TaskManager.Options = {},
  change: (store: TaskStore.Service) => TaskStore.Service = (store) => store,
): Effect.Effect<
  TaskManager.Service,
  never,
  TaskStore.TaskStore | Scope.Scope
> =>
  Effect.gen(function* () {
    const store = change(yield* TaskStore.TaskStore);
    const context = yield* Layer.build(
      Work.toLayer(({ n }) => handler(n)).pipe(
        Layer.provideMerge(TaskManager.layer(options)),
        Layer.provide([
          Limiter.layerUnlimited,
          Layer.succeed(TaskStore.TaskStore, store),
        ]),
      ),
    );
    return yield* Effect.provideContext(Tasks, context);
  });

/** A process that falls silent once it has claimed something. */
const silent = (store: TaskStore.Service): TaskStore.Service => {
  let isSilent = false;
  return {
    ...store,
    claim: (options) =>
      isSilent
        ? Effect.succeed([])
        : Effect.tap(store.claim(options), (claimed) =>
          Effect.sync(() => {
            isSilent = claimed.length > 0;
          })),
    heartbeat: () => Effect.never,
  };
};

testEffect(
  "a task whose process fell silent runs again after its lease, and only the newer attempt settles it",
  managed(
    Effect.gen(function* () {
      const ends: Array<string> = [];
      const tasks = yield* Tasks;
      const lost = yield* another(
        () =>
          Effect.onExit(
            Effect.as(Effect.sleep(40_000), 1),
            ({ _tag }) => Effect.sync(() => ends.push(_tag)),
          ),
        {},
        silent,
      );
      const task = yield* lost.submit(Work, { n: 0 });
      yield* settle;
      yield* another((n) => Effect.as(Effect.sleep(20_000), n + 2));
      yield* pass(29_999);
      strictEqual((yield* task.info).attempts, 1);
      for (let n = 0; n < 15; n++) yield* pass(1000);
      deepStrictEqual(ends, ["Success"]);
      strictEqual((yield* task.info).attempts, 2);
      strictEqual((yield* tasks.stats).running, 1);
      for (let n = 0; n < 15; n++) yield* pass(1000);
      strictEqual(yield* task.await, 2);
    }),
    Layer.empty,
  ),
);

testEffect(
  "a handler whose lease is lost is interrupted, and settles nothing",
  managed(
    Effect.gen(function* () {
      const ends: Array<string> = [];
      const tasks = yield* Tasks;
      const slow = yield* another(
        () =>
          Effect.onExit(
            Effect.as(Effect.never, 1),
            ({ _tag }) => Effect.sync(() => ends.push(_tag)),
          ),
        {},
        (store) => {
          let beats = 0;
          return {
            ...silent(store),
            // Its first heartbeats do not get through.
            heartbeat: (leases, lease) =>
              ++beats <= 3
                ? Effect.succeed({ lost: [], cancelled: [] })
                : store.heartbeat(leases, lease),
          };
        },
      );
      const task = yield* slow.submit(Work, { n: 0 });
      yield* settle;
      yield* another((n) => Effect.succeed(n + 2));
      for (let n = 0; n < 39; n++) yield* pass(1000);
      deepStrictEqual(ends, []);
      strictEqual(yield* task.await, 2);
      yield* pass(1000);
      deepStrictEqual(ends, ["Failure"]);
      strictEqual((yield* task.info).attempts, 2);
      strictEqual((yield* tasks.stats).completed, 1);
    }),
    Layer.empty,
  ),
);

testEffect(
  "the end of a manager lets tasks go on for drain, then hands them back, and their attempt does not count",
  managed(
    Effect.gen(function* () {
      const tasks = yield* Tasks;
      const log: Array<string> = [];
      const closing = yield* Latch.make();
      const ending = yield* Effect.forkChild(Effect.scoped(Effect.gen(
        function* () {
          const process = yield* another(
            (n) =>
              Effect.onExit(
                Effect.as(Effect.sleep(n), n),
                ({ _tag }) => Effect.sync(() => log.push(`${n} ${_tag}`)),
              ),
            { drain: 2000 },
          );
          yield* process.submitMany(Work, [{ n: 1000 }, { n: 9000 }]);
          yield* settle;
          yield* closing.open;
        },
      )));
      yield* closing.await;
      yield* settle;
      yield* pass(1000);
      deepStrictEqual(log, ["1000 Success"]);
      yield* pass(1000);
      deepStrictEqual(log, ["1000 Success", "9000 Failure"]);
      yield* Fiber.join(ending);
      const { tasks: [left] } = yield* tasks.list({ status: "pending" });
      strictEqual(left?.attempts, 0);
      strictEqual((yield* tasks.stats).completed, 1);
    }),
    Layer.empty,
  ),
);

testEffect(
  "the end of a manager leaves behind and names what ignores it",
  Effect.gen(function* () {
    const log: Array<unknown> = [];
    const logger = Logger.make(({ message }) => log.push(message));
    yield* managed(
      Effect.gen(function* () {
        const closing = yield* Latch.make();
        const ending = yield* Effect.forkChild(Effect.scoped(Effect.gen(
          function* () {
            const process = yield* another(() =>
              Effect.uninterruptible(Effect.as(Effect.sleep(60_000), 0))
            );
            yield* process.submit(Work, { n: 0 });
            yield* settle;
            yield* closing.open;
          },
        )));
        yield* closing.await;
        yield* settle;
        yield* pass(0);
        yield* pass(1000);
        yield* Fiber.join(ending);
      }),
      Layer.empty,
    ).pipe(Effect.provide(Logger.layer([logger])));
    deepStrictEqual(log.length, 1);
    ok(String(log[0]).startsWith("1 tasks did not end when told to"));
    yield* pass(60_000);
  }),
);

testEffect(
  "a task that kills its process each time fails once its attempts are used up",
  managed(
    Effect.gen(function* () {
      const tasks = yield* Tasks;
      const store = yield* TaskStore.TaskStore;
      yield* store.insert([{
        id: "poison",
        name: "work",
        payload: { n: 0 },
        priority: 0,
        maxAttempts: 3,
        start: { delay: 0 },
        lane: undefined,
      }]);
      let begun = 0;
      for (let n = 0; n < 3; n++) {
        yield* Effect.scoped(Effect.gen(function* () {
          const dying = yield* Effect.forkChild(Effect.scoped(
            Effect.andThen(
              another(
                () => Effect.andThen(Effect.sync(() => begun++), Effect.never),
                {},
                (store) => ({
                  ...silent(store),
                  settle: () => Effect.never,
                }),
              ),
              Effect.never,
            ),
          ));
          yield* settle;
          yield* Effect.forkChild(Fiber.interrupt(dying));
          yield* pass(2000);
        }));
        for (let s = 0; s < 45; s++) yield* pass(1000);
      }
      strictEqual(begun, 3);
      const info = Option.getOrThrow(yield* tasks.get("poison"));
      deepStrictEqual([info.status, info.attempts], ["failed", 3]);
      ok(info.error?.includes("attempts"), info.error);
    }),
    Layer.empty,
  ),
);

testEffect(
  "the end of a process gives back what it was just claiming",
  managed(
    Effect.gen(function* () {
      const store = yield* TaskStore.TaskStore;
      const scope = yield* Scope.make();
      const leaving = yield* another(Effect.succeed, {}, (store) => ({
        ...store,
        claim: (options) => Effect.tap(store.claim(options), Effect.sleep(100)),
        settle: (outcomes) => Effect.delay(store.settle(outcomes), 100),
      })).pipe(Scope.provide(scope));
      const task = yield* leaving.submit(Work, { n: 0 });
      yield* settle;
      const closing = yield* Effect.forkChild(
        Effect.andThen(Scope.close(scope, Exit.void), store.get(task.id)),
      );
      for (let n = 0; n < 4; n++) yield* pass(50);
      const row = Option.getOrThrow(yield* Fiber.join(closing));
      deepStrictEqual([row.status, row.attempts], ["pending", 0]);
    }),
    Layer.empty,
  ),
);
