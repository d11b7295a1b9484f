// deno-lint-ignore-file no-console
import { deepStrictEqual, ok } from "node:assert/strict";
import { printedBy } from "../support/printed.ts";

const tasks = 5000;
const kills = 100;

Deno.test("a hundred kills lose no task, and each extra run is explained by a lease", async () => {
  const printed = await printedBy(
    ...["--allow-read", "--allow-write"],
    ...["--allow-run", "tests/support/tasks/kills.ts"],
    ...[`${tasks}`, `${kills}`],
  );
  const found = JSON.parse(printed);
  console.log(found);
  const { doubles: _, inHandler, mostAttempts: __, runs: ___, ...rest } = found;
  deepStrictEqual(rest, {
    ...{ submitted: 0, ended: 0, said: "done" },
    ...{ tasks, withoutEnd: 0, kills, unexplained: 0 },
  });
  ok(inHandler >= 0.9 * kills, `${inHandler} kills within a handler`);
});
