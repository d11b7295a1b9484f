/**
 * How long a check of something small takes: of what is right, a thousand runs, and of what is wrong, until it is found, made
 * small and drawn.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Ref from "effect/Ref";
import { ok } from "node:assert/strict";
import { median, rounds, type Row, type Scores, shown } from "../report.ts";

const runs = 1000;

/** Three callers take from two tokens. */
const callers = (take: (tokens: Ref.Ref<number>) => Effect.Effect<boolean>) =>
  Effect.gen(function* () {
    const tokens = yield* Ref.make(2);
    let taken = 0;
    const caller = Effect.map(take(tokens), (got) => {
      if (got) taken++;
    });
    yield* Effect.all([caller, caller, caller], { concurrency: "unbounded" });
    ok(taken === 2, `${taken} of 2 were taken`);
  });

/** Something that happens once, and those who wait for it. */
class Happening {
  private happened = false;
  private readonly waiting: Array<Deferred.Deferred<void>> = [];

  readonly happen: Effect.Effect<void> = Effect.suspend(() => {
    this.happened = true;
    return Effect.forEach(
      this.waiting.splice(0),
      (turn) => Deferred.succeed(turn, undefined),
      { discard: true },
    );
  });

  /** Looks, and then gets in line: by then it may have happened. */
  readonly waitWrongly: Effect.Effect<void> = Effect.suspend(() =>
    this.happened
      ? Effect.void
      : Effect.flatMap(this.enlist, (turn) => Deferred.await(turn))
  );

  /** Gets in line, and then looks. */
  readonly wait: Effect.Effect<void> = Effect.flatMap(
    Effect.suspend(() => this.enlist),
    (turn) => this.happened ? Effect.void : Deferred.await(turn),
  );

  private readonly enlist = Effect.sync(() => {
    const turn = Deferred.makeUnsafe<void>();
    this.waiting.push(turn);
    return turn;
  });
}

const waiters = (wait: "wait" | "waitWrongly") =>
  Effect.suspend(() => {
    const happening = new Happening();
    const waiter = happening[wait];
    return Effect.all([waiter, happening.happen, waiter], {
      concurrency: "unbounded",
    });
  });

const specimens: Readonly<Record<string, Specimen>> = {
  "check, then act": {
    wrong: callers((tokens) =>
      Effect.flatMap(
        Ref.get(tokens),
        (left) =>
          left > 0
            ? Effect.as(Ref.set(tokens, left - 1), true)
            : Effect.succeed(false),
      )
    ),
    right: callers((tokens) =>
      Ref.modify(tokens, (left) => left > 0 ? [true, left - 1] : [false, left])
    ),
  },
  "a lost wake-up": { wrong: waiters("waitWrongly"), right: waiters("wait") },
};

interface Specimen {
  readonly wrong: Effect.Effect<unknown>;
  readonly right: Effect.Effect<unknown>;
}

const millis = (check: Effect.Effect<unknown, unknown>) => async () => {
  const start = performance.now();
  await Effect.runPromise(check);
  return performance.now() - start;
};

/** Small programs, wrong and right. */
export async function checks(): Promise<ReadonlyArray<Row>> {
  const scores: Scores<string> = await rounds(Object.fromEntries(
    Object.entries(specimens).flatMap(([name, { right, wrong }]) => [
      [`${name}: right`, millis(Simulation.check(right, { runs }))],
      [`${name}: wrong`, millis(Effect.flip(Simulation.check(wrong)))],
    ]),
  ));
  return Object.keys(specimens).flatMap((name) => [
    shown(
      `${name}: right`,
      runs / median(scores[`${name}: right`]!) * 1000,
      "runs/s",
    ),
    shown(
      `${name}: wrong, found and drawn`,
      median(scores[`${name}: wrong`]!),
      "ms",
    ),
  ]);
}
