/**
 * What the waits and steps of Effect are called.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Latch from "effect/Latch";
import * as Queue from "effect/Queue";
import * as Ref from "effect/Ref";
import * as Semaphore from "effect/Semaphore";
import { hush, teach } from "./labels.ts";
import { LiveOrder } from "./order.ts";
import type { Bounds, Plan } from "./plan.ts";
import { thunkOf, tracing } from "./tracing.ts";
import { World } from "./world.ts";

const plan: Plan = {
  seed: 1,
  steering: { by: "live" },
  timerJitter: 0,
  stepCost: 0,
  faults: undefined,
};
const bounds: Bounds = { maxTime: 0, maxSteps: 1000, leaksFail: false };

type Programs = Readonly<Record<string, Effect.Effect<unknown, unknown>>>;

const forever = { then() {} } as Promise<never>;

/** Programs that wait for ever, each in what it is called. */
const waits: Programs = {
  "Effect.sleep": Effect.sleep(1),
  "Effect.never": Effect.never,
  "Effect.promise": Effect.promise(() => forever),
  "Effect.tryPromise": Effect.tryPromise(() => forever),
  "Deferred.await": Effect.flatMap(Deferred.make<void>(), Deferred.await),
  "Latch.await": Effect.flatMap(Latch.make(), (latch) => latch.await),
  "Semaphore.take": Effect.flatMap(
    Semaphore.make(0),
    (semaphore) => semaphore.take(1),
  ),
  "Queue.take": Effect.flatMap(Queue.unbounded<void>(), Queue.take),
  "Queue.offer": Effect.flatMap(
    Queue.bounded<number>(1),
    (queue) => Effect.forever(Queue.offer(queue, 1)),
  ),
  "Fiber.await": Effect.flatMap(Effect.forkChild(Effect.never), Fiber.await),
  "Fiber.join": Effect.flatMap(Effect.forkChild(Effect.never), Fiber.join),
  "Effect.all": Effect.all([Effect.never, Effect.never], {
    concurrency: "unbounded",
  }),
  "Effect.race": Effect.race(Effect.never, Effect.never),
  "Effect.raceFirst": Effect.raceFirst(Effect.never, Effect.never),
};

const ref = Ref.makeUnsafe(0);
const deferred = Deferred.makeUnsafe<void>();

/** Programs whose last step is what it is called. */
const steps: Programs = {
  "Clock.currentTimeMillis": Clock.currentTimeMillis,
  "Clock.monotonicTimeNanos": Clock.monotonicTimeNanos,
  "Ref.get": Ref.get(ref),
  "Ref.set": Ref.set(ref, 0),
  "Ref.update": Ref.update(ref, (n) => n),
  "Ref.updateAndGet": Ref.updateAndGet(ref, (n) => n),
  "Ref.getAndUpdate": Ref.getAndUpdate(ref, (n) => n),
  "Ref.getAndSet": Ref.getAndSet(ref, 0),
  "Ref.modify": Ref.modify(ref, (n) => [n, n]),
  "Deferred.succeed": Deferred.succeed(deferred, undefined),
};

/** Programs with steps that are nothing to people. */
const silent: Programs = {
  fn: Effect.fn("silent")(function* () {})(),
  ref: Ref.make(0),
  deferred: Deferred.make<void>(),
  all: Effect.all([Effect.void, Effect.void], { concurrency: "unbounded" }),
  scoped: Effect.scoped(Effect.acquireRelease(Effect.void, () => Effect.void)),
  timeout: Effect.timeout(Effect.never, 0),
  timer: Effect.race(Effect.sleep(1), Effect.yieldNow),
};

let taught = false;

/** Sees what each of them does, once for all. Only within `withGlobals`. */
export function teachLandmarks(): void {
  if (taught) return;
  taught = true;
  for (const program of Object.values(silent)) observe(program, hush);
  for (const [label, program] of Object.entries(steps)) {
    observe(program, (thunk) => teach(thunk, label));
  }
  for (const [label, program] of Object.entries(waits)) {
    const register = observe(program, () => {}).root?.waitsIn;
    if (register !== undefined) teach(register, label);
  }
}

function observe(
  program: Effect.Effect<unknown, unknown>,
  does: (thunk: (...args: Array<never>) => unknown) => void,
): World<unknown, unknown> {
  const context = tracing((_fiber, primitive) => {
    const thunk = thunkOf(primitive);
    if (thunk !== undefined) does(thunk);
  });
  const world = new World(plan, bounds, new LiveOrder(), { context });
  world.run(program);
  return world;
}
