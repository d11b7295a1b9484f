/**
 * What a crawl has yet to visit, and what it has seen.
 *
 * ```ts
 * import { Frontier } from "@weir/weir/scraper";
 *
 * const Way = Frontier.layerMemory({ capacity: 100_000 });
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { refuse, whole } from "../internal/check.ts";
import { memoryFrontier } from "./frontier_memory.ts";
import { Frontier, type Options } from "./frontier_service.ts";

export * from "./frontier_service.ts";
export * from "./frontier_sql.ts";

/** The most that a JavaScript `Set` holds. */
const most = 2 ** 24;

/**
 * Keeps the way in this process. It ends with it. A URL that waits takes about 120 bytes besides its text, one that was visited
 * about 35. Throws a `RangeError` that names a bad option; `capacity` is at most 16,777,216 here.
 *
 * @example Hosts take turns
 * ```ts
 * import { Frontier } from "@weir/weir/scraper";
 * import * as Effect from "effect/Effect";
 * import * as Option from "effect/Option";
 * import { deepStrictEqual, strictEqual } from "node:assert/strict";
 *
 * const entry = (url: string): Frontier.Entry => ({
 *   url,
 *   host: new URL(url).host,
 *   depth: 0,
 *   referrer: undefined,
 * });
 *
 * const program = Effect.gen(function* () {
 *   const way = yield* Frontier.Frontier;
 *   const urls = ["http://a.test/1", "http://a.test/2", "http://b.test/1"];
 *   strictEqual(yield* way.add(urls.map(entry)), 3);
 *   strictEqual(yield* way.add([entry("http://a.test/1")]), 0);
 *
 *   const given: Array<string> = [];
 *   for (let n = 0; n < 3; n++) {
 *     const next = yield* way.next(new Set());
 *     if (Option.isSome(next)) given.push(next.value.url);
 *   }
 *   deepStrictEqual(given, ["http://a.test/1", "http://b.test/1", "http://a.test/2"]);
 *   deepStrictEqual(yield* way.size, { pending: 0, seen: 3 });
 * });
 * await Effect.runPromise(Effect.provide(program, Frontier.layerMemory()));
 * ```
 */
export const layerMemory = (options: Options = {}): Layer.Layer<Frontier> => {
  const capacity = whole("capacity", options.capacity ?? 1_000_000, 1);
  if (capacity > most) refuse("capacity", `at most ${most}`, capacity);
  return Layer.effect(
    Frontier,
    Effect.sync(() => memoryFrontier(capacity)),
  );
};
