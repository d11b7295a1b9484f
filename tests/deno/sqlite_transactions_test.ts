import { DenoSqlite } from "@weir/weir/deno";
import { testEffect, testProperty } from "@weir/weir/testing";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import { SqlClient } from "effect/sql/SqlClient";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { simulationTests } from "../support/simulated.ts";

const Memory = DenoSqlite.layer({ filename: ":memory:" });

/** What a transaction does, and how it ends. */
interface Plan {
  readonly steps: ReadonlyArray<"insert" | "yield" | Plan>;
  readonly fails: boolean;
}

/** A fiber: a transaction or single statements, interrupted after some yields or not at all. */
interface Job extends Plan {
  readonly single: boolean;
  readonly interruptedAfter: number | undefined;
}

const { plan } = FastCheck.letrec<{ plan: Plan; step: Plan["steps"][number] }>((
  tie,
) => ({
  step: FastCheck.oneof(
    { depthSize: "small", withCrossShrink: true },
    FastCheck.constantFrom("insert" as const, "yield" as const),
    tie("plan"),
  ),
  plan: FastCheck.record({
    steps: FastCheck.array(tie("step"), { maxLength: 5 }),
    fails: FastCheck.boolean(),
  }),
}));
const jobs: FastCheck.Arbitrary<ReadonlyArray<Job>> = FastCheck.array(
  FastCheck.tuple(
    plan,
    FastCheck.record({
      single: FastCheck.boolean(),
      interruptedAfter: FastCheck.option(FastCheck.nat(12), { nil: undefined }),
    }),
  ).map(([plan, rest]) => ({ ...plan, ...rest })),
  { minLength: 1, maxLength: 6 },
);

/** Runs the jobs at once, and expects the rows of exactly the transactions that are committed. */
const leavesWhatIsCommitted = (jobs: ReadonlyArray<Job>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient;
    yield* sql`CREATE TABLE t (id INTEGER PRIMARY KEY)`;
    const ids = Effect.map(
      sql<{ id: number }>`SELECT id FROM t`,
      (rows) => rows.map(({ id }) => id),
    );
    let next = 0;
    const committed = new Set<number>();
    const insert = Effect.suspend(() => {
      const id = next++;
      return Effect.as(sql`INSERT INTO t VALUES (${id})`, id);
    });

    const run = (
      { fails, steps }: Plan,
    ): Effect.Effect<Array<number>, unknown> =>
      Effect.gen(function* () {
        const mine: Array<number> = [];
        for (const step of steps) {
          if (step === "yield") yield* Effect.yieldNow;
          else if (step === "insert") mine.push(yield* insert);
          else {
            const nested = sql.withTransaction(run(step));
            mine.push(...yield* Effect.orElseSucceed(nested, () => []));
          }
        }
        return fails ? yield* Effect.fail("as planned") : mine;
      });
    const alone = (job: Job) =>
      sql.withTransaction(Effect.gen(function* () {
        const before = yield* ids;
        const mine = yield* run(job);
        deepStrictEqual(yield* ids, [...before, ...mine].sort((a, b) => a - b));
        yield* sql.afterCommit(
          Effect.sync(() => mine.forEach((id) => committed.add(id))),
        );
        return mine;
      }));
    const singles = ({ steps }: Job) =>
      Effect.forEach(steps, () =>
        Effect.uninterruptible(
          Effect.map(insert, (id) => committed.add(id)),
        ).pipe(Effect.andThen(Effect.yieldNow)), { discard: true });

    const fibers = yield* Effect.forEach(jobs, (job) =>
      Effect.forkChild(
        job.single ? singles(job) : Effect.map(alone(job), (mine) => {
          ok(mine.every((id) => committed.has(id)));
        }),
      ));
    const interrupts = yield* Effect.forEach(fibers, (fiber, i) => {
      const after = jobs[i]?.interruptedAfter;
      return after === undefined ? Effect.void : Effect.forkChild(
        Effect.andThen(
          Effect.replicateEffect(Effect.yieldNow, after),
          Fiber.interrupt(fiber),
        ),
      );
    });
    for (const [i, fiber] of fibers.entries()) {
      const exit = yield* Fiber.await(fiber);
      if (Exit.hasDies(exit)) yield* exit;
      const job = jobs[i];
      if (job?.interruptedAfter === undefined && job?.single === false) {
        strictEqual(Exit.isFailure(exit), job.fails);
      }
    }
    yield* Effect.forEach(
      interrupts,
      (fiber) => fiber === undefined ? Effect.void : Fiber.join(fiber),
    );
    deepStrictEqual(yield* ids, [...committed].sort((a, b) => a - b));
    yield* sql.withTransaction(insert);
  });

testProperty(
  "fibers leave the rows of exactly the transactions that are committed",
  jobs,
  (jobs) => Effect.provide(leavesWhatIsCommitted(jobs), Memory),
  { numRuns: 300 },
);

const inner: Plan = { steps: ["insert", "yield", "insert"], fails: true };
const outer: Plan = {
  steps: ["insert", inner, "yield", "insert"],
  fails: false,
};
simulationTests(
  [
    {
      name:
        "transactions of fibers are isolated, and interrupted ones are undone",
      program: Effect.suspend(() =>
        Effect.provide(
          leavesWhatIsCommitted([
            { ...outer, single: false, interruptedAfter: undefined },
            { ...outer, single: false, interruptedAfter: 2 },
            { ...inner, single: false, interruptedAfter: 3 },
            { ...outer, single: true, interruptedAfter: 1 },
          ]),
          Memory,
        )
      ),
      small: true,
    },
  ],
  100,
  100,
);

testEffect(
  "a transaction that is interrupted while it waits lets the next one go",
  Effect.gen(function* () {
    const sql = yield* SqlClient;
    yield* sql`CREATE TABLE t (a)`;
    const begun = yield* Deferred.make<void>();
    const holder = yield* Effect.forkChild(
      sql.withTransaction(
        sql`INSERT INTO t VALUES (1)`.pipe(
          Effect.andThen(Deferred.succeed(begun, undefined)),
          Effect.andThen(Effect.never),
        ),
      ),
    );
    yield* Deferred.await(begun);
    const insert = (a: number) =>
      sql.withTransaction(sql`INSERT INTO t VALUES (${a})`);
    const waits = yield* Effect.forkChild(insert(2));
    const last = yield* Effect.forkChild(insert(3));
    yield* Effect.yieldNow;
    yield* Fiber.interrupt(waits);
    yield* Fiber.interrupt(holder);
    yield* Fiber.join(last);
    deepStrictEqual(yield* sql`SELECT a FROM t`, [{ a: 3 }]);
  }).pipe(Effect.provide(Memory)),
);
