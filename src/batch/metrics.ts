/**
 * The metrics of what gathers requests.
 *
 * @module
 */
import { type Histogram, seconds } from "../internal/histogram.ts";
import { gauge, Metrics, times } from "../internal/metrics.ts";

/** What a gathering counts. */
export interface Counts {
  readonly pending: number;
  readonly running: number;
  readonly waits: Histogram;
}

/** The metrics of all that is gathered. */
export const gatherMetrics: Metrics<Counts> = new Metrics<Counts>("batch", [
  gauge(
    "weir_batch_pending",
    "Requests that wait for their batch",
    ({ pending }) => pending,
  ),
  gauge(
    "weir_batch_running",
    "Batches that run, or wait for the limiter",
    ({ running }) => running,
  ),
  times(
    "weir_batch_wait_seconds",
    "How long requests waited for the batches that they went with",
    seconds,
    ({ waits }) => waits,
  ),
]);
