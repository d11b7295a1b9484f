/**
 * The metrics of worker pools.
 *
 * @module
 */
import { seconds } from "../internal/histogram.ts";
import { counter, gauge, Metrics, times } from "../internal/metrics.ts";
import type { Dispatcher } from "./dispatcher.ts";

/** The metrics of every pool. */
export const poolMetrics: Metrics<Dispatcher> = new Metrics<Dispatcher>(
  "pool",
  [
    gauge("weir_pool_workers", "Workers", ({ workers }) => workers),
    gauge("weir_pool_pending", "Jobs in the queue", ({ queue }) => queue.size),
    gauge(
      "weir_pool_running",
      "Jobs that run, or wait for the limiter",
      ({ running }) => running,
    ),
    counter(
      "weir_pool_completed_total",
      "Jobs that succeeded",
      ({ completed }) => completed,
    ),
    counter(
      "weir_pool_failed_total",
      "Jobs that failed, died or were not started in time",
      ({ failed }) => failed,
    ),
    counter(
      "weir_pool_cancelled_total",
      "Jobs that were cancelled",
      ({ cancelled }) => cancelled,
    ),
    times(
      "weir_pool_wait_seconds",
      "How long jobs waited for a worker",
      seconds,
      ({ waits }) => waits,
      ({ started, waits }) => started - waits.count,
    ),
  ],
);
