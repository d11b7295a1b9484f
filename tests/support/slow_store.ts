import { LimiterStore } from "@weir/weir";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";

/**
 * A store over a network: the n-th call takes `latency(n)` milliseconds each way, so answers may come back in another order
 * than they were asked for.
 */
export function slowStore(
  latency: (call: number) => number,
): Layer.Layer<LimiterStore.LimiterStore> {
  return Layer.effect(
    LimiterStore.LimiterStore,
    Effect.map(LimiterStore.LimiterStore, (store) => {
      let calls = 0;
      const slowly = <A>(effect: Effect.Effect<A>) =>
        Effect.suspend(() => {
          const millis = latency(calls++);
          return Effect.sleep(millis).pipe(
            Effect.andThen(effect),
            Effect.tap(() => Effect.sleep(millis)),
          );
        });
      return {
        take: (accounts, cost) => slowly(store.take(accounts, cost)),
        peek: (accounts, cost, ahead) =>
          slowly(store.peek(accounts, cost, ahead)),
        settle: (accounts, charge, cost) =>
          slowly(store.settle(accounts, charge, cost)),
        pause: (account, duration) => slowly(store.pause(account, duration)),
        reset: (account) => slowly(store.reset(account)),
        size: store.size,
      };
    }),
  ).pipe(Layer.provide(LimiterStore.layerMemory()));
}
