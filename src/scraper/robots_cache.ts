/**
 * The robots.txt of each host, asked for once.
 *
 * @module
 */
import * as Cache from "effect/Cache";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Schedule from "effect/Schedule";
import {
  allowAll,
  disallowAll,
  longestRobots,
  mostRobotsRedirects,
  parseRobots,
  readingOf,
  type Robots,
} from "./robots.ts";
import { redirectOf } from "./redirect.ts";
import { refused } from "./refused.ts";
import type { Answer, Sender } from "./sender.ts";
import { VisitError } from "./visit.ts";

/** How many hosts are remembered. */
const capacity = 10_000;

/** What is known of a host. */
export interface Manners {
  readonly robots: Robots;
  /** Why its robots.txt cannot be had, if so: all is disallowed then. */
  readonly error?: VisitError;
}

/** Gives the manners for a URL. */
export type AskManners = (url: URL) => Effect.Effect<Manners>;

/**
 * When a robots.txt is asked for again that could not be had so far. All of a host depends on it, and meanwhile one visit of the
 * host waits, without a place of the crawl.
 */
const patience = Schedule.exponential("15 seconds", 3).pipe(
  Schedule.upTo({ times: 2 }),
);

/** Asks each host once a day (RFC 9309, section 2.4), and again after a minute where it cannot be had. */
export function makeManners(
  sender: Sender,
  userAgent: string,
): Effect.Effect<AskManners> {
  const lookup = (origin: string) =>
    fetchRobots(sender, new URL("/robots.txt", origin), userAgent);
  const timeToLive = (exit: Exit.Exit<Manners>) =>
    Exit.isSuccess(exit) && exit.value.error === undefined
      ? "1 day"
      : "1 minute";
  return Effect.map(
    Cache.makeWith(lookup, { capacity, timeToLive }),
    (cache) => (url) => Cache.get(cache, url.origin),
  );
}

/** Gives leave to ask for a URL, with the rules of its host. */
export type AskLeave = (url: URL) => Effect.Effect<Robots, VisitError>;

/** Gives it always. */
export const anyLeave: AskLeave = () => Effect.succeed(allowAll);

/** Gives it by the manners of hosts. */
export const leaveBy = (manners: AskManners): AskLeave => (url) =>
  Effect.flatMap(manners(url), ({ error, robots }) => {
    if (robots.allows(url)) return Effect.succeed(robots);
    if (error === undefined) {
      return refused(url, "Robots", "robots.txt disallows it");
    }
    // A host that may not be asked for its robots.txt is refused for what it is.
    const { detail, reason } = error;
    return refused(
      url,
      reason === "Address" || reason === "Busy" ? reason : "Robots",
      `robots.txt cannot be had: ${detail}`,
    );
  });

function fetchRobots(
  sender: Sender,
  first: URL,
  userAgent: string,
): Effect.Effect<Manners> {
  return Effect.gen(function* () {
    let url = first;
    for (let redirects = 0;; redirects++) {
      const answer = yield* fetchText(sender, url);
      const to = redirectOf(answer);
      if (redirects < mostRobotsRedirects && to instanceof URL) url = to;
      else return mannersOf(answer, userAgent);
    }
  }).pipe(
    Effect.catch((error) => Effect.succeed({ robots: disallowAll, error })),
  );
}

function mannersOf(
  { body, status, url }: Answer<string>,
  userAgent: string,
): Manners {
  switch (readingOf(status)) {
    case "Read":
      return { robots: parseRobots(body, userAgent) };
    case "AllowAll":
      return { robots: allowAll };
    case "DisallowAll":
      return {
        robots: disallowAll,
        error: new VisitError({
          url: url.href,
          reason: "Robots",
          detail: `the server answered ${status}`,
        }),
      };
  }
}

function fetchText(
  sender: Sender,
  url: URL,
): Effect.Effect<Answer<string>, VisitError> {
  const read = () => {
    const decoder = new TextDecoder();
    let text = "";
    return {
      write: (bytes: Uint8Array) => {
        text += decoder.decode(bytes, { stream: true });
      },
      end: () => text + decoder.decode(),
      maxBytes: longestRobots,
      isCut: true,
    };
  };
  return sender.send({
    url,
    accept: "text/plain, */*;q=0.1",
    delay: 0,
    read,
    passes: (status) => readingOf(status) === "DisallowAll",
    patience,
  });
}
