import { Limiter, Quota } from "@weir/weir";
import { Task, TaskManager, TaskStore } from "@weir/weir/tasks";
import { testEffect } from "@weir/weir/testing";
import * as Clock from "effect/Clock";
import * as DateTime from "effect/DateTime";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Latch from "effect/Latch";
import * as Layer from "effect/Layer";
import * as Option from "effect/Option";
import * as Schedule from "effect/Schedule";
import * as Schema from "effect/Schema";
import * as Stream from "effect/Stream";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { dying, finished } from "../support/effects.ts";
import { managed, pass, settle, Work } from "./managed.ts";

const { TaskManager: Tasks } = TaskManager;

testEffect(
  "TaskManager runs a task, and gives its result, its own error, or what it died of",
  managed(
    Effect.gen(function* () {
      const tasks = yield* Tasks;
      const [good, bad, dead] = yield* tasks.submitMany(Work, [
        { n: 1 },
        { n: 2 },
        { n: 3 },
      ]);
      strictEqual(yield* good!.await, 10);
      strictEqual(yield* Effect.flip(bad!.await), "no two");
      const died = yield* Effect.flip(dead!.await);
      ok(died instanceof Task.TaskDied);
      deepStrictEqual([died.reason, died.detail], ["Defect", "Error: three"]);
      const infos = yield* Effect.all([good!.info, bad!.info, dead!.info]);
      deepStrictEqual(
        infos.map(({ attempts, error, result, status }) => [
          status,
          attempts,
          result,
          error,
        ]),
        [
          ["completed", 1, 10, undefined],
          ["failed", 1, undefined, "no two"],
          ["failed", 1, undefined, "Error: three"],
        ],
      );
    }),
    Work.toLayer(({ n }) =>
      n === 1
        ? Effect.succeed(10)
        : n === 2
        ? Effect.fail("no two")
        : Effect.die(new Error("three"))
    ),
  ),
);

testEffect(
  "a task that fails waits for its next attempt as its schedule says, on no worker",
  Effect.gen(function* () {
    const begins: Array<number> = [];
    const Flaky = Task.make("flaky", {
      success: Schema.Number,
      error: Schema.String,
      retry: Schedule.exponential("1 second").pipe(
        Schedule.upTo({ times: 3 }),
      ),
    });
    yield* managed(
      Effect.gen(function* () {
        const tasks = yield* Tasks;
        const flaky = yield* tasks.submit(Flaky, undefined);
        yield* settle;
        const { attempts, runAt, status } = yield* flaky.info;
        deepStrictEqual([status, attempts], ["scheduled", 1]);
        strictEqual(DateTime.toEpochMillis(runAt!), 1000);
        const work = yield* tasks.submit(Work, { n: 5 });
        strictEqual(yield* work.await, 5);
        for (const wait of [1000, 2000, 4000]) yield* pass(wait);
        strictEqual(yield* Effect.flip(flaky.await), "attempt 4");
        deepStrictEqual(begins, [0, 1000, 3000, 7000]);
      }),
      Layer.merge(
        Flaky.toLayer((_, { attempt }) =>
          Effect.gen(function* () {
            begins.push(
              yield* DateTime.now.pipe(
                Effect.map(DateTime.toEpochMillis),
              ),
            );
            return yield* Effect.fail(`attempt ${attempt}`);
          })
        ),
        Work.toLayer(({ n }) => Effect.succeed(n)),
      ),
      { workers: 1 },
    );
  }),
);

testEffect(
  "submit() gives the same task for the same id, and refuses another payload",
  managed(
    Effect.gen(function* () {
      const tasks = yield* Tasks;
      const first = yield* tasks.submit(Work, { n: 1 }, { id: "a" });
      strictEqual(yield* first.await, 1);
      const again = yield* tasks.submit(Work, { n: 1 }, { id: "a" });
      strictEqual((yield* again.info).attempts, 1);
      const conflict = yield* Effect.flip(
        tasks.submit(Work, { n: 2 }, { id: "a" }),
      );
      ok(conflict instanceof Task.TaskConflict);
      deepStrictEqual(yield* tasks.get("b"), Option.none());
      const unknown = tasks.handle(Work, "b");
      strictEqual((yield* Effect.flip(unknown.info))._tag, "TaskNotFound");
      const missing = yield* Effect.flip(unknown.await);
      ok(missing instanceof Task.TaskNotFound);
    }),
    Work.toLayer(({ n }) => Effect.succeed(n)),
  ),
);

