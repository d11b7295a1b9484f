/**
 * Writes to a file in a directory of its own, and prints what it finds there.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { DenoFile } from "@weir/weir/deno";
import * as Effect from "effect/Effect";
import * as Stream from "effect/Stream";

const directory = await Deno.makeTempDir();
const file = `${directory}/rows.txt`;
const write = (path: string, texts: ReadonlyArray<string>, append = false) =>
  Stream.run(Stream.fromIterable(texts), DenoFile.sink(path, { append }));

const long = "ü".repeat(1_000_000);
const missing = await Effect.runPromise(
  Effect.flip(write(`${directory}/none/rows.txt`, ["a"])),
);
await Effect.runPromise(write(file, ["a much longer first text"]));
await Effect.runPromise(write(file, ["one\n", "two\n"]));
await Effect.runPromise(write(file, ["three\n"], true));
await Effect.runPromise(write(`${directory}/long`, [long, long]));
await Effect.runPromise(write(`${directory}/empty`, []));
console.log(JSON.stringify({
  missing: [missing.reason._tag, missing.message.includes("none/rows.txt")],
  rows: await Deno.readTextFile(file),
  long: await Deno.readTextFile(`${directory}/long`) === long + long,
  empty: await Deno.readTextFile(`${directory}/empty`),
}));
await Deno.remove(directory, { recursive: true });
