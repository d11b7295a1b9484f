/**
 * The metrics of handlers.
 *
 * @module
 */
import { Histogram, seconds } from "../internal/histogram.ts";
import { counter, gauge, Metrics, times } from "../internal/metrics.ts";
import type { Claimed, Outcome } from "./model.ts";

/** What became of the attempts of one handler. */
export class Tally {
  running = 0;
  readonly ended: Record<Outcome["_tag"] | "Lost", number> = {
    Completed: 0,
    Failed: 0,
    Cancelled: 0,
    Retry: 0,
    Released: 0,
    Lost: 0,
  };
  readonly waits: Histogram = new Histogram(seconds);
  readonly times: Histogram = new Histogram(seconds);

  begin({ runAt, startedAt = runAt }: Claimed): void {
    this.running++;
    this.waits.record(Math.max(0, startedAt - runAt) / 1000);
  }

  end(how: Outcome["_tag"] | "Lost", millis: number): void {
    this.running--;
    this.ended[how]++;
    this.times.record(millis / 1000);
  }
}

/** The metrics of every handler. */
export const handlerMetrics: Metrics<Tally> = new Metrics<Tally>("tasks", [
  gauge(
    "weir_tasks_running",
    "Attempts that run here, or wait for the limiter",
    ({ running }) => running,
  ),
  counter(
    "weir_tasks_completed_total",
    "Attempts that succeeded",
    ({ ended }) => ended.Completed,
  ),
  counter(
    "weir_tasks_failed_total",
    "Attempts that failed or died, and were the last of their tasks",
    ({ ended }) => ended.Failed,
  ),
  counter(
    "weir_tasks_cancelled_total",
    "Attempts that were cancelled",
    ({ ended }) => ended.Cancelled,
  ),
  counter(
    "weir_tasks_retried_total",
    "Attempts that failed, to be tried again as far as attempts are left",
    ({ ended }) => ended.Retry,
  ),
  counter(
    "weir_tasks_released_total",
    "Attempts that were handed back",
    ({ ended }) => ended.Released,
  ),
  counter(
    "weir_tasks_lost_total",
    "Attempts whose leases were lost",
    ({ ended }) => ended.Lost,
  ),
  times(
    "weir_tasks_wait_seconds",
    "How long tasks waited for an attempt from when they might begin",
    seconds,
    ({ waits }) => waits,
  ),
  times(
    "weir_tasks_run_seconds",
    "How long attempts took, waits for the limiter included",
    seconds,
    ({ times }) => times,
  ),
]);
