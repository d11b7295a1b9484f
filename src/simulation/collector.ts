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

  constructor(private readonly span: Span) {
    this.isWarm = span.warmup === 0;
  }

  /** Time is about to pass: what holds now held until then. */
  passes(millis: number): void {
    const { now, span, watched } = this;
    for (let i = 0; i < watched.length; i++) watched[i]!.look(now);
    const next = millis / 1000;
    if (!this.isWarm && next >= span.warmup) this.restart(span.warmup);
    this.now = next;
  }

  readonly tally: Monitors["tally"] = (name, value) =>
    this.tallyOf(name).tell(value);

  readonly level: Monitors["level"] = (name, value) =>
    this.levelOf(name).set(this.now, value);

  readonly count: Monitors["count"] = (name) =>
    this.countOf(name).add(this.now, 1);

  readonly watchLevel: Monitors["watchLevel"] = (name, read) => {
    const level = this.levelOf(name);
    const unwatch = this.watch((now) => level.set(now, read()));
    return () => {
      unwatch();
      level.set(this.now, 0);
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

  /** What was measured until the end, in milliseconds. */
  sample(millis: number): Sample {
    this.passes(millis);
    const end = this.now;
    const seconds = end - this.span.warmup;
    return {
      tallies: mapped(this.tallies, (tally) => tally.sample),
      levels: mapped(this.levels, (level) => level.sample(end)),
      counts: mapped(this.counts, (count) => count.sample(seconds, end)),
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
    return entry(this.levels, name, () => new Level(this.now, this.span));
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
