import { Quota } from "@weir/weir";
import { DenoSqlite } from "@weir/weir/deno";
import { TaskStore } from "@weir/weir/tasks";
import { testProperty } from "@weir/weir/testing";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Layer from "effect/Layer";
import * as Option from "effect/Option";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual } from "node:assert/strict";
import {
  cancelled,
  completed,
  failed,
  released,
  retried,
} from "./suite/claims.ts";

type Store = TaskStore.Service;

/** One store, and the leases that it gave, in order. */
interface Side {
  readonly store: Store;
  readonly leases: Array<TaskStore.Lease>;
}

/** One step on a store; what it gives is compared with what the other store gave. */
type Step = (side: Side) => Effect.Effect<unknown, TaskStore.TaskStoreError>;

const quotas = [
  undefined,
  Quota.slidingWindow({ limit: 2, window: 30 }),
  Quota.fixedWindow({ limit: 1, window: 20 }),
];

const { array, boolean, constantFrom, integer, nat, oneof, record, subarray } =
  FastCheck;

const id = nat(9).map((n) => `p${n}`);
const kind = constantFrom("a", "b", "c");
const lane = record({
  key: constantFrom("x", "y"),
  concurrency: constantFrom(undefined, 1, 2),
  quota: constantFrom(...quotas),
});
const newRow: FastCheck.Arbitrary<TaskStore.NewRow> = record({
  id,
  name: kind,
  payload: nat(3),
  priority: integer({ min: -1, max: 1 }),
  maxAttempts: integer({ min: 1, max: 3 }),
  start: oneof(
    constantFrom(0, 0, 10, 45).map((delay) => ({ delay })),
    nat(200).map((at) => ({ at })),
  ),
  lane: oneof(FastCheck.constant(undefined), lane),
});

const outcome = constantFrom(
  ...[completed, failed, cancelled, released],
  ...[retried(0), retried(15)],
);

/** Which of the leases that were given; old ones too. */
const pick = (side: Side, n: number): TaskStore.Lease =>
  side.leases.at(-1 - n % Math.max(1, side.leases.length)) ??
    { id: "none", token: "1" };

/** Leases by their place, for tokens differ. */
const places = (side: Side, leases: ReadonlyArray<TaskStore.Lease>) =>
  leases.map((lease) => side.leases.indexOf(lease));

const step: FastCheck.Arbitrary<Step> = oneof(
  {
    weight: 4,
    arbitrary: array(newRow, { minLength: 1, maxLength: 3 }).map(
      ([first, ...rest]): Step => ({ store }) =>
        store.insert([first!, ...rest]),
    ),
  },
  {
    weight: 4,
    arbitrary: record({
      names: subarray(["a", "b", "c", "none"]),
      limit: integer({ min: 1, max: 4 }),
      lease: constantFrom(10, 35).map((millis) => Duration.millis(millis)),
    }).map((options): Step => (side) =>
      Effect.map(side.store.claim(options), (claimed) => {
        side.leases.push(...claimed.map(({ lease }) => lease));
        return claimed.map(({ lease: _, ...row }) => row);
      })
    ),
  },
  {
    weight: 4,
    arbitrary: array(FastCheck.tuple(nat(5), outcome), {
      minLength: 1,
      maxLength: 3,
    }).map((chosen): Step => (side) => {
      const [first, ...rest] = chosen.map(([n, outcome]) => ({
        lease: pick(side, n),
        outcome,
      }));
      return Effect.map(
        side.store.settle([first!, ...rest]),
        (lost) => places(side, lost),
      );
    }),
  },
  nat(5).map((n): Step => (side) =>
    Effect.map(
      side.store.heartbeat([pick(side, n)], Duration.millis(25)),
      ({ cancelled, lost }) => [places(side, cancelled), places(side, lost)],
    )
  ),
  FastCheck.tuple(nat(5), nat(9)).map(([n, done]): Step => (side) =>
    side.store.progress(pick(side, n), { done })
  ),
  id.map((id): Step => ({ store }) => store.cancel(id)),
  id.map((id): Step => ({ store }) => store.retry(id)),
  FastCheck.constant<Step>(({ store }) =>
    Effect.map(
      store.promote(100),
      (next) => Option.getOrUndefined(Option.map(next, Duration.toMillis)),
    )
  ),
  FastCheck.constant<Step>(({ store }) => store.reap(100)),
  record({
    keepFor: constantFrom(Duration.zero, Duration.millis(40)),
    // Not some of them: of leases that pass at once, each store reaps the one that it likes first.
    keepCount: constantFrom(0, 100),
    limit: FastCheck.constant(100),
  }).map((options): Step => ({ store }) => store.prune(options)),
  FastCheck.tuple(constantFrom(undefined, "a", "b"), boolean()).map(
    ([name, paused]): Step => ({ store }) => store.pause(name, paused),
  ),
  FastCheck.tuple(nat(2), nat(2), array(newRow, { maxLength: 2 })).map(
    ([from, next, rows]): Step => ({ store }) =>
      store.fire({ id: "s", from, next, rows }),
  ),
  FastCheck.tuple(nat(1), nat(2)).map(([n, next]): Step => ({ store }) =>
    n === 0
      ? store.removeSchedule("s")
      : store.putSchedule({ id: "s", spec: { next }, next })
  ),
);

