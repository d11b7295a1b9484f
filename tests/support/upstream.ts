import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";

/** What was asked together, from when to when. */
interface Answered {
  readonly requests: ReadonlyArray<number>;
  readonly start: number;
  end: number;
}

/** Answers many requests at once, and remembers them. */
export class Upstream {
  readonly batches: Array<Answered> = [];

  private constructor(
    private readonly clock: Clock.Clock,
    private readonly takes: () => number,
  ) {}

  /** Takes so many milliseconds each time. */
  static make(takes: () => number): Effect.Effect<Upstream> {
    return Effect.map(Clock.Clock, (clock) => new Upstream(clock, takes));
  }

  /** What was asked so far. */
  get asked(): ReadonlyArray<ReadonlyArray<number>> {
    return this.batches.map(({ requests }) => requests);
  }

  readonly run = (
    requests: ReadonlyArray<number>,
  ): Effect.Effect<ReadonlyArray<string>> => {
    const start = this.clock.currentTimeMillisUnsafe();
    const batch = { requests, start, end: Infinity };
    this.batches.push(batch);
    return Effect.map(Effect.sleep(this.takes()), () => {
      batch.end = this.clock.currentTimeMillisUnsafe();
      return requests.map((n) => `answer ${n}`);
    });
  };
}
