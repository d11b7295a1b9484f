/**
 * Background tasks.
 *
 * - `Task`: a kind of work, and the handler that runs it.
 * - `TaskManager`: accepts tasks, runs them, knows what became of each.
 * - `TaskStore`: where they live.
 * - `TaskApi`: the manager over HTTP.
 *
 * @module
 */

/** A kind of background work. */
export * as Task from "./task.ts";
/** The manager over HTTP. */
export * as TaskApi from "./task_api.ts";
/** Background tasks: status, retry, cancel, schedule. */
export * as TaskManager from "./task_manager.ts";
/** Where tasks live. */
export * as TaskStore from "./store.ts";
