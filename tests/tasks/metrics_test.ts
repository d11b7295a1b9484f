import { Task, TaskManager } from "@weir/weir/tasks";
import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import * as Schema from "effect/Schema";
import { deepStrictEqual } from "node:assert/strict";
import { alone, shown } from "../support/metrics.ts";
import { managed, pass, settle } from "./managed.ts";

const Mail = Task.make("mail", {
  payload: Schema.Literals(["send", "crash", "later", "wait"]),
  error: Schema.String,
  retry: Schedule.spaced("1 hour"),
});

const mails = Mail.toLayer((what, { attempt }) => {
  switch (what) {
    case "send":
      return Effect.sleep("2 seconds");
    case "crash":
      return Effect.die("a bug");
    case "later":
      return attempt === 1 ? Effect.fail("busy") : Effect.void;
    case "wait":
      return Effect.never;
  }
});

const tasksShown = shown("weir_tasks_", "task");

testEffect(
  "a handler is in the metrics while its layer lives",
  Effect.gen(function* () {
    yield* managed(
      Effect.gen(function* () {
        const tasks = yield* TaskManager.TaskManager;
        for (const what of ["send", "send", "crash", "later"] as const) {
          yield* tasks.submit(Mail, what);
        }
        const waiting = yield* tasks.submit(Mail, "wait");
        yield* pass(2000);
        yield* pass(3000);
        deepStrictEqual(yield* tasksShown, {
          "running mail": 1,
          "completed_total mail": 2,
          "failed_total mail": 1,
          "cancelled_total mail": 0,
          "retried_total mail": 1,
          "released_total mail": 0,
          "lost_total mail": 0,
          "wait_seconds mail": [5, 6],
          "run_seconds mail": [4, 4],
        });
        yield* waiting.cancel;
        yield* pass(3_600_000);
        const {
          "cancelled_total mail": cancelled,
          "completed_total mail": completed,
          "running mail": running,
        } = yield* tasksShown;
        deepStrictEqual([running, completed, cancelled], [0, 3, 1]);
      }),
      mails,
      { workers: 2 },
    ).pipe(Effect.scoped);
    yield* settle;
    deepStrictEqual(yield* tasksShown, {});
  }).pipe(alone),
);
