import * as DateTime from "effect/DateTime";
import * as Effect from "effect/Effect";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { hostile, long, PageService } from "../support/tasks/page_service.ts";
import {
  connection,
  fill,
  ids,
  inBrowser,
  notice,
  problem,
  quiet,
  row,
  secret,
  text,
  words,
} from "../support/tasks/page_tests.ts";
import { ServiceProcess } from "../support/tasks/service_process.ts";

inBrowser("shows tasks, newest first, and how they change", async (open) => {
  await using service = await PageService.start();
  await fill(service);
  await using page = await open(service);
  await quiet(page, service);
  deepStrictEqual(await ids(page), [long, "next", "now", "off", "bad", "done"]);
  strictEqual(await page.evaluate(text("bad", "more")), "2 attempts");
  strictEqual(
    await page.evaluate(text("off", "more")),
    `0 attempts · priority -3 · lane ${long.slice(0, 200)}…`,
  );
  strictEqual(
    await page.evaluate(`${row("now")}.querySelectorAll("time")[1].title`),
    DateTime.formatIso((await service.look("now")).startedAt!),
  );

  await service.submit("new", { priority: 1 });
  await page.until(`${text("new", "name")} === "resize"`);
  deepStrictEqual((await ids(page) as string[])[0], "new");
  service.progress("new", { done: 3, total: 4 });
  service.complete("now");
  await page.until(`${text("now", "status")} === "completed"`);
  await page.until(`${text("new", "status")} === "running"`);
  await page.until(`${text("new", "done")} === "3 of 4"`);
  deepStrictEqual(
    await page.evaluate(
      `(({ ariaLabel, position }) => [ariaLabel, position])(${
        row("new")
      }.querySelector("progress"))`,
    ),
    ["Progress of resize", 0.75],
  );
  service.progress("new", { done: 4 });
  await page.until(`${text("new", "done")} === "4 done"`);
  service.fail("new", "no luck");
  await page.until(`${text("new", "status")} === "failed"`);
  await page.until(`${text("new", "error")} === "no luck"`);
  await page.until(`${text("new", "more")} === "1 attempt · priority 1"`);
});

inBrowser("tells times from now, and never ahead", async (open) => {
  await using service = await PageService.start();
  await service.submit("now");
  await service.until("now", "running");
  await using page = await open(service);
  await quiet(page, service);
  const shift = (seconds: number) =>
    page.evaluate(`Date.now = () => new Date().getTime() + ${seconds * 1_000}`);
  const shown = async () => {
    service.progress("now", { done: Math.random() });
    const done = text("now", "done");
    const before = await page.evaluate(done);
    await page.until(`${done} !== ${JSON.stringify(before)}`);
    return await page.evaluate(text("now", "when"));
  };
  await shift(100);
  strictEqual(await shown(), "created 2 min. ago, started 2 min. ago");
  await shift(-100);
  strictEqual(await shown(), "created now, started now");
});

inBrowser("cancels and retries, by mouse and by keyboard", async (open) => {
  await using service = await PageService.start();
  await service.submit("bad");
  service.fail("bad", "no luck");
  await service.until("bad", "failed");
  await service.submit("now");
  await service.until("now", "running");
  await service.submit("other");
  await using page = await open(service);
  await quiet(page, service);
  const asked = () => service.asked.filter((each) => each.startsWith("POST"));

  await page.click("[data-id=now] .cancel");
  await page.until(`${text("now", "status")} === "cancelled"`);
  deepStrictEqual(asked(), ["POST /tasks/now/cancel"]);
  await page.until(`${notice} === "Cancelled: resize"`);
  await service.until("now", "cancelled");
  strictEqual(await page.evaluate(text("now", "actions")), "Retry");
  await page.until(`${text("other", "status")} === "running"`);

  await page.evaluate("document.activeElement.blur()");
  for (let i = 0; i < 20; i++) {
    await page.press("Tab");
    const there = `document.activeElement.matches("[data-id=bad] .retry")`;
    if (await page.evaluate(there)) break;
  }
  const outline = "getComputedStyle(document.activeElement).outlineStyle";
  strictEqual(await page.evaluate(outline), "solid");
  await page.press("Enter");
  await page.until(`${text("bad", "status")} === "pending"`);
  deepStrictEqual(asked().slice(1), ["POST /tasks/bad/retry"]);
  strictEqual((await service.look("bad")).status, "pending");
  strictEqual(
    await page.evaluate(`document.activeElement === ${row("bad")}`),
    true,
  );
});

