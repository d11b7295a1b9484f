import axe from "axe-core/axe.min.js" with { type: "text" };
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { isInstalled } from "../support/printed.ts";
import { Browser, type Look, type Page } from "../support/tasks/browser.ts";
import { PageServer } from "../support/tasks/page_server.ts";

const hasChromium = await isInstalled("chromium");

const desktop: Look = { width: 1280, height: 800 };
const phone: Look = { width: 390, height: 844 };
const looks: readonly Look[] = [desktop, phone].flatMap((look) => [
  look,
  { ...look, dark: true },
]);
const hostile = "<img src=x onerror='document.title=1'>";
const long = "0123456789abcdef".repeat(16);

/** A test in a browser, skipped where there is none. */
function inBrowser(
  name: string,
  test: (
    open: (server: PageServer, look?: Look) => Promise<Page>,
  ) => Promise<void>,
): void {
  Deno.test({
    name: `the page of tasks ${name}`,
    ignore: !hasChromium,
    fn: async () => {
      await using browser = await Browser.start();
      await test((server, look = desktop) => browser.open(server.url, look));
    },
  });
}

/** A row, as an expression. */
function row(id: string): string {
  return `document.querySelector("#tasks [data-id='${id}']")`;
}

/** What stands in a part of a row, as an expression. */
function text(id: string, part: string): string {
  return `${row(id)}?.querySelector(".${part}").innerText`;
}

function connection(): string {
  return "document.querySelector('#connection').textContent";
}

/** Waits until the page is live, and has all that it asks for then. */
async function quiet(page: Page, server: PageServer): Promise<void> {
  await page.until(`${connection()} === "Live"`);
  const lists = () =>
    server.asked.filter((each) => each.startsWith("GET /tasks")).length;
  for (let before = -1; before !== lists();) {
    before = lists();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
  }
}

/** The ids of the rows, from the first on. */
async function ids(page: Page): Promise<unknown> {
  return await page.evaluate(
    "[...document.querySelectorAll('#tasks li')].map((li) => li.dataset.id)",
  );
}

/** One of each kind, with all that a row may show, and hostile or long where it may be. */
function fill(server: PageServer): void {
  const past = new Date(Date.now() - 100_000).toISOString();
  const ended = { attempts: 2, startedAt: past, finishedAt: past };
  server.set("done", { status: "completed", ...ended });
  server.set("bad", { status: "failed", error: hostile + long, ...ended });
  server.set("off", { status: "cancelled", lane: long, priority: 3 });
  server.set("now", {
    ...{ status: "running", startedAt: past, attempts: 1 },
    progress: { done: 30, total: 120, message: hostile },
  });
  server.set("next", { name: hostile + long });
  server.set(long, { status: "scheduled", runAt: "2999-01-01T00:00:00.000Z" });
  server.history = Array.from({ length: 120 }, (_, i) => ({
    at: new Date(Date.now() - (119 - i) * 5_000).toISOString(),
    ...{ waiting: i, running: 3, completed: 2, failed: 1 },
  }));
}

inBrowser("shows tasks, newest first, and how they change", async (open) => {
  await using server = new PageServer();
  fill(server);
  await using page = await open(server);
  await quiet(page, server);
  deepStrictEqual(await ids(page), [long, "next", "now", "off", "bad", "done"]);
  strictEqual(await page.evaluate(text("bad", "more")), "2 attempts");
  strictEqual(
    await page.evaluate(`${text("now", "when")}.split("started ")[1]`),
    "2 min. ago",
  );
  strictEqual(
    await page.evaluate(`${row("now")}.querySelectorAll("time")[1].title`),
    server.tasks.get("now")?.startedAt,
  );

  server.set("new", { name: "fresh" });
  await page.until(`${text("new", "name")} === "fresh"`);
  deepStrictEqual((await ids(page) as string[])[0], "new");
  server.set("new", { status: "running", progress: { done: 3, total: 4 } });
  await page.until(`${text("new", "status")} === "running"`);
  await page.until(`${text("new", "done")} === "3 of 4"`);
  deepStrictEqual(
    await page.evaluate(
      `(({ ariaLabel, position }) => [ariaLabel, position])(${
        row("new")
      }.querySelector("progress"))`,
    ),
    ["Progress of fresh", 0.75],
  );
  server.set("new", { progress: { done: 4 } });
  await page.until(`${text("new", "done")} === "4 done"`);
  server.set("new", { status: "failed", error: "no luck", attempts: 7 });
  await page.until(`${text("new", "status")} === "failed"`);
  await page.until(`${text("new", "error")} === "no luck"`);
  await page.until(`${text("new", "more")} === "7 attempts"`);
});

