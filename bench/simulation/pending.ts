/**
 * What a timer costs, with more and more of them: each of so many fibers sleeps again and again.
 *
 * @module
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Random from "effect/Random";
import { median, rounds, type Row, type Scores, shown } from "../report.ts";
import { runOf } from "./run.ts";

const events = 100_000;
const warmUp = 50_000;
/** The last one takes so long that it is measured only once. */
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
    const fiber = Effect.whileLoop({
      while: () => woken < warmUp + events,
      body: () => sleep,
      step: () => {
        woken++;
        if (woken === warmUp) start = now();
        if (woken !== warmUp + events) return;
        end = now();
        Deferred.doneUnsafe(enough, Effect.void);
      },
    });
    for (let i = 0; i < size; i++) yield* Effect.forkDetach(fiber);
    yield* Deferred.await(enough);
  });
  runOf(program, { leaks: "allow", maxSteps: 100_000_000 });
  return (end - start) * 1e6 / events;
}

/** From few to a million timers. */
export async function pending(): Promise<ReadonlyArray<Row>> {
  const contestants = (sizes: ReadonlyArray<number>) =>
    Object.fromEntries(
      sizes.map((size) => [nameOf(size), () => nanosAnEvent(size)]),
    );
  const scores: Scores<string> = {
    ...await rounds(contestants(sizes.slice(0, -1)), { counted: 5, warmUp: 1 }),
    ...await rounds(contestants(sizes.slice(-1)), { counted: 1, warmUp: 0 }),
  };
  const [few, ...more] = sizes.map((size) => {
    const nanos = median(scores[nameOf(size)]!);
    return { size, nanos, log: Math.log(size) };
  });
  return [few!, ...more].flatMap((each) => [
    shown(nameOf(each.size), each.nanos, "ns"),
    ...each === few ? [] : [
      shown(
        `  ÷ ${few!.size} pending; log n grows ${
          (each.log / few!.log).toFixed(0)
        } ×`,
        each.nanos / few!.nanos,
        "×",
      ),
    ],
  ]);
}
