/**
 * Prints whose `AsyncLocalStorage` store a fiber sees that the owner of another one woke, and whether the process still finds
 * `node:async_hooks`.
 *
 * @module
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import { AsyncLocalStorage } from "node:async_hooks";
import process from "node:process";

const storage = new AsyncLocalStorage<string>();
const door = Deferred.makeUnsafe<void>();
const seen = storage.run(
  "sleeper's",
  () =>
    Effect.runPromise(
      Effect.andThen(
        Deferred.await(door),
        Effect.sync(() => storage.getStore()),
      ),
    ),
);
storage.run("waker's", () => Effect.runSync(Deferred.succeed(door, undefined)));

const hooks = process.getBuiltinModule("node:async_hooks");
const untouched = hooks?.AsyncLocalStorage === AsyncLocalStorage;
// deno-lint-ignore no-console -- what it prints is what the test reads
console.log(`${await seen}, ${untouched ? "untouched" : "hidden"}`);
