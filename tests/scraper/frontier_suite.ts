/**
 * What every {@linkcode Frontier} must do.
 *
 * @module
 */
import { Frontier } from "@weir/weir/scraper";
import { testEffect } from "@weir/weir/testing";
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import type * as Layer from "effect/Layer";
import * as Option from "effect/Option";
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";

type Way = Frontier.Service;

/** A page of a host: `page("a/1")` is of host `a`. */
export const page = (
  path: string,
  options: Partial<Frontier.Entry> = {},
): Frontier.Entry => ({
  url: `https://${path}`,
  host: path.split("/")[0]!,
  depth: 0,
  referrer: undefined,
  ...options,
});

export const pages = (
  ...paths: ReadonlyArray<string>
): ReadonlyArray<Frontier.Entry> => paths.map((path) => page(path));

/** Takes the next URL, without its scheme; `"none"` if there is none. */
export const take = (
  way: Way,
  ...busy: ReadonlyArray<string>
): Effect.Effect<string, Frontier.FrontierError> =>
  Effect.map(
    way.next(new Set(busy)),
    Option.match({
      onNone: () => "none",
      onSome: ({ url }) => url.replace("https://", ""),
    }),
  );

/** Takes so many. */
export const takeAll = (
  way: Way,
  count: number,
): Effect.Effect<ReadonlyArray<string>, Frontier.FrontierError> =>
  Effect.forEach(Array(count), () => take(way));

