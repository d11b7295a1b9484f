/**
 * Collects what one replication measures, and what services count meanwhile.
 *
 * @module
 */
import type { Monitors } from "../internal/monitors.ts";
import {
  Count,
  type CountSample,
  Level,
  type LevelSample,
  type Span,
  Tally,
  type TallySample,
} from "./records.ts";

/** What one replication measured. Plain data. */
export interface Sample {
  /** How long it was, with its warm-up. */
  readonly seconds: number;
  readonly tallies: Readonly<Record<string, TallySample>>;
  readonly levels: Readonly<Record<string, LevelSample>>;
  readonly counts: Readonly<Record<string, CountSample>>;
}

/** A number that is looked at when time passes. */
interface Watched {
  readonly look: (now: number) => void;
}

/** Collects what a replication measures. Times are seconds. */
export class Collector implements Monitors {
  private readonly tallies = new Map<string, Tally>();
  private readonly levels = new Map<string, Level>();
  private readonly counts = new Map<string, Count>();
  private watched: Array<Watched> = [];
  private isWarm: boolean;
  /** Virtual time, in seconds. */
  private now = 0;

  constructor(
    private readonly span: Span,
    /** Asked when time passes: throws if nobody wants to know any more. */
    private readonly goOn: () => void = () => {},
  ) {
    this.isWarm = span.warmup === 0;
  }

  /** Time is about to pass: what holds now held until then. */
  passes(millis: number): void {
    const { now, span, watched } = this;
    this.goOn();
    for (let i = 0; i < watched.length; i++) watched[i]!.look(now);
    const next = millis / 1000;
    if (!this.isWarm && next >= span.warmup) this.restart(span.warmup);
    this.now = next;
  }

  readonly tally: Monitors["tally"] = (name, value) =>
    this.tallyOf(name).tell(value);

  readonly level: Monitors["level"] = (name, value) =>
    this.levelOf(name).set(this.now, value);

  readonly count: Monitors["count"] = (name, number) =>
    this.countOf(name).add(this.now, number);

  readonly watchLevel: Monitors["watchLevel"] = (name, read) => {
    const level = this.levelOf(name);
    let last = 0;
    const unwatch = this.watch((now) => {
      const next = read();
      level.add(now, next - last);
      last = next;
    });
    return () => {
      unwatch();
      level.add(this.now, -last);
    };
  };

  readonly watchCount: Monitors["watchCount"] = (name, read) => {
    const count = this.countOf(name);
    let last = read();
    return this.watch((now) => {
      const next = read();
      if (next === last) return;
      count.add(now, next - last);
      last = next;
    });
  };

  readonly watchZeros: Monitors["watchZeros"] = (name, read) =>
    this.tallyOf(name).watchZeros(read);

  /** What was measured until the end, in milliseconds, which is after the warm-up; series are empty if they are not wanted. */
  sample(millis: number, hasSeries: boolean): Sample {
    this.passes(millis);
    const end = this.now;
    return {
      seconds: end,
      tallies: mapped(this.tallies, (tally) => tally.sample()),
      levels: mapped(this.levels, (level) => level.sample(end, hasSeries)),
      counts: mapped(this.counts, (count) => count.sample(end, hasSeries)),
    };
  }

  private restart(at: number): void {
    this.isWarm = true;
    for (const tally of this.tallies.values()) tally.restart();
    for (const level of this.levels.values()) level.restart(at);
    for (const count of this.counts.values()) count.restart();
  }

  private watch(look: (now: number) => void): () => void {
    const watched = { look };
    this.watched.push(watched);
    return () => {
      look(this.now);
      this.watched = this.watched.filter((other) => other !== watched);
    };
  }

  private tallyOf(name: string): Tally {
    return entry(this.tallies, name, () => new Tally());
  }

  private levelOf(name: string): Level {
    const { isWarm, span } = this;
    const begun = isWarm ? span.warmup : 0;
    return entry(this.levels, name, () => new Level(begun, span));
  }

  private countOf(name: string): Count {
    return entry(this.counts, name, () => new Count(this.span));
  }
}

function entry<A>(map: Map<string, A>, name: string, make: () => A): A {
  let value = map.get(name);
  if (value === undefined) map.set(name, value = make());
  return value;
}

function mapped<A, B>(
  map: ReadonlyMap<string, A>,
  f: (value: A) => B,
): Record<string, B> {
  return Object.fromEntries([...map].map(([name, value]) => [name, f(value)]));
}
