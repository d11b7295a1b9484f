/**
 * What the peers take.
 *
 * @module
 */
import type { payload } from "../../tasks/sites.ts";

/** A task, as it is submitted. */
export interface Submission {
  readonly name: string;
  readonly payload: typeof payload;
}

/** Whether it is one. */
export function isSubmission(body: unknown): body is Submission {
  return isObject(body) && typeof body["name"] === "string" &&
    isObject(body["payload"]) && typeof body["payload"]["to"] === "string";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
