/**
 * Lists the numbered examples, or runs one with the permissions that it names:
 * `deno task examples`, `deno task examples 01`.
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
  readonly number: number;
  readonly file: string;
  readonly summary: string;
  readonly permissions: readonly string[];
}

async function readExample(file: string): Promise<Example> {
  const source = await Deno.readTextFile(`${directory}/${file}`);
  const comment = /^\/\*\*(.*?)\*\//s.exec(source)?.[1] ?? "";
  const lines = comment.split("\n").map((line) => line.replace(/^[ *]+/, ""));
  const permissions = lines
    .find((line) => line.startsWith("Permissions:"))
    ?.replace("Permissions:", "").trim() ?? "none";
  return {
    number: parseInt(file),
    file,
    summary: lines.find((line) => line !== "") ?? "",
    permissions: permissions === "none" ? [] : permissions.split(/\s+/),
  };
}

async function readExamples(): Promise<readonly Example[]> {
  const examples: Example[] = [];
  for await (const { name } of Deno.readDir(directory)) {
    if (/^\d\d_\w+\.ts$/.test(name)) examples.push(await readExample(name));
  }
  return examples.sort((a, b) => a.number - b.number);
}

function list(examples: readonly Example[]): void {
  for (const { file, summary } of examples) {
    console.log(`${file.slice(0, 2)}  ${summary}`);
  }
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
const chosen = examples.find(({ number }) => number === Number(wanted));
if (chosen === undefined) {
  list(examples);
  Deno.exit(wanted === undefined ? 0 : 1);
}
Deno.exit(await run(chosen, rest));