testEffect(
  "submit() begins by priority, then age, and not before delay or runAt",
  Effect.gen(function* () {
    const order: Array<number> = [];
    const go = yield* Latch.make();
    yield* managed(
      Effect.gen(function* () {
        const tasks = yield* Tasks;
        yield* tasks.submit(Work, { n: 0 });
        yield* settle;
        yield* tasks.submit(Work, { n: 1 });
        yield* tasks.submit(Work, { n: 2 });
        yield* tasks.submit(Work, { n: 3 }, { priority: 1 });
        yield* tasks.submit(Work, { n: 4 }, { delay: "1 minute" });
        yield* tasks.submit(Work, { n: 5 }, { runAt: 30_000 });
        yield* go.open;
        yield* settle;
        deepStrictEqual(order, [0, 3, 1, 2]);
        yield* pass(29_999);
        deepStrictEqual(order.length, 4);
        yield* pass(1);
        deepStrictEqual(order.slice(4), [5]);
        yield* pass(30_000);
        deepStrictEqual(order.slice(4), [5, 4]);
      }),
      Work.toLayer(({ n }) =>
        Effect.as(
          Effect.andThen(go.await, Effect.sync(() => order.push(n))),
          n,
        )
      ),
      { workers: 1 },
    );
  }),
);

testEffect(
  "at most workers tasks run at once, and begin when the limiter lets them",
  Effect.gen(function* () {
    let running = 0;
    let most = 0;
    let begun = 0;
    yield* managed(
      Effect.gen(function* () {
        const tasks = yield* Tasks;
        yield* tasks.submitMany(
          Work,
          Array.from({ length: 20 }, (_, n) => ({ n })),
        );
        yield* settle;
        strictEqual(begun, 3);
        yield* pass(1000);
        strictEqual(begun, 5);
        yield* pass(1000);
        strictEqual(begun, 7);
        yield* pass(60_000);
        for (let n = 0; n < 60; n++) yield* pass(1000);
        strictEqual((yield* tasks.stats).completed, 20);
        strictEqual(most, 3);
      }),
      Work.toLayer(({ n }) =>
        Effect.gen(function* () {
          begun++;
          most = Math.max(most, ++running);
          yield* Effect.sleep(900);
          running--;
          return n;
        })
      ),
      { workers: 3 },
      Limiter.layer(
        Quota.tokenBucket({ rate: 2, per: "1 second", burst: 3 }),
      ),
    );
  }),
);

testEffect(
  "tasks of a lane begin as its concurrency and its quota let them, and hold up no others",
  Effect.gen(function* () {
    const begun: Array<string> = [];
    const note = (text: string) =>
      Effect.map(
        Clock.currentTimeMillis,
        (now) => void begun.push(`${text} at ${now}`),
      );
    const Call = Task.make("call", {
      payload: { tenant: Schema.String },
      lane: {
        key: ({ tenant }) => tenant,
        concurrency: 1,
        quota: Quota.slidingWindow({ limit: 2, window: "1 second" }),
      },
    });
    yield* managed(
      Effect.gen(function* () {
        const tasks = yield* Tasks;
        const payloads = ["a", "a", "a", "b"].map((tenant) => ({ tenant }));
        yield* tasks.submitMany(Call, payloads);
        for (let n = 0; n < 30; n++) yield* pass(100);
        deepStrictEqual(begun, ["a at 0", "b at 0", "a at 300", "a at 1000"]);
      }),
      Call.toLayer(({ tenant }) =>
        Effect.andThen(note(tenant), Effect.sleep(300))
      ),
    );
  }),
);

testEffect(
  "cancel() ends a task that waits, and one that runs after its finalizers",
  Effect.gen(function* () {
    const log: Array<string> = [];
    const begun = yield* Latch.make();
    yield* managed(
      Effect.gen(function* () {
        const tasks = yield* Tasks;
        const running = yield* tasks.submit(Work, { n: 0 });
        const pending = yield* tasks.submit(Work, { n: 1 });
        const later = yield* tasks.submit(Work, { n: 2 }, { delay: 1000 });
        yield* begun.await;
        strictEqual(yield* pending.cancel, true);
        strictEqual(yield* later.cancel, true);
        const cancel = yield* Effect.forkChild(running.cancel);
        const waiter = yield* Effect.forkChild(Effect.flip(running.await));
        yield* settle;
        deepStrictEqual(log, []);
        strictEqual(finished(cancel), false);
        strictEqual((yield* running.info).status, "running");
        yield* pass(500);
        deepStrictEqual(log, ["finalizer ran"]);
        strictEqual(yield* Fiber.join(cancel), true);
        ok((yield* Fiber.join(waiter)) instanceof Task.TaskCancelled);
        for (const task of [running, pending, later]) {
          strictEqual((yield* task.info).status, "cancelled");
          strictEqual(yield* task.cancel, false);
        }
        strictEqual(yield* tasks.cancel("unknown"), false);
        yield* pass(5000);
        strictEqual((yield* tasks.stats).cancelled, 3);
      }),
      Work.toLayer(() =>
        Effect.andThen(begun.open, Effect.never).pipe(
          Effect.onInterrupt(() =>
            Effect.delay(Effect.sync(() => log.push("finalizer ran")), 500)
          ),
        )
      ),
      { workers: 1 },
    );
  }),
);

