/**
 * A frontier in this process.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { Ordered, type Placed } from "../internal/heap.ts";
import { check, entryOf, type Place, rankOf } from "./frontier_entry.ts";
import type { Entry, Service, Size } from "./frontier_service.ts";

/** Every operation is one synchronous step. */
export function memoryFrontier(capacity: number): Service {
  const frontier = new MemoryFrontier(capacity);
  return {
    add: (entries) => Effect.sync(() => frontier.add(entries)),
    next: (busy) =>
      Effect.sync(() => Option.fromUndefinedOr(frontier.next(busy))),
    done: (url) => Effect.sync(() => frontier.done(url)),
    recover: Effect.sync(() => frontier.recover()),
    size: Effect.sync(() => frontier.size),
  };
}

/** A URL that waits. */
class Waiting implements Place, Placed {
  place = -1;

  constructor(
    readonly url: string,
    readonly rank: number,
    readonly depth: number,
    readonly seq: number,
    readonly redirects: number,
    readonly referrer: string | undefined,
  ) {}
}

/** A host that has something waiting, and its place among those. */
class Host extends Ordered<Waiting> {
  next: Host | undefined;
  previous: Host | undefined;

  constructor(readonly name: string) {
    super();
  }

  protected override isBefore(one: Waiting, other: Waiting): boolean {
    return (one.rank - other.rank || one.depth - other.depth ||
      one.seq - other.seq) < 0;
  }
}

class MemoryFrontier {
  private readonly seen = new Set<string>();
  /** Those that have something waiting. */
  private readonly hosts = new Map<string, Host>();
  /** What is on its way, and whose it is. */
  private readonly visits = new Map<string, [host: string, Waiting]>();
  private first: Host | undefined;
  private last: Host | undefined;
  private pending = 0;

  constructor(private readonly capacity: number) {}

  get size(): Size {
    return { pending: this.pending, seen: this.seen.size };
  }

  add(entries: ReadonlyArray<Entry>): number {
    const { capacity, seen } = this;
    for (const entry of entries) check(entry);
    const before = seen.size;
    for (const entry of entries) {
      const { depth, host, redirects = 0, referrer, url } = entry;
      if (seen.size >= capacity) break;
      if (seen.has(url)) continue;
      seen.add(url);
      this.hostOf(host).push(
        new Waiting(
          ...[
            url,
            rankOf(entry),
            depth,
            seen.size,
            redirects,
            referrer,
          ] as const,
        ),
      );
    }
    const added = seen.size - before;
    this.pending += added;
    return added;
  }

  next(busy: ReadonlySet<string>): Entry | undefined {
    let host = this.first;
    while (host !== undefined && busy.has(host.name)) host = host.next;
    const waiting = host?.peek();
    if (host === undefined || waiting === undefined) return undefined;
    host.remove(waiting);
    this.pending--;
    this.visits.set(waiting.url, [host.name, waiting]);
    this.leave(host);
    if (host.peek() === undefined) this.hosts.delete(host.name);
    else this.join(host);
    return entryOf(host.name, waiting);
  }

  done(url: string): void {
    this.visits.delete(url);
  }

  recover(): void {
    const lost = [...this.visits.values()].sort(([, a], [, b]) =>
      a.seq - b.seq
    );
    for (const [host, waiting] of lost) this.hostOf(host).push(waiting);
    this.pending += lost.length;
    this.visits.clear();
  }

  private hostOf(name: string): Host {
    const known = this.hosts.get(name);
    if (known !== undefined) return known;
    const host = new Host(name);
    this.hosts.set(name, host);
    this.join(host);
    return host;
  }

  /** Puts a host behind all others. */
  private join(host: Host): void {
    host.previous = this.last;
    host.next = undefined;
    if (this.last === undefined) this.first = host;
    else this.last.next = host;
    this.last = host;
  }

  private leave({ next, previous }: Host): void {
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.last = previous;
    else next.previous = previous;
  }
}
