import { Quota } from "@weir/weir";
import * as Duration from "effect/Duration";
import { ok } from "node:assert/strict";
import { type Admission, worst } from "../support/oracle.ts";

const limit = 1000;
const window = 1000;
const quota = Quota.slidingCounter({ limit, window });

for (const load of [0.5, 1, 1.5, 2, 4]) {
  Deno.test(`slidingCounter() holds calls that come evenly at random, ${load} of the limit`, () => {
    const admitted = admittedOf(randomTimes(load * limit / window, 100));
    const most = worst(admitted, window) / limit;
    ok(most < 1.1, `${most} of the limit in one window`);
    const mean = admitted.length / 100 / limit;
    ok(Math.abs(mean - Math.min(1, load)) < 0.03, `${mean} on average`);
  });
}

Deno.test("slidingCounter() lets nearly twice the limit through to who comes late in a window", () => {
  const end = 2 * window - 1e-3;
  let state: Quota.State | undefined;
  const admitted: Array<Admission> = [];
  for (let now = end; now < end + window;) {
    const [decision, after] = Quota.decide(quota, state, now);
    state = after;
    if (decision._tag === "Allowed") admitted.push({ at: now, cost: 1 });
    else now += Duration.toMillis(decision.retryAfter);
  }
  const most = worst(admitted, window);
  ok(most > 1.8 * limit, `${most}`);
  ok(most < 2 * limit, `${most}`);
});

/** Times of a Poisson process, by a fixed seed. */
function* randomTimes(perMilli: number, windows: number): Generator<number> {
  let seed = 42;
  for (let at = 0;;) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    at -= Math.log((seed + 1) / 2 ** 32) / perMilli;
    if (at >= windows * window) return;
    yield at;
  }
}

function admittedOf(times: Iterable<number>): Array<Admission> {
  const admitted: Array<Admission> = [];
  let state: Quota.State | undefined;
  for (const at of times) {
    const [decision, after] = Quota.decide(quota, state, at);
    state = after;
    if (decision._tag === "Allowed") admitted.push({ at, cost: 1 });
  }
  return admitted;
}
