/**
 * How limiters are built that must behave alike.
 *
 * @module
 */
import {
  KeyedLimiter,
  type Limiter,
  LimiterStore,
  type Quota,
} from "@weir/weir";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { Dice } from "../../support/dice.ts";
import { around, slowly } from "./stores.ts";

/** Builds a limiter of some kind. */
export type Make = (
  quota: Quota.Quota,
  options: Limiter.Options,
) => Effect.Effect<Limiter.Service>;

/** A store that answers by effects only, at once. */
const effectful: Layer.Layer<LimiterStore.LimiterStore> = Layer.effect(
  LimiterStore.LimiterStore,
  Effect.map(
    LimiterStore.LimiterStore,
    (store) => around(store, (call) => call),
  ),
).pipe(Layer.provide(LimiterStore.layerMemory()));

/** Builds a keyed limiter of some kind. */
export type MakeKeyed = (
  quota: KeyedLimiter.QuotaByKey,
  options: KeyedLimiter.Options,
) => Effect.Effect<KeyedLimiter.Service>;

const over =
  (store: Layer.Layer<LimiterStore.LimiterStore>): MakeKeyed =>
  (quota, options) => Effect.provide(KeyedLimiter.make(quota, options), store);

/** By the words that tests are named with. */
export const keyedLimiters: Readonly<Record<string, MakeKeyed>> = {
  "KeyedLimiter over a store that answers in one step": over(
    LimiterStore.layerMemory(),
  ),
  "KeyedLimiter over a store that answers by effects": over(effectful),
};

/** Over a store that takes its time. */
export const slowKeyedLimiter: MakeKeyed = (quota, options) =>
  Effect.gen(function* () {
    const dice = yield* Dice.make;
    const store = around(yield* LimiterStore.LimiterStore, slowly(dice));
    return yield* Effect.provideService(
      KeyedLimiter.make(quota, options),
      LimiterStore.LimiterStore,
      store,
    );
  }).pipe(Effect.provide(LimiterStore.layerMemory()));

/** The limiter of one key. */
export const ofOneKey = (make: MakeKeyed): Make => (quota, options) =>
  Effect.map(make(quota, options), (clients) => clients.for("anna"));
