import axe from "axe-core/axe.min.js" with { type: "text" };
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { PageService } from "../support/tasks/page_service.ts";
import {
  connection,
  desktop,
  fill,
  inBrowser,
  looks,
  problem,
  quiet,
  row,
  secret,
  text,
} from "../support/tasks/page_tests.ts";

inBrowser("stays small under a burst of events", async (open) => {
  await using service = await PageService.start();
  for (let i = 0; i < 300; i++) await service.submit(`t${i}`);
  await using page = await open(service);
  await quiet(page, service);
  await page.evaluate(`(() => {
    window.most = 0;
    window.draws = 0;
    const list = document.querySelector("#tasks");
    new MutationObserver(() => {
      draws++;
      most = Math.max(most, list.children.length);
    }).observe(list, { childList: true, subtree: true, characterData: true });
  })()`);
  const asked = service.asked.length;
  for (let i = 0; i < 1_000; i++) {
    await service.submit(`new${i}`, { priority: i });
  }
  await page.until(row("new999"));
  service.complete("t0");
  for (let i = 0; i < 1_000; i++) service.progress("new999", { done: i });
  await page.until(`${text("new999", "done")} === "999 done"`);
  // A list that is longer than what was asked for.
  const longer = async () => {
    const answer = await fetch(`${service.url}tasks?limit=250&status=pending`);
    return HttpServerResponse.fromWeb(answer);
  };
  service.instead = (path) =>
    path.startsWith("/tasks?limit=100&") ? longer() : undefined;
  await page.click("#filters [data-status=pending]");
  await page.until("document.querySelectorAll('#tasks li').length === 200");
  for (const id of ["one", "two", "three"]) {
    await service.submit(id);
    await page.until(row(id));
  }
  const requests = service.asked.length - asked;
  const [most, draws] = await page.evaluate("[most, draws]") as number[];
  ok(most !== undefined && most <= 200, `${most} rows`);
  ok(draws !== undefined && draws < 60, `${draws} draws`);
  ok(requests < 40, `${requests} requests`);
});

inBrowser("draws what its axes say", async (open) => {
  await using service = await PageService.start();
  await fill(service);
  await using page = await open(service);
  await page.until("document.querySelectorAll('.chart svg').length === 2");
  const labels = (chart: string) =>
    page.evaluate(
      `[...document.querySelectorAll("#${chart} text")].map((t) => t.textContent)`,
    );
  const ages = ["10 min ago", "5 min ago", "now"];
  deepStrictEqual(await labels("depth"), [
    ...["0", "100", "200", "tasks", ...ages],
  ]);
  deepStrictEqual(await labels("ended"), [
    ...["0", "15", "30", "tasks / min", ...ages],
  ]);
  strictEqual(
    await page.evaluate("document.querySelector('#ended svg').ariaLabel"),
    "Ended per minute over 10 minutes, in the last one 24 completed and 12 failed",
  );
});

inBrowser("draws what the service counted", async (open) => {
  await using service = await PageService.start();
  await service.submit("done");
  service.complete("done");
  await service.submit("now");
  await service.submit("next");
  await using page = await open(service);
  for (const chart of ["depth", "ended"]) {
    await page.until(
      `document.querySelector("#${chart} svg")?.ariaLabel.endsWith("no sample yet")`,
    );
  }
  await page.until(
    `document.querySelector("#depth svg").ariaLabel.endsWith("now 1 waiting and 1 running")`,
  );
  await page.until(
    `document.querySelector("#ended svg").ariaLabel.endsWith("1 completed and 0 failed")`,
  );
});

for (const look of looks) {
  const shown = `${look.width}×${look.height}, ${look.dark ? "dark" : "light"}`;
  inBrowser(
    `can be read by all, and needs no scrolling sideways (${shown})`,
    async (open) => {
      const charts = "document.querySelector('.chart svg')";
      const cases = [
        { fills: true, ready: `${row("done")} && ${charts}` },
        { fills: false, ready: charts },
        { token: secret, ready: "!document.querySelector('#login').hidden" },
      ];
      for (const { fills, ready, token } of cases) {
        await using service = await PageService.start(token && { token });
        if (fills) await fill(service);
        await using page = await open(service, look);
        await page.until(ready);
        strictEqual(
          await page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth",
          ),
          true,
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
  await using service = await PageService.start();
  service.instead = (path) =>
    path === "/events" ? problem(503, "Not now.") : undefined;
  const still = { ...desktop, reducedMotion: true };
  for (const look of [desktop, still]) {
    await using page = await open(service, look);
    await page.until(`${connection} === "Reconnecting"`);
    strictEqual(
      await page.evaluate(
        "document.getAnimations({ subtree: true }).length > 0",
      ),
      look.reducedMotion !== true,
    );
  }
});
