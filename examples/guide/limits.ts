/**
 * Calls under limits: an upstream's own, and those of many clients.
 *
 * @module
 */
import { KeyedLimiter, Limiter } from "@weir/weir";
import { Monitor, Workload } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";
import { keyed, perSecond, type Study, tenASecond, type Way } from "./study.ts";

/** What an upstream of ten calls a second says to a call. */
const asking = ({ tryAcquire }: Limiter.Service) =>
  Effect.tap(
    tryAcquire(),
    ({ _tag }) => Monitor.tally("refused", _tag === "Denied" ? 100 : 0),
  );

/** Calls of an upstream of ten a second. */
const called =
  (call: (upstream: Limiter.Service) => Effect.Effect<unknown>): Way =>
  (rate) =>
    Effect.flatMap(
      Limiter.make(tenASecond),
      (upstream) =>
        Workload.arrivals("calls", perSecond(rate)).pipe(
          Workload.serve(() => call(upstream)),
        ),
    );

/** The same, for callers who keep to its limit. */
const limited: Way = (rate) =>
  Effect.flatMap(
    Limiter.make(tenASecond),
    (own) => called((upstream) => own.limit(asking(upstream)))(rate),
  );

/** An upstream that counts. */
export const rateLimit: Study = {
  ways: {
    "no limit": called(asking),
    "Limiter.limit": limited,
  },
  settings: [2, 4, 6, 8, 9.5],
  horizon: "5 minutes",
  chart: {
    title: "An upstream that allows ten calls in any second",
    x: (rate) => rate,
    y: "refused.mean",
    labels: { x: "calls a second, on average", y: "% of calls refused" },
  },
};

/** A modest client, which asks once a second, and a greedy one. */
const shared = (limiterOf: (client: string) => string): Way => (rate) =>
  Effect.flatMap(KeyedLimiter.KeyedLimiter, (limiters) => {
    const asks = (client: string, often: number) =>
      Workload.arrivals(client, perSecond(often)).pipe(
        Workload.serve(() =>
          Effect.flatMap(
            limiters.for(limiterOf(client)).tryAcquire(),
            ({ _tag }) =>
              Monitor.tally(
                `${client}.refused`,
                _tag === "Denied" ? 100 : 0,
              ),
          )
        ),
      );
    return Effect.all([asks("modest", 1), asks("greedy", rate)], {
      concurrency: "unbounded",
    });
  }).pipe(Effect.provide(keyed(tenASecond)));

/** Clients beside a greedy one. */
export const perClient: Study = {
  ways: {
    "one limit for all": shared(() => "all"),
    "a limit each": shared((client) => client),
  },
  settings: [2, 5, 10, 20, 40],
  horizon: "5 minutes",
  chart: {
    title: "A modest client beside a greedy one, under limits of 10 a second",
    x: (rate) => rate,
    y: "modest.refused.mean",
    labels: {
      x: "calls a second of the greedy client",
      y: "% of the modest client's calls refused",
    },
  },
};
