import { Limiter } from "@weir/weir";
import { Task, TaskManager, TaskStore } from "@weir/weir/tasks";
import { testEffect } from "@weir/weir/testing";
import * as Clock from "effect/Clock";
import * as Cron from "effect/Cron";
import * as DateTime from "effect/DateTime";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type * as Scope from "effect/Scope";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { dying } from "../support/effects.ts";
import { pass, settle } from "./managed.ts";

const { TaskManager: Tasks } = TaskManager;

const Tick = Task.make("tick");

const iso = (millis: number) => new Date(millis).toISOString();

/** A process that notes when it ran a tick, until its scope ends. */
const ticking = (
  log: Array<string>,
): Effect.Effect<
  TaskManager.Service,
  never,
  TaskStore.TaskStore | Scope.Scope
> =>
  Effect.gen(function* () {
    const context = yield* Layer.build(
      Tick.toLayer((_, { id }) =>
        Effect.map(
          Clock.currentTimeMillis,
          (now) => void log.push(`${id} at ${iso(now).slice(0, 19)}`),
        )
      ).pipe(
        Layer.provideMerge(TaskManager.layer()),
        Layer.provide(Limiter.layerUnlimited),
      ),
    );
    return yield* Effect.provideContext(Tasks, context);
  });

const onStore = <A, E>(
  body: Effect.Effect<A, E, TaskStore.TaskStore | Scope.Scope>,
) => Effect.provide(body, TaskStore.layerMemory());

const goTo = (time: string) =>
  Effect.andThen(TestClock.setTime(Date.parse(time)), settle);

testEffect(
  "schedule() runs one task for each interval, in one process of several",
  onStore(Effect.gen(function* () {
    const log: Array<string> = [];
    const [tasks, other] = [yield* ticking(log), yield* ticking(log)];
    const options = { id: "t", task: Tick, payload: undefined } as const;
    yield* tasks.schedule({ ...options, when: "10 seconds" });
    yield* other.schedule({ ...options, when: "10 seconds" });
    for (let n = 0; n < 35; n++) yield* pass(1000);
    deepStrictEqual(log, [
      "t@1970-01-01T00:00:10.000Z at 1970-01-01T00:00:10",
      "t@1970-01-01T00:00:20.000Z at 1970-01-01T00:00:20",
      "t@1970-01-01T00:00:30.000Z at 1970-01-01T00:00:30",
    ]);
    const [info] = yield* tasks.schedules;
    deepStrictEqual(
      [info?.id, info?.name, DateTime.toEpochMillis(info!.next)],
      ["t", "tick", 40_000],
    );
    strictEqual(yield* tasks.unschedule("t"), true);
    strictEqual(yield* tasks.unschedule("t"), false);
    for (let n = 0; n < 20; n++) yield* pass(1000);
    strictEqual(log.length, 3);
  })),
);

testEffect(
  "schedule() follows a cron in its time zone, over the days on which clocks change",
  onStore(Effect.gen(function* () {
    const log: Array<string> = [];
    yield* goTo("2026-03-28T00:00:00Z");
    const tasks = yield* ticking(log);
    yield* tasks.schedule({
      id: "early",
      task: Tick,
      payload: undefined,
      when: Cron.parseUnsafe("30 2 * * *", "Europe/Berlin"),
    });
    for (const day of ["28", "29", "30"]) {
      yield* goTo(`2026-03-${day}T00:20:00Z`);
      for (const time of ["00:30:00", "01:00:00", "01:30:00", "02:00:00"]) {
        yield* goTo(`2026-03-${day}T${time}Z`);
      }
    }
    deepStrictEqual(log.map((line) => line.slice(-19)), [
      "2026-03-28T01:30:00",
      // There is no half past two: the clocks go on to three, and it is half past three.
      "2026-03-29T01:30:00",
      "2026-03-30T00:30:00",
    ]);
  })),
);

for (
  const [missed, expected] of [
    ["skip", ["2026-01-01T04:00:00"]],
    ["latest", ["2026-01-01T03:30:00", "2026-01-01T04:00:00"]],
    [
      "all",
      [
        "2026-01-01T03:30:00",
        "2026-01-01T03:30:00",
        "2026-01-01T03:30:00",
        "2026-01-01T04:00:00",
      ],
    ],
  ] as const
) {
  testEffect(
    `times that passed while no process ran: ${missed}`,
    onStore(Effect.gen(function* () {
      const log: Array<string> = [];
      yield* goTo("2026-01-01T00:30:00Z");
      yield* Effect.scoped(Effect.gen(function* () {
        const tasks = yield* ticking(log);
        yield* tasks.schedule({
          id: "hourly",
          task: Tick,
          payload: undefined,
          when: Cron.parseUnsafe("0 * * * *"),
          missed,
        });
        yield* settle;
      }));
      yield* goTo("2026-01-01T03:30:00Z");
      yield* ticking(log);
      yield* settle;
      yield* goTo("2026-01-01T03:59:59Z");
      yield* goTo("2026-01-01T04:00:00Z");
      yield* settle;
      deepStrictEqual(log.map((line) => line.slice(-19)), expected);
      const slots = log.map((line) => line.split(" ")[0]);
      strictEqual(new Set(slots).size, slots.length);
    })),
  );
}

testEffect(
  "schedule() declared again keeps its times, or replaces what changed",
  onStore(Effect.gen(function* () {
    const log: Array<string> = [];
    const tasks = yield* ticking(log);
    const options = { id: "t", task: Tick, payload: undefined } as const;
    const next = Effect.map(
      tasks.schedules,
      ([info]) => DateTime.toEpochMillis(info!.next),
    );
    yield* tasks.schedule({ ...options, when: "1 minute" });
    yield* pass(40_000);
    yield* tasks.schedule({ ...options, when: "1 minute" });
    strictEqual(yield* next, 60_000);
    yield* tasks.schedule({ ...options, when: "2 minutes" });
    strictEqual(yield* next, 160_000);
  })),
);

testEffect(
  "schedule() refuses bad options by name and value",
  onStore(Effect.gen(function* () {
    const tasks = yield* ticking([]);
    const options = { id: "t", task: Tick, payload: undefined } as const;
    strictEqual(
      yield* dying(tasks.schedule({ ...options, when: 0 })),
      '"when" must be a duration such as 1000 or "1 second", positive and finite, was 0',
    );
    strictEqual(
      yield* dying(tasks.schedule({ ...options, id: "", when: 1 })),
      '"id" must be not empty, was ""',
    );
  })),
);
