/**
 * Workers that share a store, and fail it in every way.
 *
 * @module
 */
import { Quota } from "@weir/weir";
import { TaskStore } from "@weir/weir/tasks";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type * as Layer from "effect/Layer";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Dice, monotonic, pause } from "../support/dice.ts";
import { worst } from "../support/oracle.ts";
import type { Simulated } from "../support/simulated.ts";
import { lane, names, task } from "./suite/claims.ts";

const lease = Duration.millis(50);
const leaseMillis = 50;
const pace = Quota.slidingWindow({ limit: 2, window: "40 millis" });
const lanes = {
  narrow: { limits: lane("narrow", 1), concurrency: 1 },
  wide: { limits: lane("wide", 2), concurrency: 2 },
  paced: { limits: lane("paced", undefined, pace), concurrency: Infinity },
};

const final = ["completed", "failed", "cancelled"];

/** What becomes of an attempt: how long its parts take, between which it may send a heartbeat, and how it ends. */
interface Fate {
  readonly parts: ReadonlyArray<
    { readonly millis: number; readonly beats: boolean }
  >;
  readonly crashes: boolean;
  readonly outcome: TaskStore.Outcome;
}

/** What came to pass, and what must not. */
class Journal {
  private readonly begins = new Map<string, number>();
  private readonly released = new Map<string, number>();
  /** Those who may settle, and once. */
  private readonly newest = new Map<string, string>();
  /** Those that a cancel has ended, or that a settle has. */
  private readonly over = new Set<string>();
  private readonly paced: Array<{ readonly at: number; readonly cost: 1 }> = [];

  begin(claimed: TaskStore.Claimed, at: number): void {
    const { attempts, id, lane, lease, maxAttempts } = claimed;
    this.newest.set(id, lease.token);
    ok(!this.over.has(id), `${id} begins after its end`);
    const begins = (this.begins.get(id) ?? 0) + 1;
    this.begins.set(id, begins);
    ok(attempts <= maxAttempts);
    strictEqual(attempts, begins - (this.released.get(id) ?? 0));
    if (lane !== "paced") return;
    this.paced.push({ at, cost: 1 });
    ok(worst(this.paced, 40) <= 2, "a lane begins more than its quota");
  }

  settle({ id, token }: TaskStore.Lease, { _tag }: TaskStore.Outcome): void {
    ok(!this.over.has(id), `${id} is settled after its end`);
    strictEqual(token, this.newest.get(id), `${id}: an old lease settles`);
    this.newest.delete(id);
    if (_tag === "Released") {
      this.released.set(id, (this.released.get(id) ?? 0) + 1);
    } else if (_tag !== "Retry") this.end(id);
  }

  end(id: string): void {
    this.over.add(id);
  }
}

