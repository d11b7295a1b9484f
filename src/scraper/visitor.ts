/**
 * One visit: manners first, then the request, then what is on the page.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as DateTime from "effect/DateTime";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type { Entry, FrontierError } from "./frontier.ts";
import { noPage, type PageBody, readPage } from "./page.ts";
import { redirectOf } from "./redirect.ts";
import { refused } from "./refused.ts";
import type { AskLeave } from "./robots_cache.ts";
import {
  directivesOfHeader,
  directivesOfMeta,
  strictest,
} from "./robots_meta.ts";
import type { Answer, Ask, Sender, Times } from "./sender.ts";
import type { Settings } from "./settings.ts";
import type { Trail } from "./trail.ts";
import type { Turns } from "./turns.ts";
import type { Failed, Visit, VisitBase, VisitError } from "./visit.ts";

/** How many redirects are followed, one after another (as browsers do). */
const mostRedirects = 20;

const accept = "text/html,application/xhtml+xml,text/*;q=0.8,*/*;q=0.1";

/** What visits are made with. */
export interface Means {
  readonly sender: Sender;
  readonly leave: AskLeave;
  readonly settings: Settings;
  readonly trail: Trail;
  readonly turns: Turns;
}

/** Visits URLs. */
export class Visitor {
  constructor(private readonly means: Means) {}

  /**
   * What comes of a URL, whose links are in the frontier by then. `onStart` is called when it is asked for. A page keeps its
   * place of the crawl until it was handed out, so that no more pages wait for that than there are places.
   */
  visit<E>(
    entry: Entry,
    onStart: () => void,
    handOut: (visit: Visit) => Effect.Effect<void, E>,
  ): Effect.Effect<void, FrontierError | E> {
    const place = this.means.turns.place();
    const url = new URL(entry.url);
    return Effect.flatMap(Clock.currentTimeMillis, (startedAt) => {
      const times = { startedAt, elapsed: 0 };
      return this.ask(entry, url, { times, onStart, place }).pipe(
        Effect.catchTag("VisitError", (error) =>
          Effect.succeed<Failed>({
            _tag: "Failed",
            ...baseOf(entry, times),
            error,
          })),
        Effect.flatMap(handOut),
        Effect.ensuring(place.release),
      );
    });
  }

  private ask(
    entry: Entry,
    url: URL,
    asking: Pick<Ask<unknown>, "onStart" | "place"> & {
      readonly times: Times;
    },
  ): Effect.Effect<Visit, VisitError | FrontierError> {
    const { times } = asking;
    const { leave, sender, settings } = this.means;
    return Effect.gen({ self: this }, function* () {
      const { crawlDelay = 0 } = yield* leave(url);
      const answer = yield* sender.send({
        ...{ url, accept, ...asking },
        delay: crawlDelay,
        read: (head) =>
          redirectOf(head) === undefined ? readPage(head, settings) : noPage,
      });
      const to = redirectOf(answer);
      return to === undefined
        ? yield* this.page(entry, answer, times)
        : yield* this.moved(entry, answer, to, times);
    });
  }

  private moved(
    entry: Entry,
    { headers, status, url }: Answer<unknown>,
    to: URL | string,
    times: Times,
  ): Effect.Effect<Visit, VisitError | FrontierError> {
    const { trail } = this.means;
    const lost = (detail: string) => refused(url, "Redirect", detail);
    if (typeof to === "string") return lost(`it leads nowhere, to "${to}"`);
    const name = trail.nameOf(to);
    if (!trail.inScope(to)) return lost(`it leads out of scope, to ${name}`);
    if ((entry.redirects ?? 0) >= mostRedirects) {
      return lost(`it is the ${mostRedirects + 1}st redirect in a row`);
    }
    return Effect.as(trail.redirect(entry, name, to), {
      _tag: "Moved",
      ...baseOf(entry, times),
      ...{ status, headers, to: name },
    });
  }

  private page(
    entry: Entry,
    { body, headers, status }: Answer<PageBody>,
    times: Times,
  ): Effect.Effect<Visit, FrontierError> {
    const { settings: { product, robots }, trail } = this.means;
    const { nofollow, noindex } = strictest(
      directivesOfHeader(headers["x-robots-tag"], product),
      directivesOfMeta(body.metas, product),
    );
    const links = new Map(
      (robots && nofollow ? [] : body.links).map((link) =>
        [trail.nameOf(link), link] as const
      ),
    );
    const followed = status < 400 ? trail.follow(entry, links) : Effect.void;
    return Effect.as(followed, {
      _tag: "Page",
      ...baseOf(entry, times),
      ...{ status, headers, content: body.content, noindex },
      ...(body.title === undefined ? {} : { title: body.title }),
      links: [...links.keys()],
    });
  }
}

function baseOf(
  { depth, referrer, url }: Entry,
  { elapsed, startedAt }: Times,
): VisitBase {
  return {
    ...{ url, depth },
    ...(referrer === undefined ? {} : { referrer }),
    startedAt: DateTime.makeUnsafe(startedAt),
    elapsed: Duration.millis(elapsed),
  };
}
