/**
 * Lists the examples, or runs one with the permissions that it names: `deno
 * task examples`, `deno task examples 01`, `deno task examples p1` for the first
 * of the pitfalls.
 *
 * An example starts with a doc comment: its first line says what the example
 * shows, and a line such as `Permissions: --allow-net=127.0.0.1` says what it
 * needs. Without that line, or with `Permissions: none`, it gets nothing.
 *
 * @module
 */
// deno-lint-ignore-file no-console
const directory = import.meta.dirname ?? "examples";

interface Example {
  readonly id: string;
  readonly file: string;
  readonly summary: string;
  readonly permissions: readonly string[];
}

async function readExample(id: string, file: string): Promise<Example> {
  const source = await Deno.readTextFile(`${directory}/${file}`);
  const comment = /^\/\*\*(.*?)\*\//s.exec(source)?.[1] ?? "";
  const lines = comment.split("\n").map((line) => line.replace(/^[ *]+/, ""));
  const permissions = lines
    .find((line) => line.startsWith("Permissions:"))
    ?.replace("Permissions:", "").trim() ?? "none";
  return {
    id,
    file,
    summary: lines.find((line) => line !== "") ?? "",
    permissions: permissions === "none" ? [] : permissions.split(/\s+/),
  };
}

async function readExamples(): Promise<readonly Example[]> {
  const examples: Example[] = [];
  for await (const { name } of Deno.readDir(directory)) {
    const [id] = /^\d\d(?=_\w+\.ts$)/.exec(name) ?? [];
    if (id !== undefined) examples.push(await readExample(id, name));
  }
  for await (const { name } of Deno.readDir(`${directory}/pitfalls`)) {
    examples.push(await readExample(`p${name[0]}`, `pitfalls/${name}`));
  }
  return examples.sort((a, b) => a.id < b.id ? -1 : 1);
}

function list(examples: readonly Example[]): void {
  for (const { id, summary } of examples) console.log(`${id}  ${summary}`);
}

async function run(
  { file, permissions }: Example,
  args: readonly string[],
): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      ...permissions,
      `${directory}/${file}`,
      ...args,
    ],
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  // Ctrl-C reaches the example as well, which decides how it ends.
  Deno.addSignalListener("SIGINT", () => {});
  return (await child.status).code;
}

const [wanted, ...rest] = Deno.args;
const examples = await readExamples();
const chosen = examples.find(({ id }) => id === wanted?.padStart(2, "0"));
if (chosen === undefined) {
  list(examples);
  Deno.exit(wanted === undefined ? 0 : 1);
}
Deno.exit(await run(chosen, rest));
