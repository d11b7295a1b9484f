/** One limit for each client: a greedy one is refused, and its neighbour does not notice. */
import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
import * as Console from "effect/Console";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";

/** Ten a second for each client, a thousand over all, and 10,000 clients remembered at most. */
const PerClient = KeyedLimiter.layer(
  Quota.tokenBucket({ rate: 10, per: "1 second", burst: 20 }),
  { shared: Quota.tokenBucket({ rate: 1000, per: "1 second" }) },
).pipe(Layer.provide(LimiterStore.layerMemory({ maxKeys: 10_000 })));

const request = Effect.fnUntraced(function* (client: string) {
  const clients = yield* KeyedLimiter.KeyedLimiter;
  const decision = yield* clients.for(client).tryAcquire();
  return decision._tag === "Allowed"
    ? `200 (${Math.floor(decision.remaining)} left)`
    : `429 (retry in ${Math.ceil(Duration.toMillis(decision.retryAfter))} ms)`;
});

/** The greedy client asks 22 times, its neighbours once. */
export const program: Effect.Effect<void> = Effect.gen(function* () {
  for (let n = 1; n <= 22; n++) {
    yield* Console.log(`greedy ${n}: ${yield* request("10.0.0.1")}`);
  }
  yield* Console.log(`modest: ${yield* request("10.0.0.2")}`);
  yield* Console.log(`newcomer: ${yield* request("10.0.0.3")}`);
}).pipe(Effect.provide(PerClient));

if (import.meta.main) await Effect.runPromise(program);
