/**
 * Tests of the page of tasks in a browser.
 *
 * @module
 */
import * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as Redacted from "effect/Redacted";
import { isInstalled } from "../printed.ts";
import { Browser, type Look, type Page } from "./browser.ts";
import { hostile, long, type PageService } from "./page_service.ts";

const hasChromium = await isInstalled("chromium");

export const desktop: Look = { width: 1280, height: 800 };
const phone: Look = { width: 390, height: 844 };
export const looks: readonly Look[] = [desktop, phone].flatMap((look) => [
  look,
  { ...look, dark: true },
]);
const later = "2999-01-01T00:00:00.000Z";
export const secret: Redacted.Redacted = Redacted.make("secret");

/** A test in a browser, skipped where there is none. */
export function inBrowser(
  name: string,
  test: (
    open: (service: { readonly url: string }, look?: Look) => Promise<Page>,
  ) => Promise<void>,
): void {
  Deno.test({
    name: `the page of tasks ${name}`,
    ignore: !hasChromium,
    fn: async () => {
      await using browser = await Browser.start();
      await test((service, look = desktop) => browser.open(service.url, look));
    },
  });
}

/** A row, as an expression. */
export function row(id: string): string {
  return `document.querySelector("#tasks [data-id='${id}']")`;
}

/** What stands in a part of a row, as an expression. */
export function text(id: string, part: string): string {
  return `${row(id)}?.querySelector(".${part}").innerText`;
}

/** What stands in an element, as an expression. */
export function words(selector: string): string {
  return `document.querySelector("${selector}").textContent`;
}

export const connection: string = words("#connection");
export const notice: string = words("#notice");

/** Waits until the page is live, and has all that it asks for then. */
export async function quiet(page: Page, service: PageService): Promise<void> {
  await page.until(`${connection} === "Live"`);
  const lists = () =>
    service.asked.filter((each) => each.startsWith("GET /tasks")).length;
  for (let before = -1; before !== lists();) {
    before = lists();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
  }
}

/** The ids of the rows, from the first on. */
export async function ids(page: Page): Promise<unknown> {
  return await page.evaluate(
    "[...document.querySelectorAll('#tasks li')].map((li) => li.dataset.id)",
  );
}

/** What happened in the last ten minutes, said in place of the service. */
const history = HttpServerResponse.jsonUnsafe(
  Array.from({ length: 120 }, (_, i) => ({
    at: new Date(Date.now() - (119 - i) * 5_000).toISOString(),
    ...{ waiting: i, running: 3, completed: 2, failed: 1 },
  })),
);

export function problem(
  status: number,
  detail: string,
): HttpServerResponse.HttpServerResponse {
  return HttpServerResponse.jsonUnsafe({
    ...{ type: "about:blank", title: detail, status, detail },
  }, { status });
}

/** Tasks of each status, with all that a row may show, and hostile or long where it may be. */
export async function fill(service: PageService): Promise<void> {
  await service.submit("done");
  service.complete("done");
  await service.until("done", "completed");
  await service.submit("bad", { kind: "send" });
  service.fail("bad", "once");
  service.fail("bad", hostile + long);
  await service.until("bad", "failed");
  await service.submit("off", { kind: "crop", priority: -3, runAt: later });
  await service.cancel("off");
  await service.submit("now");
  service.progress("now", { done: 30, total: 120, message: hostile });
  await service.until("now", "running");
  await service.submit("next", { kind: "hostile" });
  await service.submit(long, { runAt: later });
  service.instead = (path) => path === "/history" ? history : undefined;
}
