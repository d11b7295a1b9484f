/**
 * What timelines say.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";
import * as Semaphore from "effect/Semaphore";
import { match, ok } from "node:assert/strict";

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

Deno.test("a timeline shows what is logged, and keeps the failure whatever that is", async () => {
  const program = Effect.andThen(
    Effect.log("job", { id: 1 }, [2], Object.create(null), Symbol("s")),
    Effect.fail("as it was"),
  );
  match(
    await messageOf(program),
    /^the program fails: "as it was"\n[^]*logs Info: job { id: 1 } \[2\] { } Symbol\(s\);/,
  );
});

const throwing = (): never => {
  throw new Error("looked at");
};
for (
  const [what, error, shown] of [
    ["a getter", {
      id: 1,
      get other() {
        return throwing();
      },
    }, "[unshowable]"],
    ["its tag", {
      get _tag() {
        return throwing();
      },
    }, "[unshowable]"],
    [
      "its text",
      Object.assign(new Error(), { toString: throwing }),
      "[unshowable]",
    ],
  ] as const
) {
  Deno.test(`a timeline tells of a failure that throws when it is looked at: ${what}`, async () => {
    const message = await messageOf(Effect.fail(error));
    ok(message.startsWith(`the program fails: ${shown}\n`), message);
  });
}
