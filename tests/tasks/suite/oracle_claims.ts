/**
 * Whatever is done to a store, in whatever order: it does as the oracle does.
 *
 * @module
 */
import { Quota } from "@weir/weir";
import { TaskStore } from "@weir/weir/tasks";
import { testProperty } from "@weir/weir/testing";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Oracle } from "../oracle.ts";
import { history, type LayerOf, names, task } from "./claims.ts";

const { constantFrom, integer, record } = FastCheck;

const ids = names("p", 12);
const kinds = ["a", "b", "c"];
const statuses = [
  ...["scheduled", "pending", "running"] as const,
  ...["completed", "failed", "cancelled"] as const,
];

/** Those of a lane may be replaced, and keep the names of their tiers. */
const quotas = {
  x: [2, 3].map((limit) =>
    Quota.slidingWindow({ limit, window: "1 second", name: "x" })
  ),
  y: [Quota.tokenBucket({ rate: 1, per: "300 millis", burst: 2 })],
  z: [undefined],
};

const lanes = FastCheck.oneof(
  ...(["x", "y", "z"] as const).map((key) =>
    record({
      key: FastCheck.constant(key),
      concurrency: constantFrom(1, 2, 2, undefined),
      quota: constantFrom(...quotas[key]),
    })
  ),
);

const news = record({
  id: constantFrom(...ids),
  name: constantFrom(...kinds),
  priority: constantFrom(0, 0, 0, 1, -1),
  maxAttempts: integer({ min: 1, max: 3 }),
  start: FastCheck.oneof(
    FastCheck.constant({ delay: 0 }),
    record({ delay: constantFrom(0, 100, 700) }),
    record({ at: constantFrom(0, 500, 3000) }),
  ),
  lane: FastCheck.option(lanes, { nil: undefined }),
});

const outcomes: FastCheck.Arbitrary<TaskStore.Outcome> = constantFrom(
  { _tag: "Completed", result: 1 },
  { _tag: "Failed", error: "e" },
  { _tag: "Cancelled" },
  { _tag: "Retry", error: "r", delay: 0 },
  { _tag: "Retry", error: "s", delay: 400 },
  { _tag: "Released" },
);

/** Which of the leases so far, counted from the last. */
const which = integer({ min: 0, max: 9 });
const lengths = constantFrom(300, 1000);

const step = FastCheck.oneof(
  record({
    op: FastCheck.constant("insert" as const),
    rows: FastCheck.array(news, { minLength: 1, maxLength: 4 }),
  }),
  ...[0, 1].map(() =>
    record({
      op: FastCheck.constant("claim" as const),
      names: FastCheck.subarray(kinds),
      limit: integer({ min: 1, max: 4 }),
      length: lengths,
    })
  ),
  record({
    op: FastCheck.constant("heartbeat" as const),
    leases: FastCheck.array(which, { minLength: 1, maxLength: 3 }),
    length: lengths,
  }),
  record({
    op: FastCheck.constant("progress" as const),
    lease: which,
    done: integer({ min: 0, max: 3 }),
  }),
  ...[0, 1].map(() =>
    record({
      op: FastCheck.constant("settle" as const),
      ends: FastCheck.array(FastCheck.tuple(which, outcomes), {
        minLength: 1,
        maxLength: 3,
      }),
    })
  ),
  record({
    op: constantFrom("cancel" as const, "retry" as const),
    id: constantFrom(...ids),
  }),
  record({ op: constantFrom("promote" as const, "reap" as const) }),
  record({
    op: FastCheck.constant("prune" as const),
    keepFor: constantFrom(0, 500, Infinity),
    keepCount: constantFrom(0, 2, 100),
    limit: integer({ min: 1, max: 3 }),
  }),
  record({
    op: FastCheck.constant("pause" as const),
    name: constantFrom(undefined, ...kinds),
    paused: constantFrom(true, false, false),
  }),
  ...[0, 1].map(() =>
    record({
      op: FastCheck.constant("wait" as const),
      millis: constantFrom(1, 99, 100, 300, 1000),
    })
  ),
);

type Step = typeof step extends FastCheck.Arbitrary<infer S> ? S : never;

export function oracleClaims<E>(
  name: string,
  layerOf: LayerOf<E>,
  runs: number,
): void {
  testProperty(
    `${name}: does as the oracle does, whatever is asked of it in whatever order`,
    record({
      capacity: constantFrom(4, 100),
      steps: FastCheck.array(step, { minLength: 1, maxLength: 60 }),
    }),
    ({ capacity, steps }) =>
      Effect.gen(function* () {
        const store = yield* TaskStore.TaskStore;
        const both = new Both(store, new Oracle(capacity));
        for (const step of steps) yield* both.take(step);
        yield* both.compare;
      }).pipe(Effect.provide(layerOf({ capacity }))),
    { numRuns: runs },
  );
}

class Both {
  /** What was claimed so far, and the number by which the oracle knows it. */
  private readonly claims: Array<readonly [TaskStore.Lease, number]> = [];

  constructor(
    private readonly store: TaskStore.Service,
    private readonly oracle: Oracle,
  ) {}

