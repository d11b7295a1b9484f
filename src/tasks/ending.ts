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

/** Words for whatever somebody failed with. */
export function wordsFor(error: unknown): string {
  if (error instanceof Error) {
    return error.message === ""
      ? error.name
      : `${error.name}: ${error.message}`;
  }
  return typeof error === "string"
    ? error
    : JSON.stringify(error) ?? String(error);
}
