import { deepStrictEqual } from "node:assert/strict";
import { allMutants } from "./mutants/all.ts";

Deno.test("mutants are of text that their file holds once, and of tests that are there", async () => {
  const texts = new Map<string, Promise<string>>();
  const read = (path: string) => {
    const text = texts.get(path) ?? Deno.readTextFile(path).catch(() => "");
    texts.set(path, text);
    return text;
  };
  const stale: string[] = [];
  for (const { file, from, name, test } of allMutants) {
    const pieces = (await read(file)).split(from);
    if (pieces.length !== 2 || await read(test) === "") stale.push(name);
  }
  deepStrictEqual(stale, []);
});