testEffect(
  "cancel() of a thousand running tasks runs all their finalizers",
  Effect.gen(function* () {
    let begun = 0;
    let finalized = 0;
    yield* managed(
      Effect.gen(function* () {
        const tasks = yield* Tasks;
        const submitted = yield* tasks.submitMany(
          Work,
          Array.from({ length: 1000 }, (_, n) => ({ n })),
        );
        while (begun < 1000) yield* settle;
        const cancelled = yield* Effect.forEach(
          submitted,
          ({ cancel }) => cancel,
          { concurrency: "unbounded" },
        );
        strictEqual(cancelled.filter(Boolean).length, 1000);
        strictEqual(finalized, 1000);
        strictEqual((yield* tasks.stats).cancelled, 1000);
      }),
      Work.toLayer(() =>
        Effect.andThen(Effect.sync(() => begun++), Effect.never).pipe(
          Effect.ensuring(Effect.yieldNow),
          Effect.ensuring(Effect.sync(() => finalized++)),
        )
      ),
      { workers: 1000 },
    );
  }),
);

testEffect(
  "cancel() reaches a task that runs in another process with its next heartbeat, unless it has completed by then",
  Effect.gen(function* () {
    const ends: Array<string> = [];
    yield* managed(
      Effect.gen(function* () {
        const tasks = yield* Tasks;
        const elsewhere = yield* Effect.provide(
          TaskManager.make(),
          Limiter.layerUnlimited,
        );
        const short = yield* tasks.submit(Work, { n: 5000 });
        const long = yield* tasks.submit(Work, { n: 50_000 });
        yield* settle;
        const cancels = yield* Effect.forkChild(
          Effect.all([elsewhere.cancel(short.id), elsewhere.cancel(long.id)], {
            concurrency: 2,
          }),
        );
        yield* pass(9999);
        deepStrictEqual(ends, ["5000 Success"]);
        yield* pass(1);
        deepStrictEqual(ends, ["5000 Success", "50000 Failure"]);
        deepStrictEqual(yield* Fiber.join(cancels), [false, true]);
        strictEqual(yield* short.await, 5000);
      }),
      Work.toLayer(({ n }) =>
        Effect.onExit(
          Effect.as(Effect.sleep(n), n),
          ({ _tag }) => Effect.sync(() => ends.push(`${n} ${_tag}`)),
        )
      ),
    );
  }),
);

testEffect(
  "retry() lets a failed task begin anew, with all its attempts",
  Effect.gen(function* () {
    let fails = true;
    yield* managed(
      Effect.gen(function* () {
        const tasks = yield* Tasks;
        const task = yield* tasks.submit(Work, { n: 7 });
        strictEqual(yield* Effect.flip(task.await), "no");
        fails = false;
        strictEqual(yield* tasks.retry(task.id), true);
        strictEqual(yield* task.await, 7);
        strictEqual((yield* task.info).attempts, 1);
        strictEqual(yield* tasks.retry(task.id), false);
        strictEqual(yield* tasks.retry("unknown"), false);
      }),
      Work.toLayer(({ n }) => fails ? Effect.fail("no") : Effect.succeed(n)),
    );
  }),
);

testEffect(
  "events() tell all that becomes of a task, its progress too, and end with it",
  Effect.gen(function* () {
    const begun = yield* Deferred.make<void>();
    yield* managed(
      Effect.gen(function* () {
        const tasks = yield* Tasks;
        const task = yield* tasks.submit(Work, { n: 2 }, { id: "a" });
        const seen = yield* Effect.forkChild(
          Stream.runCollect(tasks.events({ id: "a", after: 0 })),
        );
        yield* Deferred.succeed(begun, undefined);
        strictEqual(yield* task.await, 2);
        deepStrictEqual(
          (yield* Fiber.join(seen)).map(({ progress, status }) =>
            progress === undefined ? status : `${status} ${progress.done}`
          ),
          ["pending", "running", "running 1", "running 2", "completed 2"],
        );
        deepStrictEqual((yield* task.info).progress, { done: 2, total: 2 });
        const over = yield* Stream.runCollect(tasks.events({ id: "a" }));
        deepStrictEqual(over, []);
      }),
      Work.toLayer(({ n }, { progress }) =>
        Effect.gen(function* () {
          yield* Deferred.await(begun);
          for (let done = 1; done <= n; done++) {
            yield* progress({ done, total: n });
          }
          return n;
        })
      ),
    );
  }),
);

