/**
 * What timelines say.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";
import * as Semaphore from "effect/Semaphore";
import { match } from "node:assert/strict";

const messageOf = async (
  program: Effect.Effect<unknown, unknown>,
  options?: Simulation.CheckOptions,
): Promise<string> => {
  const found = await Effect.runPromise(
    Effect.flip(Simulation.check(program, options)),
  );
  return found.message;
};

Deno.test("a timeline says of the fiber that is stopped that it lets others go first", async () => {
  const program = Effect.gen(function* () {
    const [a, b] = [yield* Semaphore.make(1), yield* Semaphore.make(1)];
    const take = (first: Semaphore.Semaphore, then: Semaphore.Semaphore) =>
      first.withPermits(1)(then.withPermits(1)(Effect.void));
    yield* Effect.all([take(a, b), take(b, a)], { concurrency: 2 });
  });
  const message = await messageOf(program);
  match(message, /preempt=1:\d+/);
  match(message, /#1 +lets others go first\n► +#0 +forks #2/);
});

Deno.test("a timeline says again who and when after what it leaves out", async () => {
  const program = Effect.gen(function* () {
    for (let i = 0; i < 500; i++) yield* Effect.sleep(1);
    yield* Effect.fail("late");
  });
  match(await messageOf(program), /… 441 more …\n +471 ms +#0 +sleeps 1 ms/);
});
