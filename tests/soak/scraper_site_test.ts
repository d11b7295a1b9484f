import { deepStrictEqual, ok } from "node:assert/strict";

const hasWget = await new Deno.Command("wget", { args: ["--version"] })
  .output().then(({ success }) => success, () => false);

Deno.test({
  name:
    "a crawl finds the pages of a reference that wget finds under the same robots.txt",
  ignore: !hasWget,
  fn: async () => {
    const { code, stderr, stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--no-check", "--allow-net", "--allow-read"],
        ...["--allow-write", "--allow-run=wget"],
        "tests/support/scraper/reference.ts",
      ],
      env: { NO_COLOR: "1" },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    ok(code === 0, text(stderr));
    const { crawler, wget } = JSON.parse(text(stdout));
    ok(wget.length > 150, `${wget.length} pages`);
    deepStrictEqual(crawler, wget);
  },
});
