/**
 * Streams cut into spans of time, and what must hold whatever happens.
 *
 * @module
 */
import { Batch } from "@weir/weir";
import * as DateTime from "effect/DateTime";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Stream from "effect/Stream";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Dice, monotonic, pause } from "../support/dice.ts";

/** Cuts a stream that is drawn by chance, which may be read slowly, left early or interrupted. */
export const panes = (stops: boolean): Effect.Effect<void> =>
  Effect.gen(function* () {
    const dice = yield* Dice.make;
    const size = dice.whole(1, 8);
    const every = dice.whole(1, 8);
    const capacity = dice.pick(1, 3, 100);
    const chunks = dice.list(dice.whole(0, 8), () => ({
      after: dice.pause(7),
      count: dice.whole(1, 3),
    }));
    const fails = dice.happens(0.2);
    // Who is always slower than a window is never done.
    const slowness = dice.list(5, () => dice.pause(9));
    const most = stops && dice.happens(0.5) ? dice.whole(1, 4) : Infinity;
    const patience = stops ? dice.pause(40) : Infinity;

    const windows: Array<Batch.Window<{ at: number; item: number }>> = [];
    const arrivals: Array<{ readonly at: number; readonly item: number }> = [];
    let endedAt = Infinity;
    let opened = 0;
    let closed = 0;
    const open = Effect.acquireRelease(
      Effect.sync(() => opened++),
      () => Effect.sync(() => closed++),
    );
    const ends = Stream.fromEffectDrain(Effect.flatMap(monotonic, (at) => {
      endedAt = at;
      return fails ? Effect.fail("broken") : Effect.void;
    }));
    const items = Stream.fromIterable(chunks).pipe(
      Stream.rechunk(1),
      Stream.mapEffect(({ after, count }) =>
        Effect.andThen(
          pause(after),
          Effect.map(monotonic, (at) => {
            // It was pulled when all spans that had ended were read, but for one that is on its way.
            const last = arrivals.at(-1)?.at ?? 0;
            ok(windows.length + 1 >= Math.floor((last - size) / every) + 1);
            const arrived = Array.from(
              { length: count },
              (_, n) => ({ at, item: arrivals.length + n }),
            );
            arrivals.push(...arrived);
            return arrived;
          }),
        )
      ),
      Stream.flatMap(Stream.fromIterable),
      Stream.concat(ends),
    );
    const read = Stream.unwrap(Effect.as(open, items)).pipe(
      Batch.window({ size, every, capacity }),
      Stream.take(most),
      Stream.runForEach((window) => {
        windows.push(window);
        return pause(slowness[windows.length] ?? 0);
      }),
    );
    const fiber = yield* Effect.forkChild(read);
    if (patience < Infinity) {
      yield* pause(patience);
      yield* Fiber.interrupt(fiber);
    }
    const exit = yield* Fiber.await(fiber);

    strictEqual(closed, opened, "the stream was left open");
    ok(
      Exit.isSuccess(exit)
        ? !fails || windows.length === most
        : stops && Exit.hasInterrupts(exit) || fails,
    );
    for (const [n, window] of windows.entries()) {
      const start = DateTime.toEpochMillis(window.start);
      const end = DateTime.toEpochMillis(window.end);
      deepStrictEqual([start, end], [n * every, n * every + size]);
      const fallen = arrivals.filter(({ at }) => start <= at && at < end);
      strictEqual(window.items.length + window.dropped, fallen.length);
      ok(window.items.every((item) => fallen.includes(item)));
      if (capacity === 100) deepStrictEqual(window.items, fallen);
    }
    if (stops) return;
    // All that had ended when the stream did, and one more if something was in it.
    const whole = Math.max(0, Math.floor((endedAt - size) / every) + 1);
    const rest = arrivals.filter(({ at }) => {
      const start = whole * every;
      return start <= at && at < start + size;
    });
    strictEqual(windows.length, whole + (rest.length > 0 ? 1 : 0));
  });
