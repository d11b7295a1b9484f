/**
 * Limiters that are steered while callers wait.
 *
 * @module
 */
import { KeyedLimiter, Limiter, LimiterStore, Quota } from "@weir/weir";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { ok, strictEqual } from "node:assert/strict";
import { Dice, pause } from "../../support/dice.ts";
import { Stage } from "./caller.ts";
import { pick, type Quotas, slowQuotas, smallQuotas } from "./quotas.ts";
import { around, slowly } from "./stores.ts";
import { assertNew, drawVisit } from "./storm.ts";

/** Nobody waits for ever, however quotas change, pauses come and go, and all is forgotten meanwhile. */
export const steered: Effect.Effect<void> = Effect.gen(function* () {
  const dice = yield* Dice.make;
  const concurrency = dice.pick(undefined, 1, 2);
  const limiter = yield* Limiter.make(pick(dice, smallQuotas), { concurrency });
  const stage = yield* Stage.make;
  const visits = dice.list(dice.whole(4, 10), () => drawVisit(dice));
  const last = pick(dice, smallQuotas);
  const steps = dice.list(dice.whole(1, 6), () => {
    const limit = dice.whole(1, 4);
    const step = dice.pick(
      limiter.setQuota(pick(dice, smallQuotas)),
      limiter.setQuota(Quota.slidingCounter({ limit, window: 100 })),
      limiter.setQuota(Quota.slidingWindow({ limit, window: 70 })),
      limiter.reset,
      limiter.pause(),
      limiter.resume,
    );
    return Effect.andThen(pause(10 * dice.whole(0, 8)), step);
  });
  yield* Effect.all([
    Effect.all([...steps, limiter.setQuota(last), limiter.resume]),
    ...visits.map((visit) => stage.visit(limiter, visit)),
  ], { concurrency: "unbounded", discard: true });
  ok(stage.most <= (concurrency ?? Infinity), `${stage.most} at once`);
  yield* assertNew(limiter, last, concurrency);
});

/** One whose cost a new quota never allows is sent away at once, also if it was just about to wait. */
export const requoted = (kind: keyof Quotas): Effect.Effect<void> =>
  Effect.gen(function* () {
    const from = slowQuotas[kind];
    const to = smallQuotas[kind];
    const limiter = yield* Limiter.make(from);
    const stage = yield* Stage.make;
    yield* limiter.pause(10);
    const heavy = yield* Effect.forkChild(
      Effect.flip(limiter.acquire({ cost: Quota.maxCost(from) })),
    );
    yield* limiter.setQuota(to);
    strictEqual((yield* Fiber.join(heavy))._tag, "CostExceedsLimit");
    strictEqual(stage.now(), 0);
  }).pipe(Effect.orDie);

/**
 * What a store has done lets those in who wait for it, also if it overtook the answer that they wait, and if whoever asked for it
 * did not stay to hear so.
 */
export const unheard: Effect.Effect<void> = Effect.gen(function* () {
  const dice = yield* Dice.make;
  const quota = Quota.slidingWindow({ limit: 2, window: "30 days" });
  const own = { limiter: "default", key: "anna", quota };
  const accounts = dice.pick(
    [own] as const,
    [own, { ...own, key: "" }] as const,
  );
  const memory = yield* LimiterStore.LimiterStore;
  const store = around(memory, slowly(dice));
  const clients = yield* KeyedLimiter.make(quota, {
    shared: accounts[1]?.quota,
  }).pipe(Effect.provideService(LimiterStore.LimiterStore, store));
  const anna = clients.for("anna");
  const permit = yield* anna.acquire({ cost: 2 });
  const giveBack = permit.settle(0);
  const steering = dice.pick(giveBack, anna.reset, anna.resume);
  if (steering === anna.resume) {
    yield* giveBack;
    yield* anna.pause();
  }
  const waiting = yield* Effect.forkChild(anna.acquire());
  yield* pause(dice.pause(100));
  yield* Effect.timeoutOption(steering, dice.pause(100));
  yield* Effect.sleep("1 second");
  const { _tag } = yield* memory.peek(accounts, 1);
  const waits = waiting.pollUnsafe() === undefined;
  ok(_tag === "Denied" || !waits, "one waits that the store would let in");
  yield* Fiber.interrupt(waiting);
}).pipe(Effect.orDie, Effect.provide(LimiterStore.layerMemory()));
