/**
 * Callers of all kinds under several keys at once, over stores of all kinds.
 *
 * @module
 */
import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
import * as Effect from "effect/Effect";
import { ok, strictEqual } from "node:assert/strict";
import { Dice } from "../../support/dice.ts";
import { Stage } from "./caller.ts";
import { pick, smallQuotas } from "./quotas.ts";
import { assertNew, drawVisit, rest, steering } from "./storm.ts";
import { type Around, around, Journals, shared } from "./stores.ts";

const keys = ["a", "b", "c"] as const;

/** Room for the largest cost of any key, and for little more. */
const above = Quota.slidingWindow({ limit: 5, window: 100 });

/** What a storm is about. */
export interface Sea {
  /** What goes around the calls of the store. It answers in one step if omitted. */
  readonly wrap?: (dice: Dice) => Around;
  readonly memory?: LimiterStore.MemoryOptions;
}

/**
 * Each key keeps its bound, its slots and its pauses, all together that above them; no more keys are remembered than may be; and
 * in the end all are as good as new.
 */
export const keyedStorm = ({ memory, wrap }: Sea = {}): Effect.Effect<void> =>
  Effect.gen(function* () {
    const dice = yield* Dice.make;
    const concurrency = dice.pick(undefined, 1, 2);
    const byKey = new Map<string, Quota.Quota>();
    for (const key of keys) byKey.set(key, pick(dice, smallQuotas));
    const quotaOf = (key: string) => byKey.get(key)!;
    const journals = yield* Journals.make;
    const inner = journals.watch(yield* LimiterStore.LimiterStore);
    const store = wrap === undefined ? inner : around(inner, wrap(dice));
    const hasShared = dice.happens(0.5);
    const clients = yield* KeyedLimiter.make(quotaOf, {
      concurrency,
      ...hasShared && { shared: above },
    }).pipe(Effect.provideService(LimiterStore.LimiterStore, store));
    const stages = new Map<string, Stage>();
    for (const key of keys) stages.set(key, yield* Stage.make);
    const visits = dice.list(dice.whole(5, 12), () => {
      const key = dice.pick(...keys);
      return stages.get(key)!.visit(clients.for(key), drawVisit(dice));
    });
    const steered = keys.map((key) => steering(dice, clients.for(key)));
    const { maxKeys = Infinity, overflow } = memory ?? {};
    const counted = Effect.map(store.size, (size) => ok(size <= maxKeys));
    yield* Effect.all([
      ...steered,
      ...visits,
      Effect.replicateEffect(Effect.andThen(Effect.sleep(7), counted), 60),
    ], { concurrency: "unbounded", discard: true });
    for (const [key, { most }] of stages) {
      // One that is forgotten before its time begins anew.
      if (overflow !== "evict") journals.of(key).assertKept(quotaOf(key));
      ok(most <= (concurrency ?? Infinity), `${most} at once of ${key}`);
    }
    if (hasShared) journals.of(shared).assertKept(above);
    for (const key of keys) {
      yield* assertNew(clients.for(key), quotaOf(key), concurrency);
    }
    yield* rest;
    strictEqual((yield* clients.stats).running, 0);
  }).pipe(Effect.provide(LimiterStore.layerMemory(memory)));
