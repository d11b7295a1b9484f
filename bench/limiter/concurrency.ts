/**
 * What a slot costs that is free.
 *
 * @module
 */
import { Limiter, Quota } from "@weir/weir";
import * as Effect from "effect/Effect";
import * as Semaphore from "effect/Semaphore";
import { pLimit } from "../peers.ts";
import {
  nanos,
  nanosIn,
  ratio,
  rounds,
  type Row,
  shown,
  times,
} from "../report.ts";

const calls = 50_000;
const slots = 10;

/** One effect in a slot, where others are free. */
export async function concurrency(): Promise<ReadonlyArray<Row>> {
  const weir = Limiter.makeUnsafe(Quota.unlimited, { concurrency: slots });
  const semaphore = Semaphore.makeUnsafe(slots);
  const limited = pLimit(slots);
  const one = Effect.succeed(1);
  const scores = await rounds({
    "Weir limit(effect), concurrency 10": nanosIn(calls, function* () {
      let run = 0;
      for (let i = 0; i < calls; i++) run += yield* weir.limit(one);
      return run;
    }),
    "effect's Semaphore(10).withPermits(1)": nanosIn(calls, function* () {
      let run = 0;
      for (let i = 0; i < calls; i++) {
        run += yield* semaphore.withPermits(1)(one);
      }
      return run;
    }),
    "p-limit(10)": nanos(calls, async () => {
      let run = 0;
      for (let i = 0; i < calls; i++) run += await limited(() => 1);
      return run;
    }),
  });
  const weirs = scores["Weir limit(effect), concurrency 10"];
  const theirs = scores["effect's Semaphore(10).withPermits(1)"];
  return [
    ...times(scores),
    shown("effect's Semaphore ÷ Weir", ratio(theirs, weirs), "×"),
    shown("p-limit ÷ Weir", ratio(scores["p-limit(10)"], weirs), "×"),
  ];
}
