/**
 * Tasks that come again and again.
 *
 * @module
 */
import * as Cron from "effect/Cron";
import * as DateTime from "effect/DateTime";
import * as Option from "effect/Option";
import type { NewRow, ScheduleRow } from "./model.ts";

/** A cron: its fields, its time zone, and what it does when clocks go back. */
interface Times {
  readonly cron: string;
  readonly zone: string | undefined;
  readonly onDstOverlap: Cron.Cron["onDstOverlap"];
}

/** What a schedule runs, and how often: as it is stored. */
export interface Spec {
  /** The kind. */
  readonly name: string;
  /** What each is given, encoded. */
  readonly payload: unknown;
  /** How often each may be begun. */
  readonly maxAttempts: number;
  /** The lane of each. */
  readonly lane: NewRow["lane"];
  /** When. */
  readonly when:
    | { readonly every: number }
    | Times;
  /** What becomes of times that passed. */
  readonly missed: "skip" | "latest" | "all";
}

/** What is due of a schedule. */
export interface Due {
  /** The times at which tasks begin, in order. */
  readonly slots: ReadonlyArray<number>;
  /** The next one. */
  readonly next: number;
}

/** A time is missed if nobody was there for so many milliseconds. */
const tolerance = 10_000;
/** So many missed times are made up for in one step. */
const together = 100;

/** What a store has of a schedule; nothing else is ever written there. */
export function specOf({ spec }: ScheduleRow): Spec {
  return spec as Spec;
}

/** The first time after this one. */
export function nextAfter({ when }: Spec, time: number): number {
  return "every" in when
    ? time + when.every
    : Cron.next(cronOf(when), new Date(time)).getTime();
}

/** What to run now of a schedule whose next time has come. */
export function dueOf(row: ScheduleRow, now: number): Due {
  const spec = specOf(row);
  if (spec.missed === "all") {
    const slots: Array<number> = [];
    let next = row.next;
    while (next <= now && slots.length < together) {
      slots.push(next);
      next = nextAfter(spec, next);
    }
    return { slots, next };
  }
  const latest = latestUntil(spec, row.next, now);
  const next = nextAfter(spec, latest);
  return spec.missed === "skip" && now - latest > tolerance
    ? { slots: [], next }
    : { slots: [latest], next };
}

/** One task for each time, however many processes there are: its id says which. */
export function rowFor(row: ScheduleRow, slot: number): NewRow {
  const { lane, maxAttempts, name, payload } = specOf(row);
  return {
    id: `${row.id}@${new Date(slot).toISOString()}`,
    ...{ name, payload, maxAttempts, lane },
    priority: 0,
    start: { at: slot },
  };
}

function latestUntil(spec: Spec, first: number, now: number): number {
  const { when } = spec;
  if ("every" in when) {
    return first + Math.floor((now - first) / when.every) * when.every;
  }
  const previous = Cron.prev(cronOf(when), new Date(now + 1)).getTime();
  return Math.max(first, previous);
}

function cronOf({ cron, onDstOverlap, zone }: Times): Cron.Cron {
  return Cron.parseUnsafe(cron, zone, { onDstOverlap });
}

/** A cron as it is stored. */
export function formatCron(cron: Cron.Cron): Times {
  return {
    cron: Cron.format(cron, { includeSeconds: true }),
    onDstOverlap: cron.onDstOverlap,
    zone: Option.getOrUndefined(Option.map(cron.tz, DateTime.zoneToString)),
  };
}
