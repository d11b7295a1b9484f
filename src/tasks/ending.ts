/**
 * Why a task failed, as it is stored.
 *
 * @module
 */

/** Why a task failed: one of its own errors, encoded, or what came from outside of them. `detail` is for people. */
export type Ending =
  | {
    readonly _tag: "Error";
    readonly error: unknown;
    readonly detail: string;
  }
  | {
    readonly _tag: "Defect" | "Attempts" | "Payload";
    readonly detail: string;
  };

/** What a store has as the error of a task. Nothing else is ever written there. */
export function endingOf(error: unknown): Ending {
  return error as Ending;
}

/** The words for people. */
export function detailOf(error: unknown): string {
  return endingOf(error).detail;
}
