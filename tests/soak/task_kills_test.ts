// deno-lint-ignore-file no-console
import { deepStrictEqual, ok } from "node:assert/strict";

const tasks = 5000;
const kills = 100;

Deno.test("a hundred kills lose no task, and each extra run is explained by a lease", async () => {
  const { code, stderr, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-check", "--allow-read", "--allow-write"],
      ...["--allow-run", "tests/support/tasks/kills.ts"],
      ...[`${tasks}`, `${kills}`],
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  ok(code === 0, text(stderr));
  const found = JSON.parse(text(stdout));
  console.log(found);
  const { doubles: _, inHandler, mostAttempts: __, runs: ___, ...rest } = found;
  deepStrictEqual(rest, {
    ...{ submitted: 0, ended: 0, said: "done" },
    ...{ tasks, withoutEnd: 0, kills, unexplained: 0 },
  });
  ok(inHandler >= 0.9 * kills, `${inHandler} kills within a handler`);
});
