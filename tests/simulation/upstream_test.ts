/**
 * What effect 4.1.0 does against its word or against expectation, found by a check, and seen in its own runtime.
 *
 * Each program here may make some more operations first: that moves the 2,048th, before which the live scheduler lets others
 * go first, to any place.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Option from "effect/Option";
import * as PartitionedSemaphore from "effect/PartitionedSemaphore";
import * as Pool from "effect/Pool";
import * as PubSub from "effect/PubSub";
import * as Semaphore from "effect/Semaphore";
import * as Stream from "effect/Stream";
import * as TxSemaphore from "effect/TxSemaphore";
import {
  AssertionError,
  deepStrictEqual,
  fail,
  ok,
  strictEqual,
} from "node:assert/strict";

/** Does nothing, in so many operations. */
const busy = (operations: number): Effect.Effect<void> =>
  Effect.replicateEffect(Effect.void, operations, { discard: true });

/** Lets an effect get somewhere, and interrupts it there. */
const interruptSoon = Effect.fnUntraced(function* <A, E>(
  effect: Effect.Effect<A, E>,
) {
  const fiber = yield* Effect.forkChild(effect);
  yield* Effect.yieldNow;
  yield* Fiber.interrupt(fiber);
});

/** A bug that shows when a fiber lets others go first in a certain place. */
interface Bug {
  readonly what: string;
  readonly program: (operations: number) => Effect.Effect<void, unknown>;
  /** How many deviations it takes at least, where that many are few enough to be tried. */
  readonly deviations?: number;
  /** Whether nothing comes of the program, instead of a failure. */
  readonly hangs?: boolean;
}

const bugs: ReadonlyArray<Bug> = [
  {
    what:
      "PartitionedSemaphore.withPermits() loses its permits if it is interrupted as it gets them",
    program: Effect.fnUntraced(function* (operations) {
      const semaphore = yield* PartitionedSemaphore.make({ permits: 1 });
      yield* interruptSoon(Effect.andThen(
        busy(operations),
        semaphore.withPermits("key", 1)(Effect.void),
      ));
      strictEqual(yield* semaphore.available, 1);
    }),
    deviations: 2,
  },
  {
    what:
      "TxSemaphore.withPermit() loses its permit if it is interrupted as it gets it",
    program: Effect.fnUntraced(function* (operations) {
      const semaphore = yield* TxSemaphore.make(1);
      yield* interruptSoon(Effect.andThen(
        busy(operations),
        TxSemaphore.withPermit(semaphore, Effect.void),
      ));
      strictEqual(yield* TxSemaphore.available(semaphore), 1);
    }),
    deviations: 2,
  },
  {
    what:
      "Semaphore.take() loses its permit if it is interrupted as it gets it, release or not",
    program: Effect.fnUntraced(function* (operations) {
      const semaphore = yield* Semaphore.make(1);
      const hold = Effect.uninterruptibleMask((restore) =>
        Effect.andThen(restore(semaphore.take(1)), semaphore.release(1))
      );
      yield* interruptSoon(Effect.andThen(busy(operations), hold));
      ok(yield* semaphore.takeIfAvailable(1));
    }),
    deviations: 2,
  },
  {
    what: "PubSub.take() loses its message if it is interrupted as it gets it",
    program: Effect.fnUntraced(function* (operations) {
      const pubSub = yield* PubSub.unbounded<string>();
      const subscription = yield* PubSub.subscribe(pubSub);
      yield* PubSub.publish(pubSub, "hello");
      let taken = 0;
      const take = Effect.uninterruptibleMask((restore) =>
        Effect.map(restore(PubSub.take(subscription)), () => taken++)
      );
      yield* interruptSoon(Effect.andThen(busy(operations), take));
      strictEqual(taken + (yield* PubSub.remaining(subscription)), 1);
    }, Effect.scoped),
    deviations: 2,
  },
  {
    what:
      "Pool.get() of a pool that grows waits for ever if it comes as another growth has just ended",
    program: Effect.fnUntraced(function* (operations) {
      const pool = yield* Pool.makeWithTTL({
        acquire: Effect.andThen(Effect.yieldNow, busy(operations)),
        ...{ min: 0, max: 2, timeToLive: "1 hour" },
      });
      yield* Effect.scoped(Effect.replicateEffect(Pool.get(pool), 2));
    }, Effect.scoped),
    deviations: 1,
    hangs: true,
  },
  {
    what:
      "Stream.flatMap() with concurrency waits for ever if a stream within ends before it was noted",
    program: (operations) =>
      Stream.succeed(1).pipe(
        Stream.tap(() => busy(operations)),
        Stream.flatMap(() => Stream.empty, { concurrency: 2 }),
        Stream.runDrain,
      ),
    deviations: 1,
    hangs: true,
  },
  {
    what:
      "Stream.flatMap() with concurrency loses an element if a stream within begins as the last one ends",
    program: Effect.fnUntraced(function* (operations) {
      const elements = yield* Stream.fromArray([1, 2, 3, 4]).pipe(
        Stream.rechunk(1),
        Stream.flatMap(
          (n) =>
            Stream.concat(
              Stream.succeed(n),
              Stream.fromEffectDrain(busy(operations)),
            ),
          { concurrency: 2 },
        ),
        Stream.runCollect,
        Effect.timeoutOption("1 hour"),
      );
      // It may also wait for ever, as above.
      if (Option.isNone(elements)) return;
      deepStrictEqual(elements.value.toSorted(), [1, 2, 3, 4]);
    }),
  },
];

