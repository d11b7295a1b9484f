/**
 * The metrics of services that layers provide.
 *
 * @module
 */
import { counter, gauge, Metrics } from "../internal/metrics.ts";

/** What a run counts. */
export interface Counts {
  readonly pending: number;
  readonly running: number;
  readonly produced: number;
  readonly consumed: number;
  readonly failed: number;
  readonly dropped: number;
}

/** What all runs of a service count together. */
export class Totals {
  private readonly active = new Set<{ readonly counts: Counts }>();
  private produced = 0;
  private consumed = 0;
  private failed = 0;
  private dropped = 0;

  /** Counts a run as it goes on; gives what ends that. */
  begin(run: { readonly counts: Counts }): () => void {
    this.active.add(run);
    return () => {
      this.active.delete(run);
      for (
        const name of ["produced", "consumed", "failed", "dropped"] as const
      ) {
        this[name] += run.counts[name];
      }
    };
  }

  sum(name: keyof Counts): number {
    // No item of a run that has ended is in its queue or in a hand.
    let sum = name === "pending" || name === "running" ? 0 : this[name];
    for (const { counts } of this.active) sum += counts[name];
    return sum;
  }
}

const total = (name: keyof Counts, description: string) =>
  counter<Totals>(
    `weir_producer_consumer_${name}_total`,
    description,
    (totals) => totals.sum(name),
  );

/** The metrics of every service. */
export const producerConsumerMetrics: Metrics<Totals> = new Metrics<Totals>(
  "producer_consumer",
  [
    gauge(
      "weir_producer_consumer_pending",
      "Items in the queue",
      (totals) => totals.sum("pending"),
    ),
    gauge(
      "weir_producer_consumer_running",
      "Items in the hands of consumers: that run, or wait for the limiter or for whoever reads the results",
      (totals) => totals.sum("running"),
    ),
    total("produced", "Items that producers gave"),
    total("consumed", "Items whose consumer succeeded"),
    total("failed", "Items that failed for good"),
    total("dropped", "Items that a full queue dropped"),
  ],
);
