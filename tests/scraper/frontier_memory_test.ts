import { Frontier } from "@weir/weir/scraper";
import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { frontierSuite, page } from "./frontier_suite.ts";

frontierSuite("Frontier.layerMemory()", Frontier.layerMemory);

Deno.test("Frontier.layerMemory() refuses more than a Set holds", () => {
  throws(() => Frontier.layerMemory({ capacity: 2 ** 24 + 1 }), {
    name: "RangeError",
    message: '"capacity" must be at most 16777216, was 16777217',
  });
});

/** Counts the hosts that are looked at. */
class Counting extends Set<string> {
  looks = 0;
  override has(value: string): boolean {
    this.looks++;
    return super.has(value);
  }
}

testEffect(
  "Frontier.layerMemory(): next() looks at no host that it need not, however many wait",
  Effect.gen(function* () {
    const way = yield* Frontier.Frontier;
    const entries = Array.from({ length: 20_000 }, (_, n) => page(`h${n}/1`));
    yield* way.add(entries);
    const busy = new Counting(["h0", "h1", "h5", "h19999"]);
    for (const [host, looks] of [["h2", 3], ["h3", 3], ["h4", 3], ["h6", 4]]) {
      busy.looks = 0;
      const next = Option.getOrThrow(yield* way.next(busy));
      deepStrictEqual([next.host, busy.looks], [host, looks]);
    }
  }).pipe(Effect.provide(Frontier.layerMemory())),
);

testEffect(
  "Frontier.layerMemory(): next() takes about as long from 200,000 as from 2,000",
  Effect.gen(function* () {
    const timeOf = (count: number) =>
      Effect.gen(function* () {
        const way = yield* Frontier.Frontier;
        yield* way.add(
          Array.from(
            { length: count },
            (_, n) => page(`h${n % 20}/${n}`, { depth: n % 7 }),
          ),
        );
        const busy = new Set<string>();
        const start = performance.now();
        for (let n = 0; n < 2000; n++) yield* way.next(busy);
        return performance.now() - start;
      }).pipe(Effect.provide(Frontier.layerMemory()));
    yield* timeOf(2000);
    const few = yield* timeOf(2000);
    const many = yield* timeOf(200_000);
    ok(many < 25 * few, `${many} ms of many, ${few} ms of few`);
  }),
);
