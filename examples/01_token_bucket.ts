/** 50 calls through a token bucket of 10 a second with bursts of 20: 3.0 seconds. */
import { Limiter, Quota } from "@weir/weir";
import * as Array from "effect/Array";
import * as Console from "effect/Console";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";

const call = (n: number) => Effect.succeed(`https://api.example.com/${n}`);

/** Makes the calls, and says how long that took. */
export const program: Effect.Effect<void> = Effect.gen(function* () {
  const [elapsed, urls] = yield* Effect.forEach(
    Array.range(1, 50),
    (n) => call(n).pipe(Limiter.limit()),
    { concurrency: "unbounded" },
  ).pipe(Effect.timed);
  const seconds = Duration.toSeconds(elapsed).toFixed(1);
  yield* Console.log(`${urls.length} calls in ${seconds} s`);
}).pipe(
  Effect.provide(
    Limiter.layer(
      Quota.tokenBucket({ rate: 10, per: "1 second", burst: 20 }),
    ),
  ),
);

if (import.meta.main) await Effect.runPromise(program);
