/**
 * Work that flows: producers and consumers, workers, batches, streams.
 *
 * @module
 */
import {
  Batch,
  Limiter,
  ProducerConsumer,
  Quota,
  WorkerPool,
} from "@weir/weir";
import { Monitor, Workload } from "@weir/weir/simulation";
import * as Array from "effect/Array";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Stream from "effect/Stream";
import { perSecond, type Study, type Way } from "./study.ts";

const items = Workload.arrivals("items", Workload.exponential("80 millis"));
const tenth = Workload.exponential("100 millis");

const queued = (capacity: number): Way => () =>
  ProducerConsumer.run({
    producers: [items],
    consumer: () => Workload.sleep("work", tenth),
  }).pipe(
    Effect.provide(
      ProducerConsumer.layer({ capacity, consumers: 1 }).pipe(
        Layer.provide([
          ProducerConsumer.ProducerLimiter.layerUnlimited,
          ProducerConsumer.ConsumerLimiter.layerUnlimited,
        ]),
      ),
    ),
  );

/** A queue with a bound, and one without. */
export const producerConsumer: Study = {
  ways: { "no bound": queued(1_000_000), "at most 100": queued(100) },
  settings: [0],
  horizon: "10 minutes",
  chart: {
    title: "A queue whose producer is a quarter faster than its consumer",
    y: "producer_consumer.pending",
    labels: { y: "items in memory" },
  },
};

const second = Workload.lognormal({ median: "700 millis", p99: "4 seconds" });
const jobs = Workload.arrivals("jobs", Workload.exponential("250 millis"));

/** Workers, more and more of them. */
export const workerPool: Study = {
  ways: {
    "worker pool": (workers) =>
      Workload.serve(jobs, () =>
        Workload.sleep("work", second).pipe(
          WorkerPool.run(),
          Monitor.time("response"),
        )).pipe(
          Effect.provide(
            WorkerPool.layer({ workers }).pipe(
              Layer.provide(Limiter.layerUnlimited),
            ),
          ),
        ),
  },
  settings: [4, 5, 6, 7, 8, 10, 12],
  horizon: "10 minutes",
  chart: {
    title: "Four jobs a second, of about a second each",
    x: (workers) => workers,
    y: ["response.p50", "response.p95", "response.p99"],
    scale: "log",
    labels: { x: "workers", y: "seconds from job to result" },
  },
};

const calls = Array.range(1, 200);
const call = Workload.sleep(
  "call",
  Workload.lognormal({ median: "100 millis", p99: "1 second" }),
);

const listed =
  (cut: (n: number) => { batchSize?: number; concurrency?: number }): Way =>
  (n) =>
    Batch.forEach(calls, () => call, cut(n)).pipe(
      Monitor.time("list"),
      Effect.provide(Limiter.layerUnlimited),
    );

/** A list in batches. */
export const batch: Study = {
  ways: {
    "in batches of n": listed((batchSize) => ({ batchSize })),
    "n on their way": listed((concurrency) => ({ concurrency })),
  },
  settings: [1, 2, 4, 8, 16, 32],
  horizon: "5 minutes",
  chart: {
    title: "A list of 200 calls",
    description: "n = 1 is one after the other.",
    x: (n) => n,
    y: "list.mean",
    scale: "log",
    labels: { x: "n", y: "seconds for the whole list" },
  },
};

const query = (ids: ReadonlyArray<number>) =>
  Effect.as(Effect.sleep(Duration.millis(10 + ids.length)), ids);

/** Single requests, gathered. */
export const gather: Study = {
  ways: {
    "a query each": (rate) =>
      Workload.arrivals("requests", perSecond(rate)).pipe(
        Workload.serve((id) =>
          query([id]).pipe(Limiter.limit(), Monitor.time("response"))
        ),
        Effect.provide(Limiter.layer(Quota.unlimited, { concurrency: 1 })),
      ),
    "gathered": (rate) =>
      Batch.gather(query, { within: "5 millis" }).pipe(
        Effect.flatMap((ask) =>
          Workload.arrivals("requests", perSecond(rate)).pipe(
            Workload.serve((id) => Monitor.time(ask(id), "response")),
          )
        ),
        Effect.scoped,
        Effect.provide(Limiter.layerUnlimited),
      ),
  },
  settings: [20, 40, 60, 80, 100, 150, 200],
  horizon: "30 seconds",
  chart: {
    title: "One connection, 10 ms a query and 1 ms for each row",
    x: (rate) => rate,
    y: "response.p95",
    scale: "log",
    labels: {
      x: "requests a second",
      y: "seconds, 95 of 100 requests within",
    },
  },
};

const readings = Workload.arrivalsVarying("readings", {
  rate: (elapsed) => 50 + 50 * Math.sin(Duration.toSeconds(elapsed) / 5),
  maxRate: 100,
});
const write = () => Monitor.count("written");

/** A stream in waves. */
export const stream: Study = {
  ways: {
    "as they come": () => Stream.runForEach(readings, write),
    "throttled to 60": () =>
      readings.pipe(
        Limiter.throttle(),
        Stream.runForEach(write),
        Effect.provide(
          Limiter.layer(Quota.tokenBucket({ rate: 60, per: "1 second" })),
        ),
      ),
  },
  settings: [0],
  horizon: "2 minutes",
  chart: {
    title: "Readings that come in waves",
    y: "written",
    labels: { y: "readings a second that go on" },
  },
};
