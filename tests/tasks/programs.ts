/**
 * Workers that share a store, and fail it in every way.
 *
 * @module
 */
import { Quota } from "@weir/weir";
import { TaskStore } from "@weir/weir/tasks";
import * as Clock from "effect/Clock";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type * as Layer from "effect/Layer";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { isFinal, transitions } from "../../src/tasks/transitions.ts";
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
  /** How often it was, or is being, given back. */
  private readonly released = new Map<string, number>();
  /** Those who may settle, and once. */
  private readonly newest = new Map<string, string>();
  /** Those that a cancel has ended, or that a settle has. */
  private readonly over = new Set<string>();
  /** Those that someone retries, which may begin after an end, and count anew. */
  private readonly retried = new Set<string>();
  private readonly paced: Array<{ readonly at: number; readonly cost: 1 }> = [];

  begin(claimed: TaskStore.Claimed, at: number): void {
    const { attempts, id, lane, lease, maxAttempts } = claimed;
    this.newest.set(id, lease.token);
    ok(attempts <= maxAttempts);
    if (!this.retried.has(id)) {
      ok(!this.over.has(id), `${id} begins after its end`);
      const begins = (this.begins.get(id) ?? 0) + 1;
      this.begins.set(id, begins);
      ok(attempts >= begins - (this.released.get(id) ?? 0));
    }
    if (lane !== "paced") return;
    this.paced.push({ at, cost: 1 });
    ok(worst(this.paced, 40) <= 2, "a lane begins more than its quota");
  }

  /** An attempt is about to be settled. */
  settles({ id }: TaskStore.Lease, { _tag }: TaskStore.Outcome): void {
    if (_tag === "Released") {
      this.released.set(id, (this.released.get(id) ?? 0) + 1);
    }
  }

  /** An attempt was settled. */
  settled({ id, token }: TaskStore.Lease, { _tag }: TaskStore.Outcome): void {
    strictEqual(token, this.newest.get(id), `${id}: an old lease settles`);
    this.newest.delete(id);
    if (_tag !== "Retry" && _tag !== "Released") this.end(id);
  }

  /** Somebody is about to retry it. */
  retries(id: string): void {
    this.retried.add(id);
  }

  end(id: string): void {
    this.over.add(id);
  }
}

const workers = Effect.fnUntraced(function* (retries: boolean) {
  const dice = yield* Dice.make;
  const store = yield* TaskStore.TaskStore;
  const journal = new Journal();
  const ids = names("t", dice.whole(2, 6));
  /** Those who may still put a task in the queue. */
  let givers = 2;
  const gave = Effect.sync(() => {
    givers--;
  });

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
    Effect.andThen(gave),
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

  const revivals = dice.list(retries ? 4 : 0, () => ({
    wait: dice.pause(60),
    id: dice.pick(...ids),
  }));
  const revive = Effect.forEach(revivals, ({ id, wait }) =>
    Effect.andThen(
      pause(wait),
      Effect.suspend(() => {
        journal.retries(id);
        return store.retry(id);
      }),
    )).pipe(Effect.andThen(gave));

  const isOver = Effect.map(
    store.stats,
    ({ pending, running, scheduled }) =>
      givers === 0 && pending + running + scheduled === 0,
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
      journal.settles(held, fate.outcome);
      const lost = yield* store.settle([
        { lease: held, outcome: fate.outcome },
        { lease: held, outcome: { _tag: "Failed", error: "again" } },
      ]);
      if (lost.length === 1) journal.settled(held, fate.outcome);
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
  yield* Effect.all([submit, cancel, revive, keep, ...crew], {
    concurrency: "unbounded",
  });

  const events = yield* store.events(0, 10_000);
  for (const id of ids) {
    const path = events
      .filter((event) => event.id === id)
      .map(({ status }) => status);
    const isAllowed = path.slice(1).every((to, n) =>
      Object.values(transitions[path[n]!]).some((rule) =>
        Object.values(rule).includes(to)
      )
    );
    ok(isAllowed && isFinal(path.at(-1)!), `${id}: ${path.join(", ")}`);
    const ends = path.filter(isFinal).length;
    ok(retries || ends === 1, `${id}: ${path.join(", ")}`);
  }
});

/** Several that look after one schedule: whoever comes first, each time has its task. */
const slots = Effect.gen(function* () {
  const dice = yield* Dice.make;
  const store = yield* TaskStore.TaskStore;
  const every = 10;
  const last = 60;
  yield* store.putSchedule({ id: "s", spec: null, next: every });
  const keeper = (who: string, waits: ReadonlyArray<number>) =>
    Effect.gen(function* () {
      for (let n = 0;; n++) {
        const [schedule] = yield* store.schedules;
        const from = schedule!.next;
        if (from > last) return;
        yield* pause(waits[n % waits.length]!);
        if ((yield* Clock.currentTimeMillis) < from) {
          yield* Effect.sleep(1);
          continue;
        }
        const id = `${from} by ${who}`;
        const next = from + every;
        yield* store.fire({ id: "s", from, next, rows: [task(id)] });
      }
    });
  yield* Effect.all(
    ["a", "b", "c"].map((who) =>
      keeper(who, dice.list(4, () => dice.pause(7)))
    ),
    { concurrency: "unbounded" },
  );
  const { rows } = yield* store.list({});
  deepStrictEqual(
    rows.map(({ id }) => Number(id.split(" ")[0])).reverse(),
    [10, 20, 30, 40, 50, 60],
  );
});

/** What must go well under every order, with a store that is made for each run. */
export const storePrograms = <E>(
  layer: Layer.Layer<TaskStore.TaskStore, E>,
): ReadonlyArray<Simulated> => [
  {
    name:
      "whatever workers do with a store, each task ends once, begins no more often than it may, and lanes keep their limits",
    program: Effect.provide(workers(false), layer),
    timerJitter: 10,
  },
  {
    name:
      "whatever workers do with a store while others retry what has ended, only the newest lease settles",
    program: Effect.provide(workers(true), layer),
    timerJitter: 10,
  },
  {
    name: "each time of a schedule has one task, however many look after it",
    program: Effect.provide(slots, layer),
    timerJitter: 10,
  },
];
