/**
 * Background tasks.
 *
 * @module
 */

/** Where tasks live. */
export * as TaskStore from "./store.ts";
