/**
 * A polite crawler.
 *
 * @module
 */

/** What a crawl has yet to visit. */
export * as Frontier from "./frontier.ts";
