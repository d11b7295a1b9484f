import { match, strictEqual } from "node:assert/strict";

const preload = "src/preload.ts";
const ambient = "tests/support/preload/ambient.ts";

Deno.test("without preload a fiber keeps its AsyncLocalStorage store as another wakes it", async () => {
  strictEqual((await run()).printed, "sleeper's, untouched\n");
});

Deno.test("preload turns the capture off, and gives node:async_hooks back", async () => {
  const { code, printed } = await run(preload);
  strictEqual(printed, "waker's, untouched\n");
  strictEqual(code, 0);
});

Deno.test("preload throws where effect was loaded before it", async () => {
  const { code, errors } = await run(
    "tests/support/preload/loads_effect.ts",
    preload,
  );
  match(errors, /@weir\/weir\/preload has no effect/);
  strictEqual(code, 1);
});

/** Runs the program behind these preloads. */
async function run(
  ...preloads: readonly string[]
): Promise<{ code: number; printed: string; errors: string }> {
  const { code, stderr, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-check"],
      ...preloads.map((file) => `--preload=./${file}`),
      ambient,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, printed: text(stdout), errors: text(stderr) };
}
