/**
 * That time passes in a simulation as Effect's own clocks have it.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, ok } from "node:assert/strict";
import { Log, milliseconds, sleeping } from "../support/sleepers.ts";

const programs = 100;

/** Runs a program under Effect's clock for tests, a millisecond at a time. */
const stepByStep = (program: Effect.Effect<void>): Promise<void> =>
  Effect.gen(function* () {
    yield* TestClock.adjust(0);
    const fiber = yield* Effect.forkChild(program);
    yield* Effect.replicateEffect(Effect.yieldNow, 50, { discard: true });
    yield* Effect.replicateEffect(TestClock.adjust(1), milliseconds, {
      discard: true,
    });
    yield* Fiber.join(fiber);
  }).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);

Deno.test("run() wakes sleepers in the order of Effect's clock for tests, and what they set off", async () => {
  const counts = { "gave up": 0, "let in": 0, slept: 0, interrupted: 0 };
  for (let seed = 1; seed <= programs; seed++) {
    const [theirs, ours] = [new Log(), new Log()];
    await stepByStep(sleeping(seed, theirs));
    const { sickness } = run(sleeping(seed, ours));
    deepStrictEqual({ seed, sickness, events: ours.events }, {
      seed,
      sickness: undefined,
      events: theirs.events,
    });
    for (const kind of Object.keys(counts) as Array<keyof typeof counts>) {
      counts[kind] += theirs.events.filter((e) => e.endsWith(kind)).length;
    }
  }
  for (const [kind, count] of Object.entries(counts)) {
    ok(count >= programs, `only ${count} times: ${kind}`);
  }
});

Deno.test("run() lets a sleep of no time or less take a turn and no time, as it does live", async () => {
  const waits = [
    ...[0, -1, -Infinity, "0 millis"] as const,
    ...[Duration.zero, Duration.negativeInfinity],
  ].map((input) => Effect.sleep(input));
  const program = Effect.fnUntraced(function* (log: Array<number>) {
    const one = (i: number) =>
      Effect.forEach(
        i % 2 === 0 ? waits : waits.map(() => Effect.yieldNow),
        (wait) => Effect.andThen(wait, Effect.sync(() => log.push(i))),
        { discard: true },
      );
    yield* Effect.forEach([0, 1, 2, 3], one, { concurrency: "unbounded" });
  });
  const live: Array<number> = [];
  await Effect.runPromise(program(live));
  const simulated: Array<number> = [];
  const { sickness, time } = run(program(simulated));
  deepStrictEqual(
    { sickness, time: Duration.toMillis(time), simulated },
    { sickness: undefined, time: 0, simulated: live },
  );
  deepStrictEqual(live.length, 4 * waits.length);
});

Deno.test("run() never wakes whoever sleeps forever, and anyone else however late", async () => {
  const forever = await Effect.runPromise(
    Simulation.run(Effect.sleep(Duration.infinity), {
      maxTime: Duration.infinity,
    }),
  );
  deepStrictEqual(forever.sickness?._tag, "Deadlock");
  deepStrictEqual(Duration.toMillis(forever.time), 0);

  const late = run(
    Effect.race(Effect.sleep(Infinity), Effect.sleep("100 days")),
    { maxTime: Duration.infinity },
  );
  deepStrictEqual(late.sickness, undefined);
  deepStrictEqual(late.exit, Exit.void);
  deepStrictEqual(Duration.toDays(late.time), 100);
});

function run(program: Effect.Effect<void>, limits?: Simulation.Limits) {
  return Effect.runSync(Simulation.run(program, limits));
}