inBrowser("says why it could not cancel", async (open) => {
  await using service = await PageService.start();
  await service.submit("now");
  await service.until("now", "running");
  await using page = await open(service);
  await quiet(page, service);
  service.instead = (path) =>
    path.endsWith("/cancel") ? problem(429, "Too many at once.") : undefined;
  await page.click("[data-id=now] .cancel");
  await page.until(
    `${notice} === "Could not cancel resize: Too many at once."`,
  );
  await service.stop();
  await page.click("[data-id=now] .cancel");
  await page.until(
    `${notice} === "Could not cancel resize: The service cannot be reached."`,
  );
});

inBrowser("says when the list cannot be loaded, until it can", async (open) => {
  await using service = await PageService.start();
  await service.submit("now");
  service.instead = (path) =>
    path.startsWith("/tasks") ? problem(503, "Not now.") : undefined;
  await using page = await open(service);
  await page.until(`${notice} === "The list could not be loaded: Not now."`);
  service.instead = () => undefined;
  await page.until(row("now"));
  await page.until(`${notice} === ""`);
});

inBrowser(
  "leaves out what is forgotten, and does not complain",
  async (open) => {
    await using service = await PageService.start();
    await service.submit("now");
    await service.submit("gone");
    await using page = await open(service);
    await quiet(page, service);
    service.instead = (path) =>
      path === "/tasks/gone"
        ? problem(404, "There is no task gone.")
        : undefined;
    const asked = service.asked.length;
    await service.cancel("gone");
    await page.until(`${text("gone", "status")} === "cancelled"`);
    await quiet(page, service);
    deepStrictEqual(
      service.asked.slice(asked).filter((each) => each.includes("/tasks")),
      ["GET /tasks/gone", "GET /tasks?limit=100"],
    );
    strictEqual(await page.evaluate(notice), "");
  },
);

inBrowser("counts and filters by status", async (open) => {
  await using service = await PageService.start();
  await fill(service);
  await using page = await open(service);
  await quiet(page, service);
  const number = (status: string) => words(`[data-status=${status}] .number`);
  await page.until(`${number("all")} === "6" && ${number("failed")} === "1"`);

  await page.click("#filters [data-status=failed]");
  await page.until(`${row("bad")} && !${row("done")}`);
  deepStrictEqual(await ids(page), ["bad"]);
  ok(service.asked.includes("GET /tasks?limit=100&status=failed"));
  service.fail("now", "no luck");
  await page.until(`${row("now")} && ${number("failed")} === "2"`);
  deepStrictEqual(await ids(page), ["now", "bad"]);
  service.instead = (path) =>
    path.startsWith("/tasks") ? problem(503, "Not now.") : undefined;
  await service.retry("bad");
  await page.until(`!${row("bad")}`);
  deepStrictEqual(await ids(page), ["now"]);
  const asked = (path: string) =>
    service.asked.filter((each) => each === `GET ${path}`).length;
  ok(asked("/stats") > asked("/history"));
});

inBrowser("pages to older tasks and back", async (open) => {
  await using service = await PageService.start();
  for (let i = 0; i < 150; i++) await service.submit(`t${i}`);
  await using page = await open(service);
  await quiet(page, service);
  await page.click("#older");
  await page.until(row("t0"));
  strictEqual(
    await page.evaluate("document.activeElement.dataset.status"),
    "all",
  );
  strictEqual((await ids(page) as string[])[0], "t49");
  await service.submit("new");
  service.complete("t0");
  await page.until(`${text("t0", "status")} === "completed"`);
  await page.until(`${text("t1", "status")} === "running"`);
  await quiet(page, service);
  strictEqual(await page.evaluate(`${row("new")} === null`), true);
  await page.click("#newer");
  await page.until(row("new"));
  deepStrictEqual((await ids(page) as string[]).slice(0, 2), ["new", "t149"]);
});

