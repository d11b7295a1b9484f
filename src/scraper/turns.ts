/**
 * When a request may be sent: in the turn of its host, and with one of the places of the crawl.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Semaphore from "effect/Semaphore";
import type { KeyedLimiter, Limiter } from "../limiter/mod.ts";

/** How long to go without a look at a host at most, in milliseconds: pauses are ended, and others use the limiter. */
const longest = 10_000;
/** The same for a host all of whose places are taken. */
const longestForPlace = 1000;
/** How long to wait for a host whose requests are somebody else's, in milliseconds. */
const elsewhere = 100;
/** Who lost its turn to another and waits no longer than this for the next one waits in line, in milliseconds. */
const longestInLine = 100;

/** A place of the crawl, and who works with what a request brought keeps it. */
export class Place {
  private isTaken = false;

  constructor(private readonly places: Semaphore.Semaphore) {}

  readonly take: Effect.Effect<void> = Effect.uninterruptibleMask((restore) =>
    Effect.map(restore(this.places.take(1)), () => {
      this.isTaken = true;
    })
  );

  /** Gives it back, if it was taken. */
  readonly release: Effect.Effect<void> = Effect.suspend(() => {
    if (!this.isTaken) return Effect.void;
    this.isTaken = false;
    return Effect.asVoid(this.places.release(1));
  });
}

/** Gives turns. Who waits for its host holds no place, so slow hosts do not keep others waiting. */
export class Turns {
  private readonly places: Semaphore.Semaphore;
  /**
   * Hosts whose turns go to others, as when all wait for one quota: one at a time looks for the next turn, so that a turn costs
   * one look, and not one of each.
   */
  private readonly line: Semaphore.Semaphore = Semaphore.makeUnsafe(1);
  private readonly running = new Map<string, number>();
  private readonly waiting = new Map<string, Set<() => void>>();

  constructor(
    private readonly limiters: KeyedLimiter.Service,
    concurrency: number,
  ) {
    this.places = Semaphore.makeUnsafe(concurrency);
  }

  /** A place to take, and to release in the end, whatever comes. */
  place(): Place {
    return new Place(this.places);
  }

  /**
   * Runs a request in the next turn of its host. Quota, place of the host and place of the crawl are had at one moment; the
   * place is kept. Before each try for a turn comes `ready`, so that however long that takes, requests begin when their turns do.
   */
  take<A, E>(
    host: string,
    place: Place,
    ready: Effect.Effect<void, E>,
    request: Effect.Effect<A, E>,
  ): Effect.Effect<A, E> {
    const limiter = this.limiters.for(host);
    const attempt = place.take.pipe(
      Effect.andThen(ready),
      Effect.andThen(this.attempt(limiter, host, place, request)),
    );
    return Effect.gen({ self: this }, function* () {
      for (let hasLost = false;;) {
        const turn = yield* limiter.peek();
        if (turn._tag === "Denied") {
          const { retryAfter } = turn;
          const isSoon = Duration.toMillis(retryAfter) <= longestInLine;
          yield* hasLost && isSoon ? this.inLine(limiter) : rest(retryAfter);
          hasLost = isSoon;
          continue;
        }
        const tried = yield* attempt;
        if ("done" in tried) return tried.done;
        yield* tried.wait;
      }
    });
  }

  private inLine(limiter: Limiter.Service): Effect.Effect<void> {
    const look = Effect.flatMap(
      limiter.peek(),
      // Who has to wait for longer than that, as in a pause of its host, holds nobody up.
      (turn) =>
        turn._tag === "Denied" &&
          Duration.toMillis(turn.retryAfter) <= longestInLine
          ? rest(turn.retryAfter)
          : Effect.void,
    );
    return this.line.withPermit(look);
  }

  /** Lets no request of a host begin for so many milliseconds. */
  pause(host: string, millis: number): Effect.Effect<void> {
    return this.limiters.for(host).pause(Duration.millis(millis));
  }

  private attempt<A, E>(
    limiter: Limiter.Service,
    host: string,
    place: Place,
    request: Effect.Effect<A, E>,
  ): Effect.Effect<Tried<A>, E> {
    const counted = Effect.acquireUseRelease(
      Effect.sync(() => this.begin(host)),
      () => request,
      () => Effect.sync(() => this.end(host)),
    );
    // A request that fails by itself is told from one that was not begun.
    const limited = limiter.limit(Effect.exit(counted), { maxWait: 0 });
    return Effect.matchEffect(limited, {
      onSuccess: (exit) => Effect.map(exit, (done) => ({ done })),
      onFailure: ({ retryAfter }) =>
        Effect.as(place.release, {
          wait: retryAfter === undefined ? this.endAt(host) : rest(retryAfter),
        }),
    });
  }

  private begin(host: string): void {
    this.running.set(host, (this.running.get(host) ?? 0) + 1);
  }

  private end(host: string): void {
    const left = this.running.get(host)! - 1;
    if (left > 0) this.running.set(host, left);
    else this.running.delete(host);
    for (const wake of [...this.waiting.get(host) ?? []]) wake();
  }

  /** Waits for a request of a host to end, which may be somebody else's. */
  private endAt(host: string): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (!this.running.has(host)) return Effect.sleep(elsewhere);
      const ended = Effect.callback<void>((resume) => {
        const waiting = this.waiting.get(host) ?? new Set();
        const wake = () => {
          waiting.delete(wake);
          if (waiting.size === 0) this.waiting.delete(host);
          resume(Effect.void);
        };
        this.waiting.set(host, waiting.add(wake));
        return Effect.sync(wake);
      });
      return Effect.asVoid(Effect.timeoutOption(ended, longestForPlace));
    });
  }
}

/** What came of a request, or how to wait for the next try. */
type Tried<A> =
  | { readonly done: A }
  | { readonly wait: Effect.Effect<void> };

function rest(duration: Duration.Duration): Effect.Effect<void> {
  const millis = Duration.toMillis(duration);
  return Effect.sleep(Math.min(Math.max(1, Math.ceil(millis)), longest));
}