testEffect(
  "pause() begins no more tasks of a kind, and list() shows where they stand",
  managed(
    Effect.gen(function* () {
      const tasks = yield* Tasks;
      yield* tasks.pause("work");
      yield* tasks.submit(Work, { n: 1 }, { id: "a" });
      yield* settle;
      const { tasks: pending } = yield* tasks.list({ status: "pending" });
      deepStrictEqual(pending.map(({ id }) => id), ["a"]);
      yield* tasks.resume("work");
      yield* settle;
      const { cursor, tasks: completed } = yield* tasks.list({
        status: "completed",
      });
      deepStrictEqual([completed.map(({ id }) => id), cursor], [
        ["a"],
        undefined,
      ]);
    }),
    Work.toLayer(({ n }) => Effect.succeed(n)),
  ),
);

testEffect(
  "ended tasks are forgotten by age and by number",
  managed(
    Effect.gen(function* () {
      const tasks = yield* Tasks;
      const submitted = yield* tasks.submitMany(
        Work,
        Array.from({ length: 30 }, (_, n) => ({ n })),
      );
      for (const task of submitted) yield* task.await;
      yield* pass(60_000);
      strictEqual((yield* tasks.stats).completed, 20);
      yield* pass(3_600_000);
      yield* pass(60_000);
      strictEqual((yield* tasks.stats).completed, 0);
    }),
    Work.toLayer(({ n }) => Effect.succeed(n)),
    { keepFor: "1 hour", keepCount: 20 },
  ),
);

testEffect(
  "a payload that does not fit its kind any more fails the task, and names it",
  Effect.gen(function* () {
    const Old = Task.make("work", { payload: { text: Schema.String } });
    yield* managed(
      Effect.gen(function* () {
        const tasks = yield* Tasks;
        const task = yield* tasks.submit(Old, { text: "a" });
        const died = yield* Effect.flip(task.await);
        ok(died instanceof Task.TaskDied && died.reason === "Payload");
        ok(died.detail.includes("payload"), died.detail);
      }),
      Work.toLayer(({ n }) => Effect.succeed(n)),
    );
  }),
);

testEffect(
  "toLayer() refuses a second handler of a kind",
  Effect.gen(function* () {
    const handler = Work.toLayer(({ n }) => Effect.succeed(n));
    const other = Work.toLayer(({ n }) => Effect.succeed(-n));
    strictEqual(
      yield* dying(
        Effect.scoped(managed(Effect.void, Layer.merge(handler, other))),
      ),
      '"name" must be of one handler only, was "work"',
    );
  }),
);

testEffect(
  "names that not every store can keep are refused by name and value",
  Effect.gen(function* () {
    const Laned = Task.make("laned", {
      payload: { to: Schema.String },
      lane: { key: ({ to }) => to, concurrency: 1 },
    });
    const tasks = yield* TaskManager.make();
    for (const bad of ["", "a\0b", "\ud800", "\udc00a"]) {
      const must = bad === "" ? "not empty" : "well-formed text without NUL";
      strictEqual(
        yield* dying(tasks.submit(Work, { n: 1 }, { id: bad })),
        `"id" must be ${must}, was "${bad}"`,
      );
      strictEqual(
        yield* dying(tasks.submit(Laned, { to: bad })),
        `"lane" must be ${must}, was "${bad}"`,
      );
      throws(() => Task.make(bad), /"name" must be (?:not empty|well-formed)/);
    }
    deepStrictEqual((yield* tasks.list()).tasks, []);
  }).pipe(
    Effect.provide([Limiter.layerUnlimited, TaskStore.layerMemory()]),
  ),
);

Deno.test("TaskManager.layer() and Task.make() refuse bad options by name and value", () => {
  throws(() => TaskManager.layer({ workers: 0 }), /"workers".*0/);
  throws(() => TaskManager.layer({ lease: 0 }), /"lease".*0/);
  throws(() => TaskManager.layer({ keepFor: -1 }), /"keepFor".*-1/);
  throws(() => TaskManager.layer({ keepCount: 1.5 }), /"keepCount".*1\.5/);
  throws(() => TaskManager.layer({ drain: NaN }), /"drain".*NaN/);
  throws(() => Task.make(""), /"name"/);
  throws(() => Task.make("a", { maxAttempts: 0 }), /"maxAttempts".*0/);
});