inBrowser(
  "asks for a token where one is needed, and keeps it",
  async (open) => {
    await using service = await PageService.start({ token: secret });
    await service.submit("now");
    await using page = await open(service);
    const login = "document.querySelector('#login')";
    await page.until(
      `!${login}.hidden && document.activeElement.id === "token"`,
    );
    await page.type("wrong");
    await page.press("Enter");
    await page.until(
      `${words("#token-error")} === "This token was not accepted."`,
    );
    await page.type("secret");
    await page.press("Enter");
    await page.until(`${row("now")} && ${connection} === "Live"`);
    strictEqual(await page.evaluate(`${login}.hidden`), true);
    await page.send("Page.reload");
    await page.until(`performance.now() < 5_000 && ${row("now")}`);
    strictEqual(await page.evaluate(`${login}.hidden`), true);
  },
);

inBrowser("takes up the stream where a server left it", async (open) => {
  await using service = await PageService.start({ workers: 2 });
  await service.submit("one");
  await service.submit("two");
  await using page = await open(service);
  await quiet(page, service);
  service.progress("one", { done: 1 });
  await page.until(`${text("one", "done")} === "1 done"`);
  const seen = await Effect.runPromise(service.manager.lastEvent);

  await service.stop();
  await page.until(`${connection} === "Reconnecting"`);
  strictEqual(
    await page.evaluate("document.querySelector('#connection').role"),
    "status",
  );
  service.complete("one");
  service.fail("two", "no luck");
  await service.until("two", "failed");
  await service.submit("three");
  // What was missed is known from the stream alone.
  service.instead = (path) =>
    path.startsWith("/tasks") ? problem(503, "Not now.") : undefined;
  await service.serve();
  await page.until(`${connection} === "Live"`);
  await page.until(`${text("one", "status")} === "completed"`);
  await page.until(`${text("two", "status")} === "failed"`);
  deepStrictEqual(service.resumedAt, [undefined, String(seen)]);
  service.instead = () => undefined;
  await page.until(row("three"));
  deepStrictEqual(await ids(page), ["three", "two", "one"]);
});

inBrowser("misses nothing from before the stream", async (open) => {
  await using service = await PageService.start();
  await service.submit("one");
  service.instead = (path) =>
    path === "/events" ? problem(503, "Not now.") : undefined;
  await using page = await open(service);
  await page.until(`${row("one")} && ${connection} === "Reconnecting"`);
  await service.submit("two");
  service.instead = () => undefined;
  await page.until(row("two"));
});

inBrowser("shows what happens in another process", async (open) => {
  await using first = await ServiceProcess.start();
  await using second = await ServiceProcess.start(first.database);
  await using here = await open(first);
  await using there = await open(second);
  const both = async (expression: string) => {
    await here.until(expression);
    await there.until(expression);
  };
  await both(`${connection} === "Live"`);
  await first.submit("a", { name: "slow" });
  await both(`${text("a", "status")} === "running"`);
  await there.click("[data-id=a] .cancel");
  await both(`${text("a", "status")} === "cancelled"`);
  await second.submit("b", { name: "double", payload: { n: 1 } });
  await both(`${text("b", "status")} === "completed"`);
  await here.click("[data-id=a] .retry");
  await both(`${text("a", "status")} === "running"`);
});

inBrowser("takes names and errors for text", async (open) => {
  await using service = await PageService.start();
  await fill(service);
  await using page = await open(service);
  await page.until(row("next"));
  service.fail("now", hostile);
  await page.until(`${text("now", "error")} === ${JSON.stringify(hostile)}`);
  ok(String(await page.evaluate(text("next", "name"))).startsWith(hostile));
  deepStrictEqual(
    await page.evaluate(
      "[document.querySelectorAll('img').length, document.title]",
    ),
    [0, "Tasks"],
  );
});