const script = array(FastCheck.tuple(constantFrom(0, 0, 1, 7, 20), step), {
  maxLength: 60,
  size: "max",
});

/** All that there is to see in a store; events of one step in any order. */
const seen = (store: Store, after: number) =>
  Effect.gen(function* () {
    const events = yield* store.events(after, 1000);
    return {
      rows: (yield* store.list({ limit: 1000 })).rows,
      failed: (yield* store.list({ status: "failed", limit: 2 })).rows,
      named: (yield* store.list({ name: "b", limit: 2 })).rows,
      stats: yield* store.stats,
      schedules: yield* store.schedules,
      lastEvent: yield* store.lastEvent,
      events: events.map(({ sequence: _, ...event }) => JSON.stringify(event))
        .sort(),
    };
  });

const both = Effect.gen(function* () {
  const open = (layer: Layer.Layer<TaskStore.TaskStore, unknown>) =>
    Effect.map(
      Layer.build(layer),
      // The one service that it has.
      (context) => Effect.provideContext(TaskStore.TaskStore, context),
    );
  const options = { capacity: 6 };
  const memory = yield* yield* open(TaskStore.layerMemory(options));
  const sql = yield* yield* open(
    Layer.provide(
      TaskStore.layerSql(options),
      DenoSqlite.layer({ filename: ":memory:" }),
    ),
  );
  return [memory, sql] as const;
});

testProperty(
  "TaskStore.layerSql() and layerMemory() answer alike, whatever is asked of them",
  script,
  (steps) =>
    Effect.gen(function* () {
      const sides = (yield* both).map((store): Side => ({ store, leases: [] }));
      const [memory, sql] = [sides[0]!, sides[1]!];
      for (const [wait, step] of steps) {
        yield* TestClock.adjust(wait);
        const after = yield* memory.store.lastEvent;
        const [expected, answered] = [
          yield* Effect.exit(step(memory)),
          yield* Effect.exit(step(sql)),
        ];
        deepStrictEqual(told(answered), told(expected));
        deepStrictEqual(
          yield* seen(sql.store, after),
          yield* seen(memory.store, after),
        );
      }
    }),
  { numRuns: 1000 },
);

/** What was answered, or why not. */
function told(
  exit: Exit.Exit<unknown, TaskStore.TaskStoreError>,
): unknown {
  return Exit.isSuccess(exit)
    ? exit.value
    : Option.getOrThrow(Exit.findErrorOption(exit)).reason;
}
