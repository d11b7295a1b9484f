/**
 * Calls under limits: an upstream's own, those of many clients, those of a server that is open to all.
 *
 * @module
 */
import { KeyedLimiter, Limiter, Quota } from "@weir/weir";
import { Monitor, Workload } from "@weir/weir/simulation";
import * as Array from "effect/Array";
import * as Effect from "effect/Effect";
import { keyed, type Study, type Way } from "./study.ts";

const tenASecond = Quota.slidingWindow({ limit: 10, window: "1 second" });
const perSecond = (rate: number) => Workload.exponential(1000 / rate);

/** What an upstream of ten calls a second says to a call. */
const asking = ({ tryAcquire }: Limiter.Service) =>
  Effect.tap(
    tryAcquire(),
    ({ _tag }) => Monitor.tally("refused", _tag === "Denied" ? 100 : 0),
  );

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

const limited = (
  use: (own: Limiter.Service, upstream: Limiter.Service) => Effect.Effect<
    unknown
  >,
  quota: Quota.Quota,
): Way =>
(rate) =>
  Effect.flatMap(
    Limiter.make(quota),
    (own) => called((upstream) => use(own, upstream))(rate),
  );

/** An upstream that counts. */
export const rateLimit: Study = {
  ways: {
    "no limit": called(asking),
    "Limiter.limit": limited(
      (own, upstream) => own.limit(asking(upstream)),
      tenASecond,
    ),
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

/** Calls until it is let in, five times a second. */
const insisting = (upstream: Limiter.Service): Effect.Effect<unknown> =>
  Effect.flatMap(
    asking(upstream),
    ({ _tag }) =>
      _tag === "Denied"
        ? Effect.delay(Effect.suspend(() => insisting(upstream)), "200 millis")
        : Effect.void,
  );

/** Calls until it is let in, and lets nobody call until the upstream wants to be called again. */
const heeding = (
  own: Limiter.Service,
  upstream: Limiter.Service,
): Effect.Effect<unknown> =>
  own.limit(asking(upstream)).pipe(
    Effect.flatMap((decision) =>
      decision._tag === "Denied"
        ? Effect.andThen(
          own.pause(decision.retryAfter),
          Effect.suspend(() => heeding(own, upstream)),
        )
        : Effect.void
    ),
  );

/** An upstream that says when to come again. */
export const limitedClient: Study = {
  ways: {
    "tries again in 0.2 s": called(insisting),
    "pauses as told": limited(heeding, Quota.unlimited),
  },
  settings: [2, 4, 6, 8, 9.5],
  horizon: "5 minutes",
  chart: {
    title: "An upstream that says when to come again",
    x: (rate) => rate,
    y: "refused.mean",
    labels: { x: "calls a second, on average", y: "% of tries refused" },
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

/** A server with four places, a tenth of a second for each request, and five guests with four requests a second each. */
const served = Workload.sleep("work", Workload.exponential("100 millis"));

const open = (quota: Quota.Quota): Way => (rate) =>
  Effect.gen(function* () {
    const server = yield* Limiter.make(Quota.unlimited, { concurrency: 4 });
    const clients = yield* KeyedLimiter.KeyedLimiter;
    const comes = (client: string, often: number, kind: string) =>
      Workload.arrivals(client, perSecond(often)).pipe(
        Workload.serve(() =>
          server.limit(served, { maxWait: "10 seconds" }).pipe(
            Effect.ignore,
            Monitor.time(kind),
            Effect.when(Effect.map(
              clients.for(client).tryAcquire(),
              ({ _tag }) => _tag === "Allowed",
            )),
          )
        ),
      );
    yield* Effect.all([
      ...Array.range(1, 5).map((n) => comes(`guest ${n}`, 4, "guests")),
      comes("stranger", rate, "stranger"),
    ], { concurrency: "unbounded" });
  }).pipe(Effect.provide(keyed(quota)));

/** A server that strangers find. */
export const http: Study = {
  ways: {
    "open to all": open(Quota.unlimited),
    "a limit for each client": open(tenASecond),
  },
  settings: [1, 5, 10, 20, 40],
  horizon: "2 minutes",
  chart: {
    title: "Guests of a server that a stranger finds",
    description: "It has room for 40 requests a second; the guests have 20.",
    x: (rate) => rate,
    y: "guests.p95",
    labels: {
      x: "requests a second of the stranger",
      y: "seconds, 95 of 100 guests' requests within",
    },
  },
};