const workers = Effect.gen(function* () {
  const dice = yield* Dice.make;
  const store = yield* TaskStore.TaskStore;
  const journal = new Journal();
  const ids = names("t", dice.whole(2, 6));
  let submitted = false;

  const submits = ids.map((id) => ({
    wait: dice.pause(30),
    row: task(id, {
      maxAttempts: dice.whole(1, 3),
      priority: dice.whole(0, 1),
      start: { delay: dice.pause(40) },
      ...dice.pick(
        { lane: undefined },
        ...Object.values(lanes).map(({ limits }) => limits),
      ),
    }),
  }));
  const submit = Effect.forEach(
    submits,
    ({ row, wait }) => Effect.andThen(pause(wait), store.insert([row])),
  ).pipe(
    Effect.andThen(Effect.sync(() => {
      submitted = true;
    })),
  );

  const cancels = dice.list(3, () => ({
    wait: dice.pause(60),
    id: dice.pick(...ids),
  }));
  const cancel = Effect.forEach(cancels, ({ id, wait }) =>
    Effect.andThen(
      pause(wait),
      Effect.map(store.cancel(id), (answer) => {
        if (answer === "cancelled") journal.end(id);
      }),
    ));

  const isOver = Effect.map(
    store.stats,
    ({ pending, running, scheduled }) =>
      submitted && pending + running + scheduled === 0,
  );

  const keep = Effect.gen(function* () {
    while (!(yield* isOver)) {
      yield* store.promote(2);
      yield* store.reap(2);
      yield* Effect.sleep(7);
    }
  });

  /** The rooms of the lanes hold at every moment: it is looked at whenever something began. */
  const look = Effect.map(store.list({ status: "running" }), ({ rows }) => {
    for (const [key, { concurrency }] of Object.entries(lanes)) {
      const running = rows.filter(({ lane }) => lane === key).length;
      ok(running <= concurrency, `${running} run in lane ${key}`);
    }
  });

  const attempt = (claimed: TaskStore.Claimed, fate: Fate) =>
    Effect.gen(function* () {
      for (const { beats, millis } of fate.parts) {
        yield* pause(millis);
        if (!beats) continue;
        const answer = yield* store.heartbeat([claimed.lease], lease);
        if (answer.lost.length > 0) return;
        if (answer.cancelled.length > 0) break;
      }
      if (fate.crashes) return;
      const { lease: held } = claimed;
      const lost = yield* store.settle([
        { lease: held, outcome: fate.outcome },
        { lease: held, outcome: { _tag: "Failed", error: "again" } },
      ]);
      if (lost.length === 1) journal.settle(held, fate.outcome);
      else strictEqual(lost.length, 2);
    });

  const fateOf = (): Fate => ({
    parts: dice.list(dice.whole(0, 3), () => ({
      millis: dice.pause(leaseMillis + 20),
      beats: dice.happens(0.7),
    })),
    crashes: dice.happens(0.25),
    outcome: dice.pick<TaskStore.Outcome>(
      { _tag: "Completed", result: 1 },
      { _tag: "Completed", result: 1 },
      { _tag: "Failed", error: "e" },
      { _tag: "Retry", error: "r", delay: dice.pause(30) },
      { _tag: "Cancelled" },
      { _tag: "Released" },
    ),
  });

  const worker = (limit: number, fates: ReadonlyArray<Fate>) =>
    Effect.gen(function* () {
      for (let n = 0; !(yield* isOver);) {
        const claimed = yield* store.claim({ names: ["mail"], limit, lease });
        if (claimed.length === 0) yield* Effect.sleep(11);
        const at = yield* monotonic;
        claimed.forEach((one) => journal.begin(one, at));
        yield* look;
        yield* Effect.forEach(
          claimed,
          (one) => attempt(one, fates[n++ % fates.length]!),
          { concurrency: "unbounded" },
        );
      }
    });

  const crew = dice.list(3, () => {
    const fates = dice.list(5, fateOf);
    // One that goes well, so that an end is in sight.
    const good: Fate = {
      parts: [],
      crashes: false,
      outcome: { _tag: "Completed", result: 1 },
    };
    return worker(dice.whole(1, 2), [...fates, good]);
  });
  yield* Effect.all([submit, cancel, keep, ...crew], {
    concurrency: "unbounded",
  });

  const events = yield* store.events(0, 10_000);
  for (const id of ids) {
    const stands = events
      .filter((event) => event.id === id)
      .map(({ status }) => status);
    deepStrictEqual(
      stands.filter((status) => final.includes(status)),
      stands.slice(-1),
      `${id}: ${stands.join(", ")}`,
    );
  }
});

/** What must go well under every order, with a store that is made for each run. */
export const storePrograms = <E>(
  layer: Layer.Layer<TaskStore.TaskStore, E>,
): ReadonlyArray<Simulated> => [{
  name:
    "whatever workers do with a store, each task ends once, begins no more often than it may, and lanes keep their limits",
  program: Effect.provide(workers, layer),
  timerJitter: 10,
}];
