/**
 * Which runs went wrong, and which of them in the same way.
 *
 * @module
 */
import * as Exit from "effect/Exit";
import type { Run } from "./model.ts";

/** Whether a run is sick or did not succeed. */
export function isBad(run: Run<unknown, unknown>): boolean {
  return run.sickness !== undefined || Exit.isFailure(run.exit);
}

/** How a run went wrong, without what differs from run to run: messages and numbers. */
export function failureOf(run: Run<unknown, unknown>): string | undefined {
  if (run.sickness !== undefined) return run.sickness._tag;
  if (Exit.isSuccess(run.exit)) return undefined;
  return run.exit.cause.reasons.map((reason) => {
    switch (reason._tag) {
      case "Fail":
        return `Fail ${kindOf(reason.error)}`;
      case "Die":
        return `Die ${kindOf(reason.defect)}`;
      case "Interrupt":
        return "Interrupt";
    }
  }).sort().join(", ");
}

function kindOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return typeof error;
  try {
    const { _tag, name } = error as { _tag?: unknown; name?: unknown };
    return String(_tag ?? name ?? error.constructor?.name);
  } catch {
    return "object";
  }
}
