/**
 * What happened to tasks, as far back as it is kept.
 *
 * @module
 */
import type { EventRow } from "./model.ts";

/** How many events are kept. */
export const keptEvents = 65_536;

/** The last {@linkcode keptEvents} events, in a ring. */
export class EventLog {
  /** The number of the last event; 0 before the first. */
  last = 0;
  private readonly ring: Array<EventRow> = [];

  add(event: Omit<EventRow, "sequence">): void {
    const { at, id, name, progress, status } = event;
    const sequence = ++this.last;
    const kept = { sequence, at, id, name, status, progress };
    // It grows by one at a time, from the event with number 1 on.
    this.ring[(sequence - 1) % keptEvents] = kept;
  }

  /** Up to so many events after one that are still of interest. */
  after(
    sequence: number,
    limit: number,
    isKept: (event: EventRow) => boolean,
  ): Array<EventRow> {
    const events: Array<EventRow> = [];
    const first = Math.max(sequence + 1, this.last - keptEvents + 1, 1);
    for (let n = first; n <= this.last && events.length < limit; n++) {
      const event = this.ring[(n - 1) % keptEvents]!;
      if (isKept(event)) events.push(event);
    }
    return events;
  }
}
