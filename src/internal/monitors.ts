/**
 * What a simulation measures.
 *
 * @module
 */
import * as Context from "effect/Context";

/** Told what is measured, and asked to watch what services count anyway. Names are those of the public monitors. */
export interface Monitors {
  /** One value. */
  readonly tally: (name: string, value: number) => void;
  /** A value that holds until it is set again. */
  readonly level: (name: string, value: number) => void;
  /** So many events at once. */
  readonly count: (name: string, number: number) => void;
  /** Looks at a level whenever time passes, until it is told not to. */
  readonly watchLevel: (name: string, read: () => number) => () => void;
  /** Looks at a number of events whenever time passes, until it is told not to. */
  readonly watchCount: (name: string, read: () => number) => () => void;
  /** Adds zeros to a tally, as many as there are when it is looked at, until it is told not to. */
  readonly watchZeros: (name: string, read: () => number) => () => void;
}

/** Where measures go; outside of a sweep nowhere. */
export const CurrentMonitors: Context.Reference<Monitors | undefined> = Context
  .Reference<Monitors | undefined>("weir/internal/CurrentMonitors", {
    defaultValue: () => undefined,
  });
