/**
 * Who is let in when, worked out from what a limiter promises: by priority, first in, first out, and as soon as may be.
 *
 * @module
 */
import { Quota } from "@weir/weir";
import * as Duration from "effect/Duration";
import type { Caller } from "./caller.ts";

/** A caller, and when it left if it was not let in before; times are all different. */
export interface Request {
  readonly caller: Caller;
  readonly leaves: number;
}

interface Standing extends Request {
  readonly place: number;
}

/** When each of the requests is let in; never is infinite. */
export function schedule(
  quota: Quota.Quota,
  concurrency: number | undefined,
  requests: ReadonlyArray<Request>,
): Array<number> {
  const admitted = requests.map(() => Infinity);
  const coming = requests
    .map((request, place): Standing => ({ ...request, place }))
    .sort((a, b) => a.caller.comes - b.caller.comes);
  let waiting: Array<Standing> = [];
  let ends: Array<number> = [];
  let state: Quota.State | undefined;
  let due = Infinity;
  const needsSlot = ({ caller }: Standing) =>
    concurrency !== undefined && caller.asks === "limit";
  /** Lets one in, or says when that may be. */
  const admit = (one: Standing, now: number): number => {
    const { caller, leaves, place } = one;
    const [decision, next] = Quota.decide(
      quota,
      state,
      now,
      caller.turn.cost,
    );
    if (decision._tag === "Denied") {
      // Clocks tell whole nanoseconds.
      return Math.round((now + Duration.toMillis(decision.retryAfter)) * 1e6) /
        1e6;
    }
    state = next;
    admitted[place] = now;
    if (needsSlot(one)) ends.push(Math.min(now + caller.takes, leaves));
    return now;
  };
  const canGo = (one: Standing) =>
    !needsSlot(one) || ends.length < concurrency!;
  const head = () =>
    waiting.filter(canGo).sort((a, b) =>
      (b.caller.turn.priority ?? 0) - (a.caller.turn.priority ?? 0) ||
      a.caller.comes - b.caller.comes
    )[0];
  for (;;) {
    const now = Math.min(
      due,
      coming[0]?.caller.comes ?? Infinity,
      ...waiting.map(({ leaves }) => leaves),
      ...ends,
    );
    if (now === Infinity) return admitted;
    ends = ends.filter((end) => end > now);
    waiting = waiting.filter(({ leaves }) => leaves > now);
    if (coming[0]?.caller.comes === now) {
      const one = coming.shift()!;
      const { asks, turn: { maxWait } } = one.caller;
      // Who does not wait at all comes last.
      if (asks !== "tryAcquire" && maxWait !== 0) waiting.push(one);
      else if (head() === undefined && canGo(one)) admit(one, now);
    }
    due = Infinity;
    for (let first = head(); first !== undefined; first = head()) {
      due = admit(first, now);
      if (due > now) break;
      waiting = waiting.filter((one) => one !== first);
      due = Infinity;
    }
  }
}
