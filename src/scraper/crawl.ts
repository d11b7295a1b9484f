/**
 * A crawl: takes URLs from the frontier, visits them, and hands out what came of them.
 *
 * @module
 */
import * as Cause from "effect/Cause";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import * as Queue from "effect/Queue";
import type * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import { timeIn } from "../internal/time.ts";
import type { Entry, FrontierError, Service as Way } from "./frontier.ts";
import type { Crawl, Report } from "./service.ts";
import type { Tally } from "./tally.ts";
import type { Visit } from "./visit.ts";
import type { Visitor } from "./visitor.ts";

/** How much is under way at once. */
export interface Bounds {
  readonly concurrency: number;
  readonly maxPages: number;
}

/** What a crawl is made of. */
export interface Parts {
  readonly way: Way;
  readonly visitor: Visitor;
  readonly bounds: Bounds;
  readonly tally: Tally;
  /** Adds first URLs that have to be looked for. */
  readonly seeds: Effect.Effect<void, FrontierError>;
}

/** One crawl, which goes on for as long as its visits are taken. */
export class Crawling implements Crawl {
  private isRunning = false;
  private beganAt: number | undefined;
  private endedAt: number | undefined;

  constructor(private readonly parts: Parts) {}

  readonly visits: Stream.Stream<Visit, FrontierError> = Stream.unwrap(
    Effect.gen({ self: this }, function* () {
      const { bounds, way } = this.parts;
      yield* this.running;
      yield* way.recover;
      const out: Out = yield* Queue.bounded<Visit, FrontierError | Cause.Done>(
        bounds.concurrency,
      );
      const bell = yield* Queue.dropping<void>(1);
      const run = new Run(this.parts, out, bell, yield* Effect.scope);
      yield* Effect.addFinalizer(() => run.end);
      yield* Effect.forkScoped(run.dispatch);
      return handedOut(out, way);
    }),
  );

  get report(): Effect.Effect<Report, FrontierError> {
    const { bounds: { maxPages }, tally, way } = this.parts;
    return Effect.flatMap(way.size, ({ pending }) =>
      Effect.map(now, (at) => {
        const { bytes, failed, moved, pages, running, skipped } = tally;
        const { beganAt = at, endedAt = at } = this;
        return {
          ...{ pages, maxPages, moved, failed, pending, running },
          ...{ skipped, bytes, elapsed: Duration.millis(endedAt - beganAt) },
        };
      }));
  }

  private get running(): Effect.Effect<void, never, Scope.Scope> {
    return Effect.acquireRelease(
      Effect.flatMap(now, (at) => {
        if (this.isRunning) {
          return Effect.die(new Error("The visits are being taken already"));
        }
        this.isRunning = true;
        this.beganAt ??= at;
        this.endedAt = undefined;
        return Effect.void;
      }),
      () =>
        Effect.map(now, (at) => {
          this.isRunning = false;
          this.endedAt = at;
        }),
    );
  }
}

const now: Effect.Effect<number> = Effect.withFiber((fiber) =>
  Effect.succeed(timeIn(fiber.context).now())
);

/** Visits on their way to who takes them. */
type Out = Queue.Queue<Visit, FrontierError | Cause.Done>;

/** One visit at a time; it is done when the next is asked for. */
function handedOut(out: Out, way: Way): Stream.Stream<Visit, FrontierError> {
  let last: Visit | undefined;
  const done = Effect.suspend(() =>
    last === undefined ? Effect.void : way.done(last.url)
  );
  const next = Effect.map(Queue.take(out), (visit) => {
    last = visit;
    return [visit] as const;
  });
  return Stream.fromPull(Effect.succeed(Effect.andThen(done, next)));
}

/** A crawl while its visits are taken. */
class Run {
  /** URLs that were taken from the frontier, and whose visits have not been handed out. */
  private alive = 0;
  /** Whether first URLs are looked for, which may go on for longer than it takes to find enough pages. */
  private isSeeding = true;
  /** Hosts for whose next request somebody waits. */
  private readonly waiting = new Set<string>();

  constructor(
    private readonly parts: Parts,
    private readonly out: Out,
    private readonly bell: Queue.Queue<void>,
    private readonly scope: Scope.Scope,
  ) {}

  get dispatch(): Effect.Effect<void> {
    return this.supervised(Effect.gen({ self: this }, function* () {
      const { bounds: { maxPages }, seeds, tally, way } = this.parts;
      yield* this.fork(seeds, () => {
        this.isSeeding = false;
      });
      while (true) {
        // Who is at work now may add something after the frontier said that there is nothing.
        const { alive, isSeeding } = this;
        if (this.hasRoom) {
          const next = yield* way.next(this.waiting);
          if (Option.isSome(next)) {
            yield* this.start(this.visit(next.value));
            continue;
          }
        }
        if (alive === 0 && (!isSeeding || tally.pages >= maxPages)) break;
        yield* Queue.take(this.bell);
      }
      yield* Queue.end(this.out);
    }));
  }

  /** Forgets what was interrupted before it began, and so cannot say its end. After all else of the scope. */
  get end(): Effect.Effect<void> {
    return Effect.sync(() => this.parts.tally.add("running", -this.alive));
  }

  /** Whether one more URL may be under way: all that are might be pages. Those that wait for their hosts cost little, but are bounded too. */
  private get hasRoom(): boolean {
    const { bounds: { concurrency, maxPages }, tally } = this.parts;
    const most = Math.max(100, 10 * concurrency);
    return this.alive < Math.min(maxPages - tally.pages, most);
  }

  private start(
    effect: Effect.Effect<void, FrontierError>,
  ): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { tally } = this.parts;
      this.alive++;
      tally.add("running");
      return this.fork(effect, () => {
        this.alive--;
        tally.add("running", -1);
      });
    });
  }

  private fork(
    effect: Effect.Effect<void, FrontierError>,
    onEnd: () => void,
  ): Effect.Effect<void> {
    const ended = Effect.sync(() => {
      onEnd();
      this.ring();
    });
    const whole = Effect.ensuring(this.supervised(effect), ended);
    const options = { startImmediately: true };
    return Effect.asVoid(Effect.forkIn(whole, this.scope, options));
  }

  /** What goes wrong in it is the end of the visits. */
  private supervised<A>(
    effect: Effect.Effect<A, FrontierError>,
  ): Effect.Effect<void> {
    return Effect.matchCauseEffect(effect, {
      onSuccess: () => Effect.void,
      onFailure: (cause) =>
        Cause.hasInterruptsOnly(cause)
          ? Effect.void
          : Effect.asVoid(Queue.failCause(this.out, cause)),
    });
  }

  private visit(entry: Entry): Effect.Effect<void, FrontierError> {
    const { host } = entry;
    this.waiting.add(host);
    let isWaiting = true;
    const stopWaiting = () => {
      if (!isWaiting) return;
      isWaiting = false;
      this.waiting.delete(host);
      this.ring();
    };
    return Effect.ensuring(
      this.parts.visitor.visit(
        entry,
        stopWaiting,
        (visit) => this.handOut(visit),
      ),
      Effect.sync(stopWaiting),
    );
  }

  private handOut(visit: Visit): Effect.Effect<void> {
    this.parts.tally.add(counts[visit._tag]);
    return Effect.asVoid(Queue.offer(this.out, visit));
  }

  private ring(): void {
    Queue.offerUnsafe(this.bell, undefined);
  }
}

const counts = { Page: "pages", Moved: "moved", Failed: "failed" } as const;
