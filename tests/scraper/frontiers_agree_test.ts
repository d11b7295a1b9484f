import { DenoSqlite } from "@weir/weir/deno";
import { Frontier } from "@weir/weir/scraper";
import { testProperty } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok } from "node:assert/strict";
import { page } from "./frontier_suite.ts";

type Way = Frontier.Service;

/** One step on a frontier; what it gives is compared with what the other gave. */
type Step = (
  way: Way,
  given: ReadonlyArray<string>,
) => Effect.Effect<unknown, Frontier.FrontierError>;

const {
  array,
  constant,
  constantFrom,
  double,
  nat,
  oneof,
  record,
  subarray,
  tuple,
} = FastCheck;

const hosts = ["a", "b", "c", "d", "e", "f", "g"];

const entry = record({
  path: tuple(constantFrom(...hosts), nat(30)).map(([host, n]) =>
    `${host}/${n}`
  ),
  depth: nat(3),
  priority: oneof(
    constantFrom(undefined, 0, -0, 1),
    double({ noNaN: true, noDefaultInfinity: true }),
  ),
  redirects: constantFrom(undefined, 0, 3),
  referrer: constantFrom(undefined, "https://a/0", "https://é.test/🜁"),
}).map(({ path, ...options }) => page(path, options));

const recover: Step = (way) => way.recover;

const step: FastCheck.Arbitrary<Step> = oneof(
  {
    weight: 3,
    arbitrary: array(entry, { maxLength: 8 }).map((entries): Step => (way) =>
      way.add(entries)
    ),
  },
  {
    weight: 5,
    arbitrary: oneof(constant([]), subarray(hosts)).map((busy): Step => (way) =>
      way.next(new Set(busy))
    ),
  },
  nat(9).map((n): Step => (way, given) =>
    way.done(given[n % Math.max(1, given.length)] ?? "https://none")
  ),
  constant(recover),
);

const script = tuple(
  constantFrom(5, 40, 1000),
  array(step, { maxLength: 80, size: "max" }),
);

testProperty(
  "Frontier.layerSql() and layerMemory() answer alike, whatever is asked of them",
  script,
  ([capacity, steps]) =>
    Effect.gen(function* () {
      const open = (layer: Layer.Layer<Frontier.Frontier, unknown>) =>
        Effect.map(
          Layer.build(layer),
          (context) => Effect.provideContext(Frontier.Frontier, context),
        );
      const memory = yield* yield* open(Frontier.layerMemory({ capacity }));
      const sql = yield* yield* open(
        Layer.provide(
          Frontier.layerSql({ capacity }),
          DenoSqlite.layer({ filename: ":memory:" }),
        ),
      );
      const given: Array<string> = [];
      const seen = new Set<string>();
      for (const step of steps) {
        const expected = yield* step(memory, given);
        if (step === recover) seen.clear();
        deepStrictEqual(yield* step(sql, given), expected);
        deepStrictEqual(yield* sql.size, yield* memory.size);
        for (const url of urlsIn(expected)) {
          ok(!seen.has(url), `${url} is given twice`);
          seen.add(url);
          given.push(url);
        }
      }
    }),
  { numRuns: 600 },
);

/** The URL that a step gave, if it is one that gives them. */
function urlsIn(answer: unknown): ReadonlyArray<string> {
  const text = JSON.stringify(answer ?? null);
  return [...text.matchAll(/"url":"([^"]+)"/g)].map(([, url]) => url!);
}
