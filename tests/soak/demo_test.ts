import { match, ok, strictEqual } from "node:assert/strict";

Deno.test("the demo earns no 429 through the limiter, and keeps its time", async () => {
  const { code, stdout, stderr } = await demo().output();
  const printed = new TextDecoder().decode(stdout);
  strictEqual(new TextDecoder().decode(stderr), "");
  match(printed, /^429s +29 +0$/m);
  match(printed, /^ok +0 × 429 through the limiter$/m);
  match(printed, /^ok +60 of 60 items, 0 × 429$/m);
  ok(!printed.includes("\x1b"), "no control characters outside a terminal");
  strictEqual(code, 0, printed);
});

Deno.test({
  name: "the demo ends at once, and cleanly, on Ctrl-C",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using child = demo().spawn();
    const stderr = new Response(child.stderr).text();
    await seen(child.stdout, "Limiter.layer(");
    await sleep(500);
    const asked = performance.now();
    child.kill("SIGINT");
    const { code, signal } = await child.status;
    const took = performance.now() - asked;
    strictEqual(signal, null, "it ended by itself");
    strictEqual(code, 130);
    strictEqual(await stderr, "");
    ok(took < 1000, `it took ${took} ms`);
  },
});

function demo(): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--allow-net=127.0.0.1",
      "examples/demo.ts",
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Reads until this text was printed. */
async function seen(
  output: ReadableStream<Uint8Array>,
  text: string,
): Promise<void> {
  let printed = "";
  for await (const chunk of output.pipeThrough(new TextDecoderStream())) {
    printed += chunk;
    if (printed.includes(text)) return;
  }
  throw new Error(`"${text}" was not printed, but: ${printed}`);
}

function sleep(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
