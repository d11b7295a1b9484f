/**
 * Sleepers that have to do with each other.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Queue from "effect/Queue";
import { lcg } from "./random.ts";

const sleepers = 6;

/** No two timers are due in the same millisecond: clocks may differ in what happens between the two. */
export const milliseconds = 60;

/** Writes down what comes to pass, and when. */
export class Log {
  readonly events: Array<string> = [];

  tell(event: string): Effect.Effect<void> {
    return Effect.map(Clock.currentTimeMillis, (now) => {
      this.events.push(`${now} ${event}`);
    });
  }
}

/** Sleepers that wake others, interrupt each other, and give up waiting. */
export function sleeping(seed: number, log: Log): Effect.Effect<void> {
  return Effect.gen(function* () {
    const random = lcg(seed);
    const whichOf = (n: number) => Math.floor(random() * n);
    const due = Array.from({ length: sleepers }, (): Array<number> => []);
    for (let ms = 1; ms <= milliseconds; ms++) due[whichOf(sleepers)]!.push(ms);

    const queue = yield* Queue.bounded<number>(2);
    const crew: Array<Fiber.Fiber<void>> = [];
    let door = Deferred.makeUnsafe<void>();

    const act = (name: string): Effect.Effect<unknown> => {
      switch (whichOf(5)) {
        case 0:
          return Effect.forkChild(
            Effect.flatMap(Queue.take(queue), (n) => log.tell(`${name} ${n}`)),
          );
        case 1:
          return Effect.forkChild(
            Effect.andThen(Queue.offer(queue, 1), log.tell(`${name} offered`)),
          );
        case 2:
          return Effect.andThen(Effect.yieldNow, log.tell(`${name} yielded`));
        case 3: {
          const whom = whichOf(8 * sleepers);
          return whom < sleepers
            ? Fiber.interrupt(crew[whom]!)
            : Effect.yieldNow;
        }
        default: {
          const opened = door;
          door = Deferred.makeUnsafe<void>();
          return Deferred.succeed(opened, undefined);
        }
      }
    };

    for (const [i, times] of due.entries()) {
      const body = Effect.gen(function* () {
        for (const at of times) {
          const sleep = Effect.sleep(at - (yield* Clock.currentTimeMillis));
          const first = whichOf(3) > 0
            ? yield* Effect.as(sleep, "slept")
            : yield* Effect.race(
              Effect.as(sleep, "gave up"),
              Effect.suspend(() => Effect.as(Deferred.await(door), "let in")),
            );
          yield* log.tell(`#${i} ${first}`);
          yield* act(`#${i}`);
        }
      }).pipe(Effect.onInterrupt(() => log.tell(`#${i} interrupted`)));
      crew.push(yield* Effect.forkChild(body));
    }
    yield* Fiber.awaitAll(crew);
  });
}
