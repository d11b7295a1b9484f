/**
 * Lints the documentation of every entry point, and of every file that is
 * exported as a namespace, into which `deno doc --lint` does not look.
 *
 * It also reports each type of an npm package as private; so every package
 * module that `src` imports is replaced by an empty one.
 *
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path/posix";
import config from "../deno.json" with { type: "json" };

const files = (await readdir("src", { recursive: true }))
  .map((file) => join("src", file.replaceAll("\\", "/")))
  .filter((file) => file.endsWith(".ts"));
const entryPoints = new Set(
  Object.values(config.exports).map((path) => join(path)),
);
const packageModules: Record<string, string> = {};
for (const file of ["mod.ts", ...files]) {
  const source = await readFile(file, "utf8");
  for (
    const [, path = ""] of source.matchAll(
      /^export \* as \w+ from "(\.[^"]+)"/gm,
    )
  ) {
    entryPoints.add(join(file, "..", path));
  }
  for (const [, name = ""] of source.matchAll(/ from "(?!\.|node:)([^"]+)"/g)) {
    packageModules[name] = "data:application/typescript,export {}";
  }
}
const importMap = JSON.stringify({ imports: packageModules });

const { code } = await new Deno.Command(Deno.execPath(), {
  args: [
    "doc",
    "--lint",
    `--import-map=data:application/json,${encodeURIComponent(importMap)}`,
    ...entryPoints,
  ],
  stdout: "inherit",
  stderr: "inherit",
}).output();
Deno.exit(code);
