/**
 * The metrics of limiters that layers provide.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Metric from "effect/Metric";
import type * as Scope from "effect/Scope";
import { seconds } from "../internal/histogram.ts";
import { counter, gauge, Metrics, times } from "../internal/metrics.ts";
import type { Lobby } from "./lobby.ts";

/** What a limiter counts. */
export interface Counts {
  readonly stats: () => { readonly waiting: number; readonly running: number };
  readonly lobby: Pick<Lobby<never>, "denied" | "given" | "waits">;
}

/** The id of the limiter that patterns ask for. */
export const defaultLimiter = "@weir/weir/Limiter";

/** The metrics of every limiter, of keys or not. */
const limiterMetrics = new Metrics<Counts>("limiter", [
  gauge(
    "weir_limiter_waiting",
    "Callers that wait for their turn",
    ({ stats }) => stats().waiting,
  ),
  counter(
    "weir_limiter_admitted_total",
    "Turns given",
    ({ lobby }) => lobby.given,
  ),
  counter(
    "weir_limiter_denied_total",
    "Turns refused: denied, timed out, too costly",
    ({ lobby }) => lobby.denied,
  ),
  times(
    "weir_limiter_wait_seconds",
    "How long callers waited for the turns that they were given",
    seconds,
    ({ lobby }) => lobby.waits,
    ({ lobby }) => lobby.given - lobby.waits.count,
  ),
]);

/** Those of limiters that have slots: elsewhere nobody counts what runs, and a 0 would say that nothing does. */
const slotMetrics = new Metrics<Counts>("limiter", [
  gauge(
    "weir_limiter_running",
    "Effects that run in a slot of the limiter",
    ({ stats }) => stats().running,
  ),
]);

/** Shows what a limiter of this concurrency counts, until the scope closes; `label` tells it from others in monitors. */
export function showLimiter(
  counts: Counts,
  concurrency: number,
  attributes: Metric.Metric.AttributeSet,
  label: string | undefined,
): Effect.Effect<void, never, Scope.Scope> {
  const show = limiterMetrics.show(counts, attributes, label);
  return concurrency === Infinity
    ? show
    : Effect.andThen(show, slotMetrics.show(counts, attributes, label));
}
