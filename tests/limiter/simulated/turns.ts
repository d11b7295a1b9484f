/**
 * Keys that wait for a quota above them.
 *
 * @module
 */
import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import { ok } from "node:assert/strict";
import { Dice, pause } from "../../support/dice.ts";
import { Stage, Visit } from "./caller.ts";
import type { MakeKeyed } from "./limiters.ts";
import { delayed } from "./stores.ts";

const keys = ["a", "b", "c"] as const;

/** Keys that wait are served in turn, however often one of them asks; one that had its turn does not overtake another. */
export const turns = (make: MakeKeyed): Effect.Effect<void> =>
  Effect.gen(function* () {
    const dice = yield* Dice.make;
    const shared = Quota.slidingWindow({ limit: 3, window: 100 });
    const clients = yield* make(Quota.unlimited, { shared });
    const stage = yield* Stage.make;
    const asking = new Map<Visit, string>();
    for (const key of keys) {
      const busy = dice.pick(1, 3, 8);
      for (const visit of dice.list(busy, () => drawVisit(dice))) {
        asking.set(visit, key);
      }
    }
    yield* Effect.forEach(
      asking,
      ([visit, key]) => stage.visit(clients.for(key), visit),
      { concurrency: "unbounded", discard: true },
    );
    stage.journal.assertKept(shared);
    const turnsOf = (key: string, has: (at: number) => boolean) =>
      stage.admitted.filter((visit) =>
        asking.get(visit) === key && has(visit.admission!.at)
      ).length;
    for (const [{ admission, caller: { comes }, left }, key] of asking) {
      const until = admission?.at ?? left!;
      const own = turnsOf(key, (at) => comes <= at && at <= until);
      for (const other of keys) {
        const others = turnsOf(other, (at) => comes < at && at < until);
        ok(
          other === key || others <= own + 1,
          `${other} had ${others} turns while ${key} waited and had ${own}`,
        );
      }
    }
  });

/** Times that never fall together: who leaves in the moment of its turn has had it. */
function drawVisit(dice: Dice): Visit {
  const millis = (most: number) => dice.whole(1, most * 1e6) / 1e6;
  return new Visit({
    comes: millis(300),
    asks: "acquire",
    turn: { cost: dice.pick(1, 1, 3) },
    takes: 0,
    ends: "succeeds",
    settles: undefined,
    leaves: dice.pick("never", "never", "interrupted", "beaten"),
    leavesAfter: millis(300),
  });
}

/** Whom the quota above refused first is let in as soon as it allows that, whoever came while its call was under way. */
export const first: Effect.Effect<void> = Effect.gen(function* () {
  const dice = yield* Dice.make;
  const latency = dice.whole(1, 10);
  const shared = Quota.slidingWindow({ limit: 4, window: 100 });
  const store = delayed(yield* LimiterStore.LimiterStore, latency);
  const clients = yield* KeyedLimiter.make(Quota.unlimited, { shared }).pipe(
    Effect.provideService(LimiterStore.LimiterStore, store),
  );
  const stage = yield* Stage.make;
  let state: Quota.State | undefined;
  const early = dice.whole(1, 3);
  for (const cost of [early, 4 - early]) {
    yield* clients.for("early").acquire({ cost });
    [, state] = Quota.decide(shared, state, stage.now() - latency, cost);
  }
  const costs = dice.list(dice.whole(2, 4), () => dice.whole(1, 4));
  const [answer] = Quota.decide(shared, state, stage.now(), costs[0]);
  ok(answer._tag === "Denied");
  const due = stage.now() + Duration.toMillis(answer.retryAfter);
  const calls = costs.map((cost, n) => {
    const after = n === 0 ? 0 : dice.whole(1, 2 * latency);
    return pause(after).pipe(
      Effect.andThen(clients.for(`late ${n}`).acquire({ cost })),
      Effect.map(() => stage.now()),
    );
  });
  const [at] = yield* Effect.all(calls, { concurrency: "unbounded" });
  // It heard of its refusal, asks again when that said, and is answered.
  const latest = due + 3 * latency + 0.01;
  ok(at! <= latest, `let in at ${at}, not by ${latest}`);
}).pipe(Effect.orDie, Effect.provide(LimiterStore.layerMemory()));
