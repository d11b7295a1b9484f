import type { Simulation } from "@weir/weir/simulation";
import { testEffect, testLive } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as FileSystem from "effect/FileSystem";
import * as Layer from "effect/Layer";
import * as Option from "effect/Option";
import * as Path from "effect/Path";
import * as Queue from "effect/Queue";
import * as Stdio from "effect/Stdio";
import * as Terminal from "effect/Terminal";
import * as TestConsole from "effect/testing/TestConsole";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { folder, pictureOf, studies } from "../examples/guide/draw.ts";
import { program } from "../examples/guide/main.ts";
import { cellsOf, describe, rows } from "../examples/guide/rows.ts";
import { chartOf } from "../examples/guide/study.ts";

const readme = await Deno.readTextFile("README.md");
const files = [...Deno.readDirSync("examples")].map(({ name }) => name);

Deno.test("the README shows the guide, row by row", () => {
  const [, table = ""] = /\n## Which pattern\n\n(.*?)\n\n/s.exec(readme) ?? [];
  const cells = table.split("\n").slice(2).map((line) =>
    line.slice(2, -2).split(" | ").map((cell) => cell.trim())
  );
  deepStrictEqual(cells, rows.map(cellsOf));
});

Deno.test("the guide names examples that exist, and each from 01 to 12 and from 21", () => {
  const named = rows.flatMap(({ examples }) => examples);
  for (const id of named) {
    ok(files.some((file) => file.startsWith(`${id}_`)), id);
  }
  const ids = files.flatMap((file) => /^\d\d(?=_)/.exec(file) ?? []);
  // 20 looks for faults, and is no pattern.
  deepStrictEqual(named.toSorted(), ids.filter((id) => id !== "20").sort());
});

Deno.test("a row without an example names the study that uses what it is of", async () => {
  for (const { examples, parts, study } of rows) {
    strictEqual(study === undefined, examples.length > 0, parts);
    if (study === undefined) continue;
    const text = await Deno.readTextFile(`examples/guide/${study}`);
    const [, part = parts] = /`(.*?)`/.exec(parts) ?? [];
    ok(text.includes(part), `${part} in ${study}`);
  }
});

Deno.test("each row of the guide has a picture, which is drawn from a study", () => {
  const pictures = rows.map(({ picture }) => picture).sort();
  deepStrictEqual(Object.keys(studies).sort(), pictures);
  const drawn = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  deepStrictEqual(drawn, pictures.map((picture) => `${picture}.svg`));
});

for (const name of ["batch", "producer-consumer", "stream"]) {
  testLive(
    `the picture of ${name} is what its study gives, byte by byte`,
    Effect.gen(function* () {
      const picture = pictureOf(yield* chartOf(studies[name]!));
      const url = new URL(`${name}.svg`, folder);
      const drawn = yield* Effect.promise(() => Deno.readTextFile(url));
      ok(picture === drawn, "deno task pictures draws another one");
    }),
  );
}

testLive(
  "the guide's crawler gets every page, and no host more than it asked for",
  Effect.gen(function* () {
    const study = { ...studies["crawl"]!, settings: [8] };
    const { series } = yield* chartOf(study);
    const { counts } = series["Scraper"]![0]!.measures;
    strictEqual(total(counts["scraper.pages"]!), 200);
    strictEqual(total(counts["scraper.failed"]!), 0);
    const peaks = [1, 2, 3, 4].map((n) => counts[`host${n}.example`]!.peak);
    ok(Math.max(...peaks) <= 5, String(peaks));
  }),
);

testLive(
  "the guide's limited client is answered as often as one that insists, and refused less",
  Effect.gen(function* () {
    const study = { ...studies["limited-client"]!, settings: [8] };
    const { series } = yield* chartOf(study);
    const [insisting, limited] = Object.values(series).map(([result]) => {
      const { count, mean } = result!.measures.tallies["refused"]!;
      const refused = mean.values[0]! / 100;
      return { refused, answered: count.values[0]! * (1 - refused) };
    });
    ok(limited!.refused < insisting!.refused / 3);
    ok(limited!.answered > insisting!.answered * 0.97);
  }),
);

/** How many were counted in the first replication. */
function total({ series }: Simulation.Counted): number {
  const width = series[1]![0] - series[0]![0];
  return Math.round(series.reduce((sum, [, rate]) => sum + rate, 0) * width);
}

/** What the guide prints, where these keys are pressed in a terminal; or where there is none. */
const printed = (keys?: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const input = yield* Queue.unbounded<Terminal.UserInput>();
    const terminal = Terminal.make({
      columns: Effect.succeed(80),
      rows: Effect.succeed(24),
      size: Effect.die("it is not asked for"),
      readInput: Effect.succeed(input),
      readLine: Effect.die("it is not read"),
      display: () => Effect.void,
    });
    for (const name of keys ?? []) {
      const key = { name, ctrl: false, meta: false, shift: false };
      yield* Queue.offer(input, { input: Option.none(), key });
    }
    const isTerminal = Effect.succeed(keys !== undefined);
    yield* Effect.provide(
      program,
      Layer.mergeAll(
        Layer.succeed(Terminal.Terminal, terminal),
        FileSystem.layerNoop({}),
        Path.layer,
        Stdio.layerTest({
          stdinIsTerminal: isTerminal,
          stdoutIsTerminal: isTerminal,
        }),
      ),
    );
    return yield* TestConsole.logLines;
  }).pipe(Effect.provide(TestConsole.layer));

testEffect(
  "the guide asks in a terminal, and prints the row that is chosen",
  Effect.gen(function* () {
    deepStrictEqual(yield* printed(["down", "return"]), [describe(rows[1]!)]);
  }),
);

testEffect(
  "the guide prints all rows where there is no terminal",
  Effect.gen(function* () {
    deepStrictEqual(yield* printed(), [rows.map(describe).join("\n\n")]);
  }),
);
