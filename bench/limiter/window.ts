/**
 * What a log of a thousand charges costs.
 *
 * Real time, so that no clock's price is hidden. Three windows: one that is a little longer than the fastest contestant
 * takes for a thousand charges, so that every call is admitted and the log turns over at hundreds of entries; one of 1 ms,
 * in which most are denied and the log is always full; one of an hour, full and never expiring. p-throttle's `strict` is not
 * here: its clock ticks in whole milliseconds and it makes callers wait, so none of the three can be asked of it.
 *
 * @module
 */
import { Limiter, Quota } from "@weir/weir";
import * as Duration from "effect/Duration";
import { nanos, nanosIn, rounds, type Row, times } from "../report.ts";
import { BareArray, BareRing } from "./bare.ts";

const calls = 200_000;
const limit = 1000;

/** A sliding window: ring, array and Weir beside each other. */
export async function slidingWindow(): Promise<ReadonlyArray<Row>> {
  return [
    ...await contest("0.07 ms, admitted", 0.07, 0.95),
    ...await contest("1 ms, mostly denied", 1, 0),
    ...await contest("1 hour, denied", 3_600_000, 0),
  ];
}

async function contest(
  what: string,
  window: number,
  atLeast: number,
): Promise<ReadonlyArray<Row>> {
  const least = calls * atLeast;
  const weir = Limiter.makeUnsafe(
    Quota.slidingWindow({ limit, window: Duration.millis(window) }),
  );
  const ring = new BareRing(limit, window);
  const array = new BareArray(limit, window);
  const scores = await rounds({
    [`Weir tryAcquire, ${what}`]: nanosIn(calls, function* () {
      let admitted = 0;
      for (let i = 0; i < calls; i++) {
        const decision = yield* weir.tryAcquire();
        if (decision._tag === "Allowed") admitted++;
      }
      return admitted;
    }, least),
    [`bare ring, ${what}`]: nanos(calls, () => {
      let admitted = 0;
      for (let i = 0; i < calls; i++) if (ring.take()) admitted++;
      return admitted;
    }, least),
    [`bare array, shifted, ${what}`]: nanos(calls, () => {
      let admitted = 0;
      for (let i = 0; i < calls; i++) if (array.take()) admitted++;
      return admitted;
    }, least),
  });
  return times(scores);
}
