// deno-lint-ignore-file no-console
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { start } from "../support/deno/started.ts";

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`runMain() ends with 0 on ${signal}, once all is closed`, async () => {
    const run = start("main_program", "waits");
    strictEqual((await run.lines.next()).value, "ready");
    run.child.kill(signal);
    const { code, errors, printed } = await run.end();
    deepStrictEqual([code, printed, errors], [0, "closed", ""]);
  });
}

Deno.test("runMain() ends with 130 on a second signal", async () => {
  const run = start("main_program", "hangs");
  strictEqual((await run.lines.next()).value, "ready");
  run.child.kill("SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, 100));
  run.child.kill("SIGTERM");
  strictEqual((await run.end()).code, 130);
});

Deno.test("runMain() ends with 1 where the end goes wrong", async () => {
  const run = start("main_program", "breaks");
  strictEqual((await run.lines.next()).value, "ready");
  run.child.kill("SIGTERM");
  const { code, printed } = await run.end();
  strictEqual(code, 1);
  match(printed, /broken in the end/);
});

Deno.test("runMain() ends with 1 where the program fails, and says why", async () => {
  const { code, printed } = await start("main_program", "fails").end();
  strictEqual(code, 1);
  match(printed, /no luck/);
});

Deno.test("runMain() ends with 130 where the program interrupts itself", async () => {
  strictEqual((await start("main_program", "interrupts").end()).code, 130);
});

Deno.test("runMain() leaves the process alone where the program succeeds", async () => {
  const { code, printed } = await start("main_program", "succeeds").end();
  deepStrictEqual([code, printed], [0, "later"]);
});

Deno.test("DenoFile.sink() writes in place of what was there, or after it", async () => {
  const { errors, printed } = await start("writing").end();
  strictEqual(errors, "");
  deepStrictEqual(JSON.parse(printed), {
    missing: ["NotFound", true],
    rows: "one\ntwo\nthree\n",
    long: true,
    empty: "",
  });
});

Deno.test("SIGTERM under load loses no accepted request", async () => {
  let answered = 0;
  for (let round = 0; round < 10; round++) {
    const run = start("serving");
    const [, url = ""] = String((await run.lines.next()).value).split(" ");
    const answers = new Set<string>();
    let over = false;
    let n = 0;
    const client = async () => {
      while (!over) {
        const path = `/${n++}`;
        try {
          const response = await fetch(
            url + path,
            n % 2 === 0 ? {} : { method: "POST", body: body() },
          );
          const text = await response.text();
          if (response.status === 200) answers.add(text);
          else strictEqual(response.status, 503);
        } catch (error) {
          // Refused, or given up before the server took it.
          ok(error instanceof TypeError, String(error));
        }
      }
    };
    const clients = Array.from({ length: 20 }, client);
    await new Promise((resolve) =>
      setTimeout(resolve, 200 + 200 * Math.random())
    );
    run.child.kill("SIGTERM");
    const { code, errors, printed } = await run.end();
    over = true;
    await Promise.all(clients);
    strictEqual(code, 0, errors);
    const accepted = printed.split("\n").filter((line) => line !== "");
    ok(accepted.length > 50, `accepted ${accepted.length}`);
    deepStrictEqual(accepted.filter((path) => !answers.has(path)), []);
    answered += answers.size;
  }
  console.log(`${answered} requests were accepted, and each was answered`);
});

/** A body that takes a moment to arrive. */
function body(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(new TextEncoder().encode("a"));
      await new Promise((resolve) => setTimeout(resolve, 10));
      controller.enqueue(new TextEncoder().encode("b"));
      controller.close();
    },
  });
}
