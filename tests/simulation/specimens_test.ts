/**
 * That a check finds classic mistakes, and shows them as small as they are.
 *
 * @module
 */
import { Simulation } from "@weir/weir/simulation";
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import * as checkThenAct from "./specimens/check_then_act.ts";
import * as mailbox from "./specimens/mailbox.ts";
import { mended, specimens } from "./specimens/mod.ts";
import * as tokenBucket from "./specimens/token_bucket.ts";

const find = <A, E>(
  program: Effect.Effect<A, E>,
  options?: Simulation.CheckOptions,
): Promise<Simulation.Counterexample<A, E>> =>
  Effect.runPromise(Effect.flip(Simulation.check(program, options)));

const withoutStack = ({ exit, ...rest }: Simulation.Run<void, unknown>) => {
  ok(Exit.isFailure(exit));
  return { ...rest, failure: String(Cause.squash(exit.cause)) };
};

for (const { deviations, end, mistake, program, strategy } of specimens) {
  Deno.test(`check() finds ${mistake}, as ${strategy}, with ${deviations} deviations`, async () => {
    const found = await find(program);
    strictEqual(found.message.slice(0, found.message.indexOf("\n\n")), end);
    deepStrictEqual([found.strategy, found.deviations], [strategy, deviations]);
    const again = await Effect.runPromise(
      Simulation.replay(program, found.run.trace),
    );
    deepStrictEqual(withoutStack(again), withoutStack(found.run));
  });

  if (strategy === "live") continue;
  const weaker = strategy === "random" ? ["live"] : ["live", "random"];
  Deno.test(`check() needs more than ${weaker.join(" and ")} orders to find ${mistake}`, async () => {
    const { runs } = await Effect.runPromise(
      Simulation.check(program, {
        strategies: weaker as Array<"live" | "random">,
        runs: 200,
      }),
    );
    strictEqual(runs, 200);
  });
}

for (const [name, program] of Object.entries(mended)) {
  Deno.test(`check() finds nothing wrong with ${name}`, async () => {
    const { distinct } = await Effect.runPromise(
      Simulation.check(program, { runs: 300 }),
    );
    ok(distinct > 50, `only ${distinct} runs differ`);
  });
}

Deno.test("check() finds the token bucket under calls by chance, half as many as there are tokens", async () => {
  const { run, runs, strategy } = await find(
    tokenBucket.trickle(tokenBucket.classic),
    { strategies: ["live"] },
  );
  ok(run.exit._tag === "Failure");
  strictEqual(strategy, "live");
  ok(runs < 50, `${runs}`);
});

Deno.test("check() draws how a seat is sold twice", async () => {
  const found = await find(checkThenAct.program(checkThenAct.slow));
  strictEqual(
    found.timeline,
    `the program dies: AssertionError [ERR_ASSERTION]: sold 2 times

another order of ready fibers than Effect's own shows it; found after ${found.runs} runs

  0 ms  #0      forks #1; forks #2; forks #3; waits in Fiber.join
        #1 buy  Ref.get; yields
►       #2 buy  yields ×3; Ref.get; yields; Ref.update; ends with true
        #3 buy  yields ×6; Ref.get; ends with false
        #1 buy  Ref.update; ends with true
        #0      dies: AssertionError [ERR_ASSERTION]: sold 2 times

To see it again:
    Simulation.replay(program, "${found.run.trace}")`,
  );
});

Deno.test("check() draws how a letter wakes nobody", async () => {
  const found = await find(mailbox.program(mailbox.hasty));
  strictEqual(
    found.timeline,
    `a deadlock: nothing is ready, no timer is set
    #0 waits in Fiber.join, since 0 ms
    #1 receive waits in nextLetter, since 0 ms

another order of ready fibers than Effect's own shows it; found after ${found.runs} runs

  0 ms  #0          forks #1; forks #2; waits in Fiber.join
        #1 receive  yields
►       #2 write    yields ×4; ends
        #0          waits in Fiber.join
        #1 receive  waits in nextLetter

To see it again:
    Simulation.replay(program, "${found.run.trace}")`,
  );
});

Deno.test("check() draws how a token bucket lets two go with one token each too few", async () => {
  const found = await find(tokenBucket.rush(tokenBucket.classic));
  strictEqual(
    found.timeline,
    `the program dies: AssertionError [ERR_ASSERTION]: 4 calls in 100 ms

Effect's own scheduler goes this way; found after 1 run

  0 ms    #0       forks #1; forks #2; forks #3; forks #4; waits in Fiber.join
          #1 call  yields
          #2 call  yields
          #3 call  yields
          #4 call  yields
          #1 call  Clock.currentTimeMillis ×2; ends
          #0       waits in Fiber.join
          #2 call  Clock.currentTimeMillis ×2; ends
          #0       waits in Fiber.join
          #3 call  Clock.currentTimeMillis; sleeps 100 ms
          #4 call  Clock.currentTimeMillis; sleeps 100 ms
  100 ms  #3 call  Clock.currentTimeMillis ×2; ends
          #0       waits in Fiber.join
          #4 call  Clock.currentTimeMillis ×2; ends
          #0       dies: AssertionError [ERR_ASSERTION]: 4 calls in 100 ms

To see it again:
    Simulation.replay(program, "live?seed=1")`,
  );
});
