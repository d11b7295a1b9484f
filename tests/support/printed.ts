/**
 * Programs that run beside the tests.
 *
 * @module
 */
import { ok } from "node:assert/strict";

/** What a program prints, run by Deno with these arguments; fails with its errors if it does not end well. */
export async function printedBy(
  ...args: ReadonlyArray<string>
): Promise<string> {
  const { code, stderr, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  ok(code === 0, text(stderr));
  return text(stdout);
}

/** Whether a program is installed, by its answer to `--version`. */
export async function isInstalled(program: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(program, {
      args: ["--version"],
    }).output();
    return success;
  } catch {
    return false;
  }
}
