/**
 * Lines that change while one looks at them.
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Schedule from "effect/Schedule";
import type * as Scope from "effect/Scope";

/**
 * Prints the lines in place, ten times a second, until the effect that comes back prints them for the last time. Outside a
 * terminal only that last time.
 */
export const liveLines = (
  lines: () => readonly string[],
): Effect.Effect<Effect.Effect<void>, never, Scope.Scope> => {
  if (!Deno.stdout.isTerminal()) {
    return Effect.succeed(Effect.suspend(() => Console.log(text(lines()))));
  }
  let up = "";
  const draw = Effect.suspend(() => {
    const drawn = lines();
    const over = up + text(drawn.map((line) => `${line}\x1b[K`));
    up = `\x1b[${drawn.length}A`;
    return Console.log(over);
  });
  return Effect.map(
    Effect.forkScoped(Effect.repeat(draw, Schedule.spaced("100 millis"))),
    (drawing) => Effect.andThen(Fiber.interrupt(drawing), draw),
  );
};

const text = (lines: readonly string[]) => lines.join("\n");
