/**
 * Who waits, by priority and then in the order in which they came.
 *
 * @module
 */
import type { Turn } from "./turn.ts";

/** One that can stand in line: a link in the lane of its priority. */
export interface Standing<T extends Standing<T>> {
  /** What it waits for. */
  readonly turn: Turn;
  /** Where it stands; nowhere once it left. */
  line: Lanes<T> | undefined;
  next: T | undefined;
  previous: T | undefined;
}

interface Lane<T> {
  readonly priority: number;
  first: T | undefined;
  last: T | undefined;
  cost: number;
}

/** A line: first in, first out within a priority. Joining the lane of a known priority and leaving are O(1). */
export class Lanes<T extends Standing<T>> {
  size = 0;
  /** Highest priority first, none of them empty. */
  private readonly lanes: Array<Lane<T>> = [];

  get head(): T | undefined {
    return this.lanes[0]?.first;
  }

  push(item: T): void {
    const lane = this.lane(item.turn.priority);
    item.line = this;
    item.previous = lane.last;
    if (lane.last === undefined) lane.first = item;
    else lane.last.next = item;
    lane.last = item;
    lane.cost += item.turn.cost;
    this.size++;
  }

  remove(item: T): void {
    const i = this.find(item.turn.priority);
    const lane = this.lanes[i]!;
    const { next, previous } = item;
    if (previous === undefined) lane.first = next;
    else previous.next = next;
    if (next === undefined) lane.last = previous;
    else next.previous = previous;
    item.next = item.previous = item.line = undefined;
    lane.cost -= item.turn.cost;
    this.size--;
    if (lane.first === undefined) this.lanes.splice(i, 1);
  }

  /** What those ask for who come before a newcomer of this priority. */
  demand(priority: number): number {
    let demand = 0;
    for (const lane of this.lanes) {
      if (lane.priority < priority) break;
      demand += lane.cost;
    }
    return demand;
  }

  private lane(priority: number): Lane<T> {
    const i = this.find(priority);
    const found = this.lanes[i];
    if (found?.priority === priority) return found;
    const lane = { priority, first: undefined, last: undefined, cost: 0 };
    this.lanes.splice(i, 0, lane);
    return lane;
  }

  /** The place of the first lane whose priority is not higher. */
  private find(priority: number): number {
    let low = 0;
    let high = this.lanes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.lanes[middle]!.priority > priority) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
