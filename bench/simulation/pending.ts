/**
 * What a timer costs, with more and more of them: each of so many fibers sleeps again and again.
 *
 * @module
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Random from "effect/Random";
import {
  median,
  ratio,
  rounds,
  type Row,
  type Scores,
  shown,
} from "../report.ts";
import { runOf } from "./run.ts";

const events = 200_000;
const warmUp = 50_000;
const sizes = [10, 1000, 100_000, 1_000_000];
const nameOf = (size: number) => `${size.toLocaleString("en")} pending`;

// Within a simulation `performance.now` is virtual; what it was before is not.
const now = performance.now.bind(performance);

const sleep = Effect.flatMap(
  Random.next,
  (chance) => Effect.sleep(1000 * chance),
);

/** Nanoseconds an event, once all sleep. */
function nanosAnEvent(size: number): number {
  let woken = 0;
  let start = 0;
  let end = 0;
  const program = Effect.gen(function* () {
    const enough = yield* Deferred.make<void>();
    const wake = Effect.suspend(() => {
      woken++;
      if (woken === warmUp) start = now();
      if (woken < warmUp + events) return sleep;
      end = now();
      return Effect.andThen(Deferred.succeed(enough, undefined), Effect.never);
    });
    const fiber = Effect.andThen(sleep, Effect.forever(wake));
    for (let i = 0; i < size; i++) yield* Effect.forkDetach(fiber);
    yield* Deferred.await(enough);
  });
  runOf(program, { leaks: "allow", maxSteps: 100_000_000 });
  return (end - start) * 1e6 / events;
}

/** From few to a million timers. */
export async function pending(): Promise<ReadonlyArray<Row>> {
  const scores: Scores<string> = await rounds(
    Object.fromEntries(sizes.map((size) => [
      nameOf(size),
      () => nanosAnEvent(size),
    ])),
    { warmUp: 1, counted: 5 },
  );
  const [few, ...more] = sizes;
  return [
    ...sizes.map((size) =>
      shown(nameOf(size), median(scores[nameOf(size)]!), "ns")
    ),
    ...more.map((size) =>
      shown(
        `${nameOf(size)} ÷ ${few}; log n: ${
          (Math.log(size) / Math.log(few!)).toFixed(0)
        }`,
        ratio(scores[nameOf(size)]!, scores[nameOf(few!)]!),
        "×",
      )
    ),
  ];
}
