import { testProperty } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as fc from "fast-check";
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { columnsOf, cut, fill, visible } from "../../src/tasks/cli_text.ts";
import { cells, strange } from "./cli_strange.ts";

Deno.test("visible() shows what is no sign of its own as an escape", () => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    ["resize", "resize"],
    ["a\tb\r\nc", "a\\tb\\r\\nc"],
    ["\x1b[2J\x07\x7f", "\\x1b[2J\\x07\\x7f"],
    ["\x9b31m", "\\x9b31m"],
    ["\u202egnp.exe", "\\u{202e}gnp.exe"],
    ["\u2028\u200b\ufeff\ud800", "\\u{2028}\\u{200b}\\u{feff}\\u{d800}"],
    ["größer 資料 😀", "größer 資料 😀"],
  ];
  for (const [text, shown] of cases) strictEqual(visible(text), shown);
});

Deno.test("columnsOf() counts what a terminal needs", () => {
  const cases: ReadonlyArray<readonly [string, number]> = [
    ["resize", 6],
    ["größer", 6],
    ["gro\u0308ßer", 6],
    ["資料", 4],
    ["ﾃﾞｰﾀ", 4],
    ["데이터", 6],
    ["😀", 2],
    ["क्ष", 2],
  ];
  deepStrictEqual(
    cases.map(([text]) => [text, columnsOf(text)]),
    cases,
  );
});

testProperty(
  "visible() leaves nothing that a terminal obeys",
  strange,
  (text) => Effect.sync(() => match(visible(text), /^[^\p{C}\p{Zl}\p{Zp}]*$/u)),
);

testProperty(
  "cut() and fill() keep to the width, whatever the text",
  fc.tuple(strange, fc.nat(30)),
  ([text, width]) =>
    Effect.sync(() => {
      const shown = visible(text);
      ok(cells(cut(shown, width)) <= width);
      strictEqual(columnsOf(fill(shown, width)), width);
      if (columnsOf(shown) <= width) strictEqual(cut(shown, width), shown);
      else if (width > 0) ok(cut(shown, width).endsWith("…"));
    }),
);
