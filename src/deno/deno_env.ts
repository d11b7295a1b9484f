/**
 * Environment variables, as far as they may be read.
 *
 * @module
 */
import * as ConfigProvider from "effect/ConfigProvider";
import * as Effect from "effect/Effect";
import type * as Layer from "effect/Layer";

/**
 * Gives `Config` the environment variables that the process may read. The others, and empty ones, are as if they were not set:
 * nobody is asked for a permission. `NO_COLOR` is known without one.
 *
 * @example
 * ```ts
 * import { DenoEnv } from "@weir/weir/deno";
 * import * as Config from "effect/Config";
 * import * as Effect from "effect/Effect";
 * import { strictEqual } from "node:assert/strict";
 *
 * const url = Config.String("NOT_TO_BE_READ_HERE").pipe(
 *   Config.withDefault("http://localhost:8000"),
 * );
 * strictEqual(
 *   await Effect.runPromise(Effect.provide(url, DenoEnv.layer)),
 *   "http://localhost:8000",
 * );
 * ```
 */
export const layer: Layer.Layer<never> = ConfigProvider.layer(
  ConfigProvider.make((path) =>
    Effect.sync(() => {
      const value = read(path.join("_"));
      return value ? ConfigProvider.makeValue(value) : undefined;
    })
  ),
);

function read(variable: string): string | undefined {
  if (variable === "NO_COLOR") return Deno.noColor ? "1" : undefined;
  if (variable === "") return undefined;
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) : undefined;
}
