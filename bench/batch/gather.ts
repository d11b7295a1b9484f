/**
 * What a request costs that is gathered.
 *
 * @module
 */
import { Batch, Limiter } from "@weir/weir";
import * as Effect from "effect/Effect";
import * as Request from "effect/Request";
import * as RequestResolver from "effect/RequestResolver";
import {
  nanos,
  nanosIn,
  ratio,
  rounds,
  type Row,
  shown,
  times,
} from "../report.ts";
import { DataLoader } from "./peers.ts";

const requests = Array.from({ length: 1000 }, (_, n) => n);
const rounds1000 = 20;
const calls = requests.length * rounds1000;
const batchSize = 100;

class GetDouble extends Request.Class<{ readonly n: number }, number> {}

/** A thousand requests at once, twenty times over, in batches of a hundred. */
export async function gathered(): Promise<ReadonlyArray<Row>> {
  const resolver = RequestResolver.fromFunctionBatched<GetDouble>((entries) =>
    entries.map(({ request }) => request.n * 2)
  ).pipe(RequestResolver.batchN(batchSize));
  const loader = new DataLoader<number, number>(
    (ns) => Promise.resolve(ns.map((n) => n * 2)),
    { cache: false, maxBatchSize: batchSize },
  );
  const weir = (key?: (n: number) => string) =>
    nanos(calls, () =>
      Effect.gen(function* () {
        const double = yield* Batch.gather(
          (ns: ReadonlyArray<number>) => Effect.succeed(ns.map((n) => n * 2)),
          { batchSize, key },
        );
        let answers = 0;
        for (let round = 0; round < rounds1000; round++) {
          answers += (yield* Effect.forEach(requests, double, {
            concurrency: "unbounded",
          })).length;
        }
        return answers;
      }).pipe(
        Effect.scoped,
        Effect.provide(Limiter.layerUnlimited),
        Effect.runPromise,
      ));
  const scores = await rounds({
    "Weir gather": weir(),
    "Weir gather, with keys": weir(String),
    "dataloader": nanos(calls, async () => {
      let answers = 0;
      for (let round = 0; round < rounds1000; round++) {
        const loaded = requests.map((n) => loader.load(n));
        answers += (await Promise.all(loaded)).length;
      }
      return answers;
    }),
    "effect's RequestResolver": nanosIn(calls, function* () {
      let answers = 0;
      for (let round = 0; round < rounds1000; round++) {
        answers += (yield* Effect.forEach(
          requests,
          (n) => Effect.request(new GetDouble({ n }), resolver),
          { concurrency: "unbounded" },
        )).length;
      }
      return answers;
    }),
  });
  const weirs = scores["Weir gather"];
  return [
    ...times(scores),
    shown("dataloader ÷ Weir", ratio(scores["dataloader"], weirs), "×"),
    shown(
      "effect's RequestResolver ÷ Weir",
      ratio(scores["effect's RequestResolver"], weirs),
      "×",
    ),
  ];
}