const find = <A, E>(
  program: Effect.Effect<A, E>,
  options?: Simulation.CheckOptions,
): Promise<Simulation.Counterexample<A, E>> =>
  Effect.runPromise(Effect.flip(Simulation.check(program, options)));

for (const { deviations, hangs = false, program, what } of bugs) {
  Deno.test(`effect 4.1.0: ${what}`, async () => {
    const found = await find(program(0), { leaks: "allow" });
    deepStrictEqual(
      [found.strategy, found.run.sickness !== undefined],
      ["preemptive", hangs],
    );
    if (deviations !== undefined) strictEqual(found.deviations, deviations);
  });

  Deno.test(`effect 4.1.0, in its own runtime: ${what}`, async () => {
    const operations = await findOperations(program);
    const bad = await runForAWhile(program(operations));
    strictEqual(bad === undefined, hangs);
    ok(bad === undefined || Exit.isFailure(bad));
    const good = await runForAWhile(program(operations + 100));
    ok(good !== undefined && Exit.isSuccess(good));
  });
}

/** After how many operations the live order shows a bug. */
async function findOperations(program: Bug["program"]): Promise<number> {
  for (let operations = 1920; operations <= 2048; operations++) {
    const { exit, sickness } = await Effect.runPromise(
      Simulation.run(program(operations), { leaks: "allow" }),
    );
    if (sickness !== undefined || Exit.isFailure(exit)) return operations;
  }
  return fail("the live order does not show it");
}

/** Runs a program in Effect's own runtime, and gives its exit if it has one after some turns of the event loop. */
async function runForAWhile<A, E>(
  program: Effect.Effect<A, E>,
): Promise<Exit.Exit<A, E> | undefined> {
  const fiber = Effect.runFork(program);
  for (let turn = 0; turn < 100 && !fiber.pollUnsafe(); turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const exit = fiber.pollUnsafe();
  await Effect.runPromise(Fiber.interrupt(fiber));
  return exit;
}

Deno.test("effect 4.1.0: Semaphore.take() of two permits is overtaken by a later one of one", async () => {
  const program = Effect.gen(function* () {
    const semaphore = yield* Semaphore.make(2);
    const order: Array<string> = [];
    const client = (name: string, arrival: number, permits: number) =>
      semaphore.withPermits(permits)(Effect.suspend(() => {
        order.push(name);
        return Effect.sleep(10);
      })).pipe(Effect.delay(arrival));
    yield* Effect.all([
      client("first", 1, 1),
      client("second", 2, 2),
      client("third", 3, 1),
    ], { concurrency: "unbounded" });
    deepStrictEqual(order, ["first", "second", "third"]);
  });
  const { cause, deviations, strategy } = await find(program);
  deepStrictEqual([strategy, deviations], ["live", 0]);
  ok(cause instanceof AssertionError);
  deepStrictEqual(cause.actual, ["first", "third", "second"]);
});

Deno.test("effect 4.1.0: Semaphore.take() of two permits waits for ever where others come and go one by one", async () => {
  const program = Effect.gen(function* () {
    const semaphore = yield* Semaphore.make(2);
    let isDone = false;
    const small = Effect.whileLoop({
      while: () => !isDone,
      body: () => semaphore.withPermits(1)(Effect.sleep(10)),
      step: () => {},
    });
    const large = semaphore.withPermits(2)(Effect.sync(() => {
      isDone = true;
    }));
    yield* Effect.all([
      small,
      Effect.delay(small, 5),
      Effect.delay(Effect.fn("large")(() => large)(), 7),
    ], { concurrency: "unbounded" });
  });
  const { run: { sickness }, strategy } = await find(program, {
    maxTime: "1 minute",
  });
  strictEqual(strategy, "live");
  ok(sickness?._tag === "TimeLimit");
  deepStrictEqual(
    sickness.fibers.filter(({ name }) => name === "large")
      .map(({ since, waitsIn }) => [waitsIn, Duration.toMillis(since)]),
    [["Semaphore.take", 7]],
  );
});

Deno.test("effect 4.1.0: Stream.mapEffect() with concurrency ends before what it runs, if that takes time to end", async () => {
  const program = Effect.gen(function* () {
    let running = 0;
    const work = Effect.acquireUseRelease(
      Effect.sync(() => running++),
      () => Effect.void,
      () => Effect.andThen(Effect.yieldNow, Effect.sync(() => running--)),
    );
    yield* Stream.fromArray([1, 2, 3, 4, 5]).pipe(
      Stream.mapEffect(() => work, { concurrency: 2 }),
      Stream.take(1),
      Stream.runDrain,
    );
    strictEqual(running, 0);
  });
  const { cause, deviations, strategy } = await find(program);
  deepStrictEqual([strategy, deviations], ["live", 0]);
  ok(cause instanceof AssertionError);
});
