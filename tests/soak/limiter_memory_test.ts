import { Limiter, Quota } from "@weir/weir";
import * as Effect from "effect/Effect";
import { ok } from "node:assert/strict";
import { heap, slopeOf } from "../support/heap.ts";

const callers = 50;
const turnsPerSample = 2000;
const samples = 10;

Deno.test("a limiter for which somebody always waits holds nothing of those who waited before", async () => {
  const limiter = await Effect.runPromise(
    Limiter.make(Quota.tokenBucket({ rate: 2, per: "1 milli", burst: 1 })),
  );
  const acquire = limiter.acquire();
  const used: Array<number> = [];
  for (let sample = 0; sample < samples; sample++) {
    let left = turnsPerSample;
    const caller = async () => {
      while (left-- > 0) await Effect.runPromise(acquire);
    };
    await Promise.all(Array.from({ length: callers }, caller));
    used.push(await heap());
  }
  const slope = slopeOf(used.slice(samples / 2)) / turnsPerSample;
  // deno-lint-ignore no-console
  console.log(`${slope.toFixed(2)} bytes a turn`);
  ok(slope <= 10);
});
