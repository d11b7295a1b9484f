import { testEffect } from "@weir/weir/testing";
import { TaskManager } from "@weir/weir/tasks";
import * as DateTime from "effect/DateTime";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Feed } from "../../src/tasks/api_feed.ts";
import { History } from "../../src/tasks/api_history.ts";
import { managed, pass, Work } from "./managed.ts";

testEffect(
  "History holds ten minutes of what ended each five seconds, and of what stood then",
  managed(
    Effect.gen(function* () {
      const manager = yield* TaskManager.TaskManager;
      const history = new History();
      yield* Feed.start(manager, history.count);
      yield* history.sampling(manager);
      const [first, second] = yield* manager.submitMany(
        Work,
        Array.from({ length: 5 }, (_, n) => ({ n })),
      );
      yield* pass(4999);
      deepStrictEqual([...history.all], []);
      yield* first!.cancel;
      yield* pass(1);
      yield* second!.cancel;
      yield* pass(5000);
      yield* pass(5000);
      const levels = history.all.map(({ at, ...rest }) => ({
        ...rest,
        at: DateTime.toEpochMillis(at),
      }));
      const none = { running: 0, completed: 0, failed: 0 };
      deepStrictEqual(levels, [
        { ...none, at: 5000, waiting: 4, cancelled: 1 },
        { ...none, at: 10_000, waiting: 3, cancelled: 1 },
        { ...none, at: 15_000, waiting: 3, cancelled: 0 },
      ]);
      for (let n = 0; n < 150; n++) yield* pass(5000);
      strictEqual(history.all.length, 120);
      strictEqual(
        DateTime.toEpochMillis(history.all.at(-1)!.at),
        153 * 5000,
      );
    }),
    Layer.empty,
  ),
);
