/**
 * What crawls count.
 *
 * @module
 */
import { counter, gauge, Metrics } from "../internal/metrics.ts";

/** Counts of one crawl, or of all of a crawler. */
export class Tally {
  pages = 0;
  moved = 0;
  failed = 0;
  running = 0;
  skipped = 0;
  bytes = 0;

  constructor(private readonly all?: Tally | undefined) {}

  /** Counts here, and for all. */
  add(what: Exclude<keyof Tally, "add">, many = 1): void {
    this[what] += many;
    this.all?.add(what, many);
  }
}

/** The metrics of every crawler. */
export const scraperMetrics: Metrics<Tally> = new Metrics<Tally>("scraper", [
  gauge(
    "weir_scraper_running",
    "URLs on their way, those that wait for their host included",
    ({ running }) => running,
  ),
  counter("weir_scraper_pages_total", "Pages", ({ pages }) => pages),
  counter("weir_scraper_moved_total", "Redirects", ({ moved }) => moved),
  counter("weir_scraper_failed_total", "Failed URLs", ({ failed }) => failed),
  counter(
    "weir_scraper_skipped_total",
    "Links that were not followed",
    ({ skipped }) => skipped,
  ),
  counter(
    "weir_scraper_bytes_total",
    "Bytes read, unpacked",
    ({ bytes }) => bytes,
  ),
]);
