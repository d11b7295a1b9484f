import { DenoSqlite } from "@weir/weir/deno";
import { Frontier } from "@weir/weir/scraper";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Option from "effect/Option";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Dice } from "../support/dice.ts";
import { type Simulated, simulationTests } from "../support/simulated.ts";
import { page } from "./frontier_suite.ts";

const hosts = 4;
const perHost = 6;

/** The links of a page: to some of its host, and to others. */
const linksOf = (host: number, n: number): ReadonlyArray<Frontier.Entry> =>
  [1, 2, 3].map((step) =>
    page(`h${(host + step % 2) % hosts}/${(n * 2 + step) % perHost}`, {
      depth: n % 3,
      priority: step % 2,
    })
  );

/** Several visit pages that link to each other. */
const visitors = (
  name: string,
  layer: Layer.Layer<Frontier.Frontier, unknown>,
): Simulated => ({
  name: `${name}: whoever visits, each URL is given once, and none is lost`,
  program: Effect.gen(function* () {
    const way = yield* Frontier.Frontier;
    const busy = new Set<string>();
    const given = new Set<string>();
    let added = yield* way.add([page("h0/0")]);
    const visitor = (dice: Dice) =>
      Effect.gen(function* () {
        for (let idle = 0; idle < 30;) {
          const next = yield* way.next(busy);
          if (Option.isNone(next)) {
            idle++;
            yield* Effect.sleep(dice.pause(4));
            continue;
          }
          const { host, url } = next.value;
          idle = 0;
          busy.add(host);
          ok(!given.has(url), `${url} is given twice`);
          given.add(url);
          yield* Effect.sleep(dice.pause(4));
          const [, h = "", n = ""] = /h(\d+)\/(\d+)/.exec(url) ?? [];
          const more = yield* way.add(linksOf(Number(h), Number(n)));
          added += more;
          yield* way.done(url);
          busy.delete(host);
        }
      });
    const dices = [yield* Dice.make, yield* Dice.make, yield* Dice.make];
    yield* Effect.all(dices.map(visitor), { concurrency: "unbounded" });
    strictEqual(added, given.size);
    deepStrictEqual(yield* way.size, { pending: 0, seen: given.size });
  }).pipe(Effect.provide(layer)),
});

simulationTests([visitors("layerMemory()", Frontier.layerMemory())], 300);
simulationTests(
  [visitors(
    "layerSql()",
    Layer.provide(
      Frontier.layerSql(),
      DenoSqlite.layer({ filename: ":memory:" }),
    ),
  )],
  40,
);