inBrowser("cancels and retries, by mouse and by keyboard", async (open) => {
  await using server = new PageServer();
  server.set("bad", { status: "failed" });
  server.set("now", { status: "running" });
  await using page = await open(server);
  await quiet(page, server);
  const asked = () => server.asked.filter((each) => each.startsWith("POST"));

  await page.click("[data-id=now] .cancel");
  await page.until(`${text("now", "status")} === "cancelled"`);
  deepStrictEqual(asked(), ["POST /tasks/now/cancel"]);
  await page.until(
    "document.querySelector('#notice').textContent === 'Cancelled: resize'",
  );
  strictEqual(await page.evaluate(text("now", "actions")), "Retry");

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
  strictEqual(
    await page.evaluate(`document.activeElement === ${row("bad")}`),
    true,
  );
});

inBrowser("says why it could not cancel", async (open) => {
  await using server = new PageServer();
  server.set("now", { status: "running" });
  await using page = await open(server);
  await quiet(page, server);
  server.tasks.delete("now");
  await page.click("[data-id=now] .cancel");
  await page.until(
    "document.querySelector('#notice').textContent === 'Could not cancel resize: There is no task now.'",
  );
});

inBrowser("counts and filters by status", async (open) => {
  await using server = new PageServer();
  fill(server);
  await using page = await open(server);
  await quiet(page, server);
  const number = (status: string) =>
    `document.querySelector("[data-status=${status}] .number").textContent`;
  await page.until(`${number("all")} === "6" && ${number("failed")} === "1"`);

  await page.click("#filters [data-status=failed]");
  await page.until(`${row("bad")} && !${row("done")}`);
  deepStrictEqual(await ids(page), ["bad"]);
  ok(server.asked.includes("GET /tasks?limit=100&status=failed"));
  server.set("now", { status: "failed" });
  server.set("next", { status: "running" });
  await page.until(`${row("now")} && ${number("failed")} === "2"`);
  server.listsFail = true;
  server.set("bad", { status: "pending" });
  await page.until(`!${row("bad")}`);
  deepStrictEqual(await ids(page), ["now"]);
  const asked = (path: string) =>
    server.asked.filter((each) => each === `GET ${path}`).length;
  ok(asked("/stats") > asked("/history"));
});

inBrowser("pages to older tasks and back", async (open) => {
  await using server = new PageServer();
  for (let i = 0; i < 150; i++) server.set(`t${i}`, {});
  await using page = await open(server);
  await quiet(page, server);
  await page.click("#older");
  await page.until(row("t0"));
  strictEqual(
    await page.evaluate("document.activeElement.dataset.status"),
    "all",
  );
  strictEqual((await ids(page) as string[])[0], "t49");
  server.set("new", {});
  server.set("t3", { status: "running" });
  await page.until(`${text("t3", "status")} === "running"`);
  await quiet(page, server);
  strictEqual(await page.evaluate(`${row("new")} === null`), true);
  await page.click("#newer");
  await page.until(row("new"));
  deepStrictEqual((await ids(page) as string[]).slice(0, 2), ["new", "t149"]);
});

inBrowser(
  "asks for a token where one is needed, and keeps it",
  async (open) => {
    await using server = new PageServer("secret");
    server.set("now", { status: "running" });
    await using page = await open(server);
    const login = "document.querySelector('#login')";
    await page.until(
      `!${login}.hidden && document.activeElement.id === "token"`,
    );
    await page.type("wrong");
    await page.press("Enter");
    await page.until(
      "document.querySelector('#token-error').textContent === 'This token was not accepted.'",
    );
    await page.type("secret");
    await page.press("Enter");
    await page.until(`${row("now")} && ${connection()} === "Live"`);
    strictEqual(await page.evaluate(`${login}.hidden`), true);
    await page.send("Page.reload");
    await page.until(`performance.now() < 5_000 && ${row("now")}`);
    strictEqual(await page.evaluate(`${login}.hidden`), true);
  },
);

inBrowser("takes up the stream where it was cut off", async (open) => {
  await using server = new PageServer();
  server.set("one", {});
  server.set("two", {});
  await using page = await open(server);
  await quiet(page, server);
  server.set("one", { status: "running" });
  await page.until(`${text("one", "status")} === "running"`);

  server.refuses = true;
  server.drop();
  await page.until(`${connection()} === "Reconnecting"`);
  strictEqual(
    await page.evaluate("document.querySelector('#connection').role"),
    "status",
  );
  server.set("one", { status: "completed" });
  server.set("two", { status: "failed" });
  server.set("three", {});
  // What was missed is known from the stream alone.
  server.listsFail = true;
  server.refuses = false;
  await page.until(`${connection()} === "Live"`);
  await page.until(`${text("one", "status")} === "completed"`);
  await page.until(`${text("two", "status")} === "failed"`);
  deepStrictEqual(server.resumedAt, [null, "3"]);
  server.listsFail = false;
  await page.until(row("three"));
  deepStrictEqual(await ids(page), ["three", "two", "one"]);
});

