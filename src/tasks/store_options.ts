/**
 * What a store is told.
 *
 * @module
 */

/** How much a store holds. */
export interface Options {
  /**
   * How many tasks may wait, scheduled ones included: a whole number, 1,000,000 if omitted. More are refused with a
   * {@linkcode TaskStoreError} for being full. What runs or has ended takes no room, and what comes back from a worker is
   * never refused.
   */
  readonly capacity?: number | undefined;
}
