/**
 * The metrics of limiters that layers provide.
 *
 * @module
 */
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

/** The metrics of every kind of limiter. */
export const limiterMetrics: Metrics<Counts> = new Metrics<Counts>("limiter", [
  gauge(
    "weir_limiter_waiting",
    "Callers that wait for their turn",
    ({ stats }) => stats().waiting,
  ),
  gauge(
    "weir_limiter_running",
    "Effects that run in a slot of the limiter",
    ({ stats }) => stats().running,
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
