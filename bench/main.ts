/**
 * Runs every bench in a process of its own, one after the other, or the one
 * that is named: `deno task bench`, `deno task bench limiter`.
 *
 * A bench that needs permissions says so in its doc comment, in a line such as
 * `Permissions: --allow-run`; without that line it gets none.
 *
 * @module
 */
// deno-lint-ignore-file no-console
const directory = import.meta.dirname ?? "bench";
const suffix = "_bench.ts";

async function run(name: string): Promise<boolean> {
  const file = `${directory}/${name}${suffix}`;
  const source = await Deno.readTextFile(file);
  const permissions = /^ \* Permissions: (--.*)$/m.exec(source)?.[1] ?? "";
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--v8-flags=--expose-gc,--no-flush-bytecode",
      ...permissions.split(" ").filter((permission) => permission !== ""),
      file,
    ],
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  return success;
}

const names = [...Deno.readDirSync(directory)]
  .map((entry) => entry.name)
  .filter((name) => name.endsWith(suffix))
  .map((name) => name.slice(0, -suffix.length))
  .sort();
const [wanted] = Deno.args;
const chosen = names.filter((name) => wanted === undefined || name === wanted);
if (chosen.length === 0) {
  console.error(`There is ${names.join(", ")}, but no ${wanted}`);
  Deno.exit(1);
}
let failed = false;
for (const name of chosen) {
  console.log(`\n== ${name}\n`);
  if (!await run(name)) failed = true;
}
Deno.exit(failed ? 1 : 0);