inBrowser("takes names and errors for text", async (open) => {
  await using server = new PageServer();
  fill(server);
  await using page = await open(server);
  await page.until(row("next"));
  server.set("now", { error: hostile });
  server.set("now", { status: "failed" });
  await page.until(`${text("now", "error")} === ${JSON.stringify(hostile)}`);
  ok(
    String(await page.evaluate(text("next", "name"))).startsWith(hostile),
  );
  deepStrictEqual(
    await page.evaluate(
      "[document.querySelectorAll('img').length, document.title]",
    ),
    [0, "Tasks"],
  );
});

inBrowser("stays small under a burst of events", async (open) => {
  await using server = new PageServer();
  for (let i = 0; i < 300; i++) server.set(`t${i}`, {});
  await using page = await open(server);
  await quiet(page, server);
  await page.evaluate(`(() => {
    window.most = 0;
    window.draws = 0;
    const list = document.querySelector("#tasks");
    new MutationObserver(() => {
      draws++;
      most = Math.max(most, list.children.length);
    }).observe(list, { childList: true, subtree: true, characterData: true });
  })()`);
  const asked = server.asked.length;
  for (let i = 0; i < 1_000; i++) server.set(`new${i}`, { name: `n${i}` });
  await page.until(row("new999"));
  for (let i = 0; i < 1_000; i++) {
    server.set("new999", { status: "running", progress: { done: i } });
  }
  await page.until(`${text("new999", "done")} === "999 done"`);
  server.longLists = true;
  await page.click("#filters [data-status=pending]");
  await page.until("document.querySelectorAll('#tasks li').length === 200");
  for (const id of ["one", "two", "three"]) {
    server.set(id, {});
    await page.until(row(id));
  }
  const requests = server.asked.length - asked;
  const [most, draws] = await page.evaluate("[most, draws]") as number[];
  ok(most !== undefined && most <= 200, `${most} rows`);
  ok(
    draws !== undefined && draws < 60,
    `${draws} draws`,
  );
  ok(requests < 40, `${requests} requests`);
});

inBrowser("draws what its axes say", async (open) => {
  await using server = new PageServer();
  fill(server);
  await using page = await open(server);
  await page.until("document.querySelectorAll('.chart svg').length === 2");
  const words = (chart: string) =>
    page.evaluate(
      `[...document.querySelectorAll("#${chart} text")].map((t) => t.textContent)`,
    );
  const ages = ["10 min ago", "5 min ago", "now"];
  deepStrictEqual(await words("depth"), [
    ...["0", "100", "200", "tasks", ...ages],
  ]);
  deepStrictEqual(await words("ended"), [
    ...["0", "15", "30", "tasks / min", ...ages],
  ]);
  strictEqual(
    await page.evaluate("document.querySelector('#ended svg').ariaLabel"),
    "Ended per minute over 10 minutes, in the last one 24 completed and 12 failed",
  );
});

for (const look of looks) {
  const shown = `${look.width}×${look.height}, ${look.dark ? "dark" : "light"}`;
  inBrowser(
    `can be read by all, and needs no scrolling sideways (${shown})`,
    async (open) => {
      for (const token of [undefined, "secret"]) {
        await using server = new PageServer(token);
        fill(server);
        await using page = await open(server, look);
        const ready = token === undefined
          ? `${row("done")} && document.querySelector(".chart svg")`
          : "!document.querySelector('#login').hidden";
        await page.until(ready);
        strictEqual(
          await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth",
          ),
          0,
        );
        await page.evaluate(axe);
        deepStrictEqual(
          await page.evaluate(
            "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map((n) => n.html)]))",
          ),
          [],
        );
      }
    },
  );
}

inBrowser("stands still where motion is not wanted", async (open) => {
  await using server = new PageServer();
  server.refuses = true;
  const still = { ...desktop, reducedMotion: true };
  for (const look of [desktop, still]) {
    await using page = await open(server, look);
    await page.until(`${connection()} === "Reconnecting"`);
    strictEqual(
      await page.evaluate(
        "document.getAnimations({ subtree: true }).length > 0",
      ),
      look.reducedMotion !== true,
    );
  }
});
