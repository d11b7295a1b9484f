/**
 * Makes waiting cheaper: `deno run --preload jsr:@weir/weir/preload main.ts`.
 *
 * Each time a fiber suspends, Effect makes an `AsyncResource`, so that the stores of `AsyncLocalStorage` follow the fiber.
 * In Deno that is most of the price of suspending, and in Deno 2.9 each such resource holds the one before: some 400 bytes for
 * each suspension of a fiber, for as long as it lives. This module loads Effect without it, for the whole process.
 *
 * The price: after it has waited, a fiber may see the `AsyncLocalStorage` stores of whoever woke it, so do not use this with
 * libraries that keep a request or a trace there. Effect's own services, spans and log annotations follow the fiber as
 * before. Workers are not preloaded.
 *
 * It throws if it has no effect: if Effect was loaded before, or is of a version that captures in another way.
 *
 * @module
 */
import process from "node:process";

const key = "getBuiltinModule";
const original = process.getBuiltinModule;
const descriptor = Object.getOwnPropertyDescriptor(process, key);
let asked = false;

Object.defineProperty(process, key, {
  configurable: true,
  value: (id: string) => {
    if (id !== "node:async_hooks") return original(id);
    asked = true;
  },
});
try {
  await import("effect/Effect");
} finally {
  if (descriptor === undefined) Reflect.deleteProperty(process, key);
  else Object.defineProperty(process, key, descriptor);
}

if (!asked) {
  throw new Error(
    "@weir/weir/preload has no effect: Effect was loaded before it, or no longer asks process.getBuiltinModule for node:async_hooks",
  );
}
