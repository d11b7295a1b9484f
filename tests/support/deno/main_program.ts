/**
 * A main program that ends in the way that its argument says.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { DenoRuntime } from "@weir/weir/deno";
import * as Effect from "effect/Effect";

const waits = Effect.sync(() => console.log("ready")).pipe(
  Effect.andThen(Effect.never),
);
const closes = Effect.sync(() => console.log("closed"));

const programs: Readonly<Record<string, Effect.Effect<unknown, string>>> = {
  waits: Effect.ensuring(waits, Effect.delay(closes, "50 millis")),
  hangs: Effect.ensuring(waits, Effect.never),
  breaks: Effect.ensuring(waits, Effect.die("broken in the end")),
  fails: Effect.fail("no luck"),
  interrupts: Effect.interrupt,
  succeeds: Effect.sync(() => setTimeout(() => console.log("later"), 50)),
};

DenoRuntime.runMain(programs[Deno.args[0] ?? ""] ?? Effect.die("unknown"));
