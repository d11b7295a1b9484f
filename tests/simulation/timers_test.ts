/**
 * The heap of timers, against a sorted list.
 *
 * @module
 */
import fc from "fast-check";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { type Timer, Timers } from "../../src/simulation/timers.ts";

type Command =
  | { readonly push: number }
  | { readonly cancel: number }
  | { readonly pop: true };

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ push: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ cancel: fc.nat(1000) }) },
  { weight: 2, arbitrary: fc.constant({ pop: true as const }) },
);

Deno.test("Timers give the earliest, of equals the first set, and none that is cancelled", () => {
  fc.assert(
    fc.property(
      fc.array(command, { maxLength: 600, size: "max" }),
      (commands) => {
        const timers = new Timers<Timer>();
        let expected: Array<Timer> = [];
        let number = 0;
        for (const command of commands) {
          if ("push" in command) {
            const timer = {
              at: command.push,
              number: number++,
              cancelled: false,
            };
            timers.push(timer);
            expected.push(timer);
            expected.sort((a, b) => a.at - b.at || a.number - b.number);
          } else if ("cancel" in command) {
            const timer = expected[command.cancel % expected.length];
            if (timer === undefined) continue;
            timers.cancel(timer);
            expected = expected.filter((other) => other !== timer);
          } else {
            strictEqual(timers.pop(), expected.shift());
          }
          strictEqual(timers.peek(), expected[0]);
        }
        const rest: Array<Timer> = [];
        for (let t = timers.pop(); t !== undefined; t = timers.pop()) {
          rest
            .push(t);
        }
        deepStrictEqual(rest, expected);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("Timers hold no more cancelled timers than others, beyond a few", () => {
  const timers = new Timers<Timer>();
  const one = { at: 1e9, number: 0, cancelled: false };
  timers.push(one);
  for (let number = 1; number < 10_000; number++) {
    const timer = { at: number, number, cancelled: false };
    timers.push(timer);
    timers.cancel(timer);
  }
  let size = 0;
  const held = Reflect.get(timers, "timers");
  if (Array.isArray(held)) size = held.length;
  strictEqual(size > 0 && size < 140, true, `${size} are held`);
  strictEqual(timers.pop(), one);
});