  readonly take = Effect.fnUntraced({ self: this }, function* (step: Step) {
    const { oracle, store } = this;
    switch (step.op) {
      case "insert": {
        const [first, ...rest] = step.rows.map((row) => task(row.id, row));
        const stored = yield* orFull(store.insert([first!, ...rest]));
        deepStrictEqual(
          stored === "Full" ? stored : stored.map(({ existed }) => existed),
          oracle.insert([first!, ...rest]),
        );
        break;
      }
      case "claim": {
        const { length, limit, names } = step;
        const lease = Duration.millis(length);
        const claimed = yield* store.claim({ names, limit, lease });
        const expected = oracle.claim(names, limit, length);
        deepStrictEqual(
          claimed.map(({ id }) => id),
          expected.map(([id]) => id),
        );
        claimed.forEach(({ lease }, n) =>
          this.claims.push([lease, expected[n]![1]])
        );
        break;
      }
      case "heartbeat": {
        const held = step.leases.flatMap((n) => this.lease(n));
        const [first, ...rest] = held.map(([lease]) => lease);
        if (first === undefined) break;
        const answer = yield* store.heartbeat(
          [first, ...rest],
          Duration.millis(step.length),
        );
        const lost = [];
        const cancelled = [];
        for (const [lease, claim] of held) {
          const is = oracle.heartbeat(claim, step.length);
          if (is === "lost") lost.push(lease);
          if (is === "cancelled") cancelled.push(lease);
        }
        deepStrictEqual(answer, { lost, cancelled });
        break;
      }
      case "progress":
        for (const [lease, claim] of this.lease(step.lease)) {
          const progress: TaskStore.Progress = { done: step.done };
          strictEqual(
            yield* store.progress(lease, progress),
            oracle.progress(claim, progress),
          );
        }
        break;
      case "settle": {
        const ends = step.ends.flatMap(([n, outcome]) =>
          this.lease(n).map(([lease, claim]) => ({ lease, claim, outcome }))
        );
        const [first, ...rest] = ends.map(({ lease, outcome }) => ({
          lease,
          outcome,
        }));
        if (first === undefined) break;
        const lost = yield* store.settle([first, ...rest]);
        deepStrictEqual(
          lost,
          ends
            .filter(({ claim, outcome }) => !oracle.settle(claim, outcome))
            .map(({ lease }) => lease),
        );
        break;
      }
      case "cancel":
        strictEqual(yield* store.cancel(step.id), oracle.cancel(step.id));
        break;
      case "retry":
        strictEqual(
          yield* orFull(store.retry(step.id)),
          oracle.retry(step.id),
        );
        break;
      case "promote": {
        const next = yield* store.promote(1000);
        oracle.promote();
        // Lanes may let it be sooner.
        const { nextAt } = oracle;
        if (nextAt !== undefined) {
          ok(next._tag === "Some");
          ok(Duration.toMillis(next.value) <= nextAt - oracle.now);
        }
        break;
      }
      case "reap":
        strictEqual(yield* store.reap(1000), oracle.reap());
        break;
      case "prune": {
        const { keepCount, keepFor, limit } = step;
        const pruned = yield* store.prune({
          keepFor: Duration.millis(keepFor),
          keepCount,
          limit,
        });
        const { rows } = yield* store.list({});
        const left = new Set(rows.map(({ id }) => id));
        strictEqual(
          pruned,
          oracle.prune(keepFor, keepCount, limit, (id) => !left.has(id)),
        );
        break;
      }
      case "pause":
        yield* store.pause(step.name, step.paused);
        oracle.pause(step.name, step.paused);
        break;
      case "wait":
        yield* TestClock.adjust(step.millis);
        oracle.now += step.millis;
    }
    deepStrictEqual(yield* store.stats, oracle.stats);
  });

  get compare(): Effect.Effect<void, unknown> {
    const { oracle, store } = this;
    return Effect.gen(function* () {
      const { rows } = oracle;
      deepStrictEqual((yield* store.list({})).rows, rows);
      for (const name of [undefined, ...kinds]) {
        for (const status of [undefined, ...statuses]) {
          const some = yield* store.list({ name, status });
          deepStrictEqual(
            some.rows,
            rows.filter((row) =>
              (name ?? row.name) === row.name &&
              (status ?? row.status) === row.status
            ),
          );
        }
      }
      strictEqual(yield* store.lastEvent, oracle.events.length);
      const kept = new Set(oracle.rows.map(({ id }) => id));
      const told = (events: ReadonlyArray<string>) =>
        events.filter((event) => kept.has(event.split(" ")[0]!)).toSorted();
      const seen = yield* history(store);
      strictEqual(told(seen).length, seen.length);
      for (const id of kept) {
        // Those of an id that was used before are gone.
        const of = (events: ReadonlyArray<string>) =>
          events.filter((event) => event.startsWith(`${id} `));
        const mine = of(seen);
        deepStrictEqual(mine, of(oracle.events).slice(-mine.length));
      }
    });
  }

  private lease(
    back: number,
  ): ReadonlyArray<readonly [TaskStore.Lease, number]> {
    const claim = this.claims.at(-1 - back);
    return claim === undefined ? [] : [claim];
  }
}

function orFull<A>(
  effect: Effect.Effect<A, TaskStore.TaskStoreError>,
): Effect.Effect<A | "Full", TaskStore.TaskStoreError> {
  return Effect.catch(
    effect,
    (error) =>
      error.reason === "Full"
        ? Effect.succeed("Full" as const)
        : Effect.fail(error),
  );
}
