/**
 * Where a page of tasks ended, as text.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { TaskStoreError } from "./store_service.ts";

/** The cursor of a page whose last task was stored as the `number`th. */
export function cursorOf(number: number): string {
  return String(number);
}

/** The number of a cursor, or infinity for none. Fails with `Corrupt` for what was never given. */
export function readCursor(
  cursor: string | undefined,
): Effect.Effect<number, TaskStoreError> {
  if (cursor === undefined) return Effect.succeed(Infinity);
  return /^\d{1,15}$/.test(cursor)
    ? Effect.succeed(Number(cursor))
    : Effect.fail(
      new TaskStoreError({
        reason: "Corrupt",
        detail: `"cursor" must be one that list() gave, was "${cursor}"`,
      }),
    );
}
