import { strictEqual } from "node:assert/strict";
import { isInstalled } from "../support/printed.ts";

const program = "tests/support/deno/terminal_program.ts";
const run = (name: string) => [
  ...["run", "--quiet", "--no-prompt", "--no-check", program, name],
];

Deno.test("DenoStdio copies its input to its output, byte by byte, and ends with it", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  const { code, output } = await answer(Deno.execPath(), run("copies"), bytes);
  strictEqual(code, 0);
  strictEqual(output.length, bytes.length);
  strictEqual(output.every((byte, i) => byte === bytes[i]), true);
});

Deno.test("DenoTerminal.readLine reads line by line, and quits at the end", async () => {
  const { code, text } = await answer(
    ...[Deno.execPath(), run("asks"), encode("a\r\n\n資料\nb")] as const,
  );
  strictEqual(text, "line a\nline \nline 資料\nline b\nquit\n");
  strictEqual(code, 0);
});

Deno.test({
  name: "DenoTerminal tells sizes and keys of a real terminal",
  ignore: !await isInstalled("script"),
  fn: async () => {
    const command = [Deno.execPath(), ...run("watchesKeys")].join(" ");
    const child = new Deno.Command("script", {
      args: ["-qec", `stty rows 8 cols 40; ${command}`, "/dev/null"],
      ...{ stdin: "piped", stdout: "piped", stderr: "inherit" },
    }).spawn();
    const writer = child.stdin.getWriter();
    let printed = "";
    let told = false;
    for await (
      const piece of child.stdout.pipeThrough(new TextDecoderStream())
    ) {
      printed += piece;
      if (!told && printed.includes("size")) {
        told = true;
        // Until raw mode is on.
        await new Promise((resolve) => setTimeout(resolve, 300));
        await writer.write(encode("q\x1b[A\x03"));
      }
    }
    strictEqual((await child.status).code, 0);
    await writer.close().catch(() => {});
    strictEqual(
      printed.replaceAll("\r", ""),
      "size 40x8\nkey q\nkey up\nkey ctrl-c\ndone\n",
    );
  },
});

async function answer(
  command: string,
  args: ReadonlyArray<string>,
  input: Uint8Array<ArrayBuffer>,
) {
  const child = new Deno.Command(command, {
    args: [...args],
    ...{ stdin: "piped", stdout: "piped", stderr: "inherit" },
  }).spawn();
  const writer = child.stdin.getWriter();
  const written = writer.write(input).then(() => writer.close());
  const { code, stdout } = await child.output();
  await written;
  return { code, output: stdout, text: new TextDecoder().decode(stdout) };
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
