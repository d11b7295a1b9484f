/**
 * An internet in this process: what is sent to it, and what it answers.
 *
 * @module
 */
import { type Frontier, Scraper } from "@weir/weir/scraper";
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as HttpClient from "effect/http/HttpClient";
import * as HttpClientResponse from "effect/http/HttpClientResponse";
import * as Layer from "effect/Layer";
import {
  type Behaviour,
  crawled,
  type Outcome,
  timeGoesBy,
} from "./crawled.ts";

/** A request that was sent. */
export interface Sent {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** When, in milliseconds. */
  readonly at: number;
}

/** Answers a request, or never does. */
export type Answers = (url: URL) => Response | "never";

/** An internet, and what was sent to it. */
export interface Wired {
  readonly sent: Array<Sent>;
  /** What was sent, besides what asks for a robots.txt. */
  readonly asked: () => ReadonlyArray<string>;
  readonly layer: Layer.Layer<HttpClient.HttpClient>;
}

/** Whose names are those of public hosts, unless `names` says something else. */
export function wired(
  answers: Answers,
  names: Readonly<Record<string, ReadonlyArray<string>>> = {},
): Wired {
  const sent: Array<Sent> = [];
  const client = HttpClient.make((request, url) =>
    Effect.flatMap(Clock.currentTimeMillis, (at) => {
      sent.push({ url: url.href, headers: request.headers, at });
      const answer = answers(url);
      return answer === "never"
        ? Effect.never
        : Effect.succeed(HttpClientResponse.fromWeb(request, answer));
    })
  );
  const resolve: Scraper.Resolve = (hostname) =>
    Effect.succeed(names[hostname] ?? ["93.184.215.14"]);
  return {
    sent,
    asked: () =>
      sent.map(({ url }) => url).filter((url) => !url.endsWith("/robots.txt")),
    layer: Layer.merge(
      Layer.succeed(HttpClient.HttpClient, client),
      Layer.succeed(Scraper.HostResolver, resolve),
    ),
  };
}

/** Crawls to the end of what was wired, as time goes by. */
export const crawledOn = (
  { layer }: Wired,
  options: Scraper.CrawlOptions,
  behaviour?: Behaviour,
): Effect.Effect<Outcome, Frontier.FrontierError> =>
  crawled(options, behaviour).pipe(Effect.provide(layer), timeGoesBy);

/** A page of HTML. */
export function html(body: string, init: ResponseInit = {}): Response {
  const headers = new Headers(init.headers);
  headers.set("content-type", "text/html; charset=utf-8");
  return new Response(body, { ...init, headers });
}

/** A page with links. */
export function linking(...links: ReadonlyArray<string>): Response {
  return html(links.map((link) => `<a href="${link}">x</a>`).join("\n"));
}

/** A redirect. */
export function redirect(location: string, status = 302): Response {
  return new Response("", { status, headers: { location } });
}

/** There is nothing. */
export function nothing(): Response {
  return new Response("", { status: 404 });
}

/** Answers of paths, for a site whose other paths, as its robots.txt, are not there. */
export function site(
  pages: Readonly<Record<string, () => Response | "never">>,
): Answers {
  return ({ pathname, search }) => pages[pathname + search]?.() ?? nothing();
}
