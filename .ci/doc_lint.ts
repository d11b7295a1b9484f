/**
 * Lints the documentation of every entry point, and of every file that is
 * exported as a namespace, into which `deno doc --lint` does not look.
 *
 * It also reports each type of an npm package as private; so every package
 * module that `src` imports is replaced by an empty one.
 *
 * Then looks for names without a page: inside a namespace `deno doc` shows what
 * a file declares or exports by `export *`, and drops `export { name } from`.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path/posix";
import { pathToFileURL } from "node:url";
import config from "../deno.json" with { type: "json" };

interface Namespace {
  readonly name: string;
  /** The file that it is made of. */
  readonly file: string;
  /** The file that exports it. */
  readonly from: string;
}

/** A name in what `deno doc --json` prints, as far as it is read here. */
interface Entry {
  readonly name: string;
  readonly declarations: readonly {
    readonly declarationKind: string;
    readonly def?: { readonly elements?: readonly Entry[] };
  }[];
}

interface Documentation {
  readonly nodes: Readonly<
    Record<string, { readonly symbols: readonly Entry[] }>
  >;
}

const files = (await readdir("src", { recursive: true }))
  .map((file) => join("src", file.replaceAll("\\", "/")))
  .filter((file) => file.endsWith(".ts"));
const entryPoints = Object.values(config.exports).map((path) => join(path));
const namespaces: Namespace[] = [];
const packageModules: Record<string, string> = {};
for (const from of ["mod.ts", ...files]) {
  const source = await readFile(from, "utf8");
  for (
    const [, name = "", path = ""] of source.matchAll(
      /^export \* as (\w+) from "(\.[^"]+)"/gm,
    )
  ) {
    namespaces.push({ name, file: join(from, "..", path), from });
  }
  for (
    const [, name = ""] of source.matchAll(
      / (?:from |@ts-types=)"(?!\.|node:)([^"]+)"/g,
    )
  ) {
    packageModules[name] = "data:application/typescript,export {}";
  }
}
const importMap = JSON.stringify({ imports: packageModules });
const namespaceFiles = namespaces.map(({ file }) => file);

async function lint(): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "doc",
      "--lint",
      `--import-map=data:application/json,${encodeURIComponent(importMap)}`,
      ...new Set([...entryPoints, ...namespaceFiles]),
    ],
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  return success;
}

/** What each file exports, as its own documentation shows it. */
async function document(
  files: readonly string[],
): Promise<(file: string) => readonly Entry[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", ...new Set(files)],
    stderr: "inherit",
  }).output();
  const { nodes }: Documentation = JSON.parse(new TextDecoder().decode(stdout));
  return (file) =>
    (nodes[pathToFileURL(file).href]?.symbols ?? []).filter((entry) =>
      entry.declarations.some((one) => one.declarationKind === "export")
    );
}

async function findNamesWithoutPage(): Promise<readonly string[]> {
  const inside = await document(namespaces.map(({ from }) => from));
  const alone = await document(namespaceFiles);
  return namespaces.flatMap(({ file, from, name }) => {
    const pages = inside(from)
      .filter((entry) => entry.name === name)
      .flatMap(({ declarations }) => declarations)
      .flatMap(({ def }) => def?.elements?.map((page) => page.name) ?? []);
    return alone(file)
      .filter((entry) => !pages.includes(entry.name))
      .map((entry) => `${name}.${entry.name} of ${from}`);
  });
}

const clean = await lint();
const without = await findNamesWithoutPage();
for (const name of without) console.error(`error: no page for ${name}`);
Deno.exit(clean && without.length === 0 ? 0 : 1);