/** Registers the tests of one frontier. Each builds its layer anew, and finds it empty. */
export function frontierSuite<E>(
  name: string,
  layerOf: (
    options?: Frontier.Options,
  ) => Layer.Layer<Frontier.Frontier, E>,
): void {
  const test = (
    claim: string,
    body: (way: Way) => Effect.Effect<void, unknown>,
    options?: Frontier.Options,
  ) =>
    testEffect(
      `${name}: ${claim}`,
      Effect.flatMap(Frontier.Frontier, body).pipe(
        Effect.provide(layerOf(options)),
      ),
    );

  Deno.test(`${name} refuses a capacity that is none`, () => {
    for (const capacity of [0, 1.5, NaN, Infinity]) {
      throws(() => layerOf({ capacity }), {
        name: "RangeError",
        message: /"capacity" must be a whole number, at least 1/,
      });
    }
  });

  test(
    "an empty frontier gives nothing",
    Effect.fnUntraced(function* (way) {
      strictEqual(yield* take(way), "none");
      deepStrictEqual(yield* way.size, { pending: 0, seen: 0 });
      strictEqual(yield* way.add([]), 0);
    }),
  );

  test(
    "add() adds each URL once, and next() gives it once, as it was added first",
    Effect.fnUntraced(function* (way) {
      const first = page("a/1", {
        depth: 3,
        priority: -1.25,
        redirects: 1,
        referrer: "https://a/0",
      });
      strictEqual(yield* way.add([first, page("a/1")]), 1);
      strictEqual(yield* way.add([page("a/1", { priority: 9 })]), 0);
      deepStrictEqual(yield* way.size, { pending: 1, seen: 1 });
      deepStrictEqual(yield* way.next(new Set()), Option.some(first));
      strictEqual(yield* way.add(pages("a/1")), 0);
      yield* way.done(first.url);
      strictEqual(yield* way.add(pages("a/1")), 0);
      strictEqual(yield* take(way), "none");
      deepStrictEqual(yield* way.size, { pending: 0, seen: 1 });
    }),
  );

  test(
    "next() gives an entry without a priority or a referrer as one of 0 and none",
    Effect.fnUntraced(function* (way) {
      const { referrer: _, ...bare } = page("a/1");
      yield* way.add([{ ...bare, referrer: undefined }]);
      deepStrictEqual(
        yield* way.next(new Set()),
        Option.some(page("a/1", { priority: 0, redirects: 0 })),
      );
    }),
  );

  test(
    "hosts take turns, however much one of them has, and who comes stands behind all",
    Effect.fnUntraced(function* (way) {
      yield* way.add(pages("a/1", "a/2", "a/3", "a/4", "b/1", "c/1", "c/2"));
      deepStrictEqual(yield* takeAll(way, 2), ["a/1", "b/1"]);
      yield* way.add(pages("d/1", "b/2"));
      deepStrictEqual(
        yield* takeAll(way, 8),
        ["c/1", "a/2", "d/1", "b/2", "c/2", "a/3", "a/4", "none"],
      );
      yield* way.add(pages("z/1", "a/5"));
      deepStrictEqual(yield* takeAll(way, 3), ["z/1", "a/5", "none"]);
    }),
  );

  test(
    "a host of which more comes while it waits keeps its place",
    Effect.fnUntraced(function* (way) {
      yield* way.add(pages("a/1", "b/1"));
      yield* way.add(pages("a/2"));
      deepStrictEqual(yield* takeAll(way, 3), ["a/1", "b/1", "a/2"]);
    }),
  );

  test(
    "next() passes busy hosts, and they keep their place",
    Effect.fnUntraced(function* (way) {
      yield* way.add(pages("a/1", "a/2", "b/1", "b/2", "c/1", "c/2"));
      strictEqual(yield* take(way, "a", "b"), "c/1");
      strictEqual(yield* take(way, "a"), "b/1");
      strictEqual(yield* take(way, "a", "b", "c", "d"), "none");
      deepStrictEqual(yield* takeAll(way, 3), ["a/1", "c/2", "b/2"]);
      strictEqual(yield* take(way, "a"), "none");
      strictEqual(yield* take(way), "a/2");
    }),
  );

  test(
    "next() finds the one host of a thousand that is not busy",
    Effect.fnUntraced(function* (way) {
      const hosts = Array.from({ length: 1000 }, (_, n) => `h${n}`);
      yield* way.add(hosts.map((host) => page(`${host}/1`)));
      strictEqual(yield* take(way, ...hosts.slice(0, -1)), "h999/1");
      strictEqual(yield* take(way, ...hosts), "none");
      strictEqual(yield* take(way, ...hosts.slice(0, 500)), "h500/1");
      strictEqual(yield* take(way), "h0/1");
    }),
  );

  test(
    "within a host higher priorities go first, then shallower ones, then earlier ones",
    Effect.fnUntraced(function* (way) {
      yield* way.add([
        page("a/1", { depth: 2 }),
        page("a/2", { depth: 1 }),
        page("a/3", { depth: 2 }),
        page("a/4", { depth: 9, priority: 0.5 }),
        page("a/5", { depth: 0, priority: -1e300 }),
        page("a/6", { depth: 1, priority: -0 }),
        page("a/7", { depth: 10, priority: 0.5 }),
      ]);
      deepStrictEqual(
        yield* takeAll(way, 8),
        ["a/4", "a/7", "a/2", "a/6", "a/1", "a/3", "a/5", "none"],
      );
    }),
  );

  test(
    "many of one host go in order, whatever the order in which they came",
    Effect.fnUntraced(function* (way) {
      const depths = Array.from({ length: 500 }, (_, n) => n * 37 % 101);
      yield* way.add(
        depths.map((depth, n) => page(`a/${n}`, { depth })),
      );
      const given = yield* takeAll(way, 500);
      const places = given.map((path) => {
        const n = Number(path.slice(2));
        return depths[n]! * 1000 + n;
      });
      deepStrictEqual(places, places.toSorted((a, b) => a - b));
    }),
  );

  test(
    "add() remembers as many as its capacity, visited ones too",
    Effect.fnUntraced(function* (way) {
      strictEqual(yield* way.add(pages("a/1", "a/1", "a/2")), 2);
      strictEqual(yield* way.add(pages("a/1", "a/3", "a/4", "b/1")), 1);
      deepStrictEqual(yield* way.size, { pending: 3, seen: 3 });
      deepStrictEqual(yield* takeAll(way, 4), ["a/1", "a/2", "a/3", "none"]);
      yield* way.done("https://a/1");
      strictEqual(yield* way.add(pages("a/4")), 0);
      deepStrictEqual(yield* way.size, { pending: 0, seen: 3 });
    }),
    { capacity: 3 },
  );

  test(
    "done() of what is not on its way changes nothing",
    Effect.fnUntraced(function* (way) {
      yield* way.add(pages("a/1"));
      yield* way.done("https://a/1");
      yield* way.done("https://a/2");
      deepStrictEqual(yield* way.size, { pending: 1, seen: 1 });
      strictEqual(yield* take(way), "a/1");
    }),
  );

  test(
    "add() refuses what is no number, and text that cannot be kept, and adds nothing",
    Effect.fnUntraced(function* (way) {
      const faults: ReadonlyArray<Partial<Frontier.Entry>> = [
        { depth: -1 },
        { depth: 0.5 },
        { redirects: -1 },
        { priority: NaN },
        { priority: Infinity },
        { url: "https://a/\0" },
        { host: "\ud800" },
        { referrer: "\udc00" },
      ];
      for (const fault of faults) {
        const exit = yield* Effect.exit(
          way.add([page("a/1"), page("a/2", fault)]),
        );
        const defect = Exit.isFailure(exit) && Cause.squash(exit.cause);
        const [option] = Object.keys(fault);
        ok(String(defect).startsWith(`RangeError: "${option}" must be`));
      }
      deepStrictEqual(yield* way.size, { pending: 0, seen: 0 });
    }),
  );

  test(
    "recover() has what is on its way wait again where it stood, and what is done not",
    Effect.fnUntraced(function* (way) {
      yield* way.add([
        page("a/1", { depth: 1 }),
        page("a/2", { redirects: 2, referrer: "https://a/0" }),
        ...pages("b/1"),
      ]);
      deepStrictEqual(yield* takeAll(way, 3), ["a/2", "b/1", "a/1"]);
      yield* way.done("https://b/1");
      yield* way.recover;
      deepStrictEqual(yield* way.size, { pending: 2, seen: 3 });
      deepStrictEqual(
        yield* way.next(new Set()),
        Option.some({
          ...page("a/2", { redirects: 2, referrer: "https://a/0" }),
          priority: 0,
        }),
      );
      deepStrictEqual(yield* takeAll(way, 2), ["a/1", "none"]);
    }),
  );
}
