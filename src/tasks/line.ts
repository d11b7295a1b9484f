/**
 * Who begins first: by priority, then by age.
 *
 * @module
 */
import { Ordered, type Placed } from "../internal/heap.ts";

/** What stands in line. */
export interface Ranked extends Placed {
  /** Higher first. */
  readonly priority: number;
  /** Lower first, among equals. */
  readonly runAt: number;
  /** Lower first, among those that are still equal. */
  readonly number: number;
}

/** The first in rank first. */
export class Line<T extends Ranked> extends Ordered<T> {
  protected override isBefore(one: T, other: T): boolean {
    return isBefore(one, other);
  }
}

/** Whether one begins before another. */
export function isBefore(a: Ranked, b: Ranked): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  return a.runAt === b.runAt ? a.number < b.number : a.runAt < b.runAt;
}
