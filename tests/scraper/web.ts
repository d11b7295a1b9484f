/**
 * A web that does not exist: its pages are made as they are asked for, the same from the same seed, and what is asked is
 * written down.
 *
 * @module
 */
import { Scraper } from "@weir/weir/scraper";
import type * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Headers from "effect/http/Headers";
import * as HttpClient from "effect/http/HttpClient";
import { HttpClientError, TransportError } from "effect/http/HttpClientError";
import type { HttpClientRequest } from "effect/http/HttpClientRequest";
import type { HttpClientResponse } from "effect/http/HttpClientResponse";
import * as Layer from "effect/Layer";
import * as Stream from "effect/Stream";

/** What a web is like. */
export interface Shape {
  readonly seed: number;
  readonly hosts: number;
  /** Of each host. */
  readonly pages: number;
  /** How long an answer takes at most, in milliseconds; half of it before its head. */
  readonly latency: number;
  /** Whether there are redirects, errors, and hosts that want to be left alone. */
  readonly isRough: boolean;
}

/** A request, and when it began and ended, in milliseconds. */
export interface Call {
  readonly host: string;
  readonly path: string;
  readonly begun: number;
  ended: number | undefined;
  /** The longest rest that its answer asked for. */
  rest: number;
  /** Whether it is answered with a page. */
  isPage: boolean;
}

/** What is at a URL. */
interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How often it goes wrong before that, and how: a connection that breaks, or a server that has no time. */
  readonly failures?: number;
  readonly failsAs?: "Broken" | "Busy";
}

/** How a host is asked to be treated. */
interface Manners {
  /** What its robots.txt says; it answers 500 if there is nothing. */
  readonly text: string | undefined;
  /** What paths begin with that are not allowed. */
  readonly disallowed?: string;
  /** In milliseconds. */
  readonly crawlDelay?: number;
  /** Whether its robots.txt is elsewhere. */
  readonly isMoved?: boolean;
}

const smooth: Manners = { text: "User-agent: *\nAllow: /\n" };
const encoder = new TextEncoder();

/** A web, and what was asked of it. */
export class Web {
  readonly calls: Array<Call> = [];
  /** How many requests were on their way at once: at most, over all hosts and at each. */
  mostRunning = 0;
  readonly mostRunningAt: Map<string, number> = new Map();
  running = 0;
  private readonly runningAt = new Map<string, number>();
  private readonly tries = new Map<string, number>();

  /** A web whose answers take the time of this clock. */
  static make(shape: Shape): Effect.Effect<Web> {
    return Effect.clockWith((clock) => Effect.succeed(new Web(shape, clock)));
  }

  private constructor(
    readonly shape: Shape,
    private readonly clock: Clock.Clock,
  ) {}

  /** The first page of a host. */
  start(host = 0): string {
    return this.url(host, "/p/0");
  }

  /** Clients of this web, who need no DNS. */
  get layer(): Layer.Layer<HttpClient.HttpClient> {
    const resolve = () => Effect.succeed(["93.184.215.14"]);
    return Layer.merge(
      Layer.succeed(HttpClient.HttpClient, this.client),
      Layer.succeed(Scraper.HostResolver, resolve),
    );
  }

  /** How long a host wants to be left alone after a request, in milliseconds. */
  crawlDelayOf(host: string): number {
    return this.mannersOf(numberIn(host)).crawlDelay ?? 0;
  }

  /** What comes of each URL that can be reached, by its kind and status or reason. */
  outcomes(start: string): Map<string, string> {
    const found = new Map<string, string>([[start, ""]]);
    for (const url of found.keys()) {
      const { hostname, pathname } = new URL(url);
      const host = numberIn(hostname);
      const { disallowed, text } = this.mannersOf(host);
      if (
        text === undefined ||
        disallowed !== undefined && pathname.startsWith(disallowed)
      ) {
        found.set(url, "Failed Robots");
        continue;
      }
      const answer = this.answer(host, pathname);
      const { failsAs, failures = 0, headers, status } = answer;
      if (headers?.location !== undefined) {
        const to = new URL(headers.location, url).href;
        found.set(url, `Moved ${status}`).set(to, found.get(to) ?? "");
      } else if (failures === Infinity) {
        found.set(url, failsAs === "Busy" ? "Page 503" : "Failed Transport");
      } else {
        found.set(url, `Page ${status}`);
        if (status !== 200) continue;
        for (const link of this.links(host, numberIn(pathname))) {
          if (!found.has(link)) found.set(link, "");
        }
      }
    }
    return found;
  }

  private get client(): HttpClient.HttpClient {
    return HttpClient.make((request, url, signal) =>
      Effect.suspend(() => {
        const call = this.begin(url);
        signal.addEventListener("abort", () => this.end(call));
        const half = this.latencyOf(this.calls.length) / 2;
        return Effect.andThen(
          half === 0 ? Effect.void : Effect.sleep(half),
          Effect.suspend(() => this.respond(request, call, half)),
        );
      })
    );
  }

  private respond(
    request: HttpClientRequest,
    call: Call,
    half: number,
  ): Effect.Effect<HttpClientResponse, HttpClientError> {
    const { host, path } = call;
    const answer = this.answer(numberIn(host), path);
    const { body = "", failsAs, failures = 0, headers = {}, status } = answer;
    if (failures > 0) {
      const name = host + path;
      const tries = (this.tries.get(name) ?? 0) + 1;
      this.tries.set(name, tries);
      if (tries <= failures && failsAs === "Busy") {
        call.rest = 2000;
        return Effect.succeed(
          responseOf(request, 503, { "retry-after": "2" }, Stream.empty),
        );
      }
      if (tries <= failures) {
        const description = "The connection broke";
        const reason = new TransportError({ request, description });
        return Effect.fail(new HttpClientError({ reason }));
      }
    }
    call.isPage = body !== "" && !path.startsWith("/robots");
    const bytes = Stream.succeed(encoder.encode(body));
    const late = half === 0
      ? bytes
      : Stream.unwrap(Effect.as(Effect.sleep(half), bytes));
    return Effect.succeed(responseOf(request, status, headers, late));
  }

  private begin({ host, pathname: path }: URL): Call {
    const begun = this.now;
    const call: Call = {
      ...{ host, path, begun },
      ...{ ended: undefined, rest: 0, isPage: false },
    };
    const here = (this.runningAt.get(host) ?? 0) + 1;
    this.runningAt.set(host, here);
    this.running++;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    const most = Math.max(this.mostRunningAt.get(host) ?? 0, here);
    this.mostRunningAt.set(host, most);
    this.calls.push(call);
    return call;
  }

  private end(call: Call): void {
    if (call.ended !== undefined) return;
    call.ended = this.now;
    this.running--;
    this.runningAt.set(call.host, this.runningAt.get(call.host)! - 1);
  }

  private get now(): number {
    return Number(this.clock.monotonicTimeNanosUnsafe()) / 1e6;
  }

  private latencyOf(call: number): number {
    const { latency } = this.shape;
    return 2 * Math.round(this.chance("latency", call) * latency / 2);
  }

  private mannersOf(host: number): Manners {
    if (!this.shape.isRough || host === 0) return smooth;
    switch (Math.floor(this.chance("manners", host) * 8)) {
      case 0:
        return { text: undefined };
      case 1:
        return {
          text: "User-agent: *\nDisallow: /p/7\n",
          disallowed: "/p/7",
        };
      case 2:
        return { text: "User-agent: *\nCrawl-delay: 3\n", crawlDelay: 3000 };
      case 3:
        return { ...smooth, isMoved: true };
      default:
        return smooth;
    }
  }

  private answer(host: number, path: string): Answer {
    if (path.startsWith("/robots")) return this.robots(host, path);
    const n = numberIn(path);
    const [, kind] = path.split("/", 2);
    const page = { status: 200, body: this.html(host, n) };
    if (!this.shape.isRough || kind === "q" || n === 0) return page;
    switch (Math.floor(this.chance("answer", host, n) * 40)) {
      case 0:
        return { status: 302, headers: { location: `/q/${n}` } };
      case 1:
        return { status: 301, headers: { location: this.link(host, n, 1) } };
      case 2:
        return { status: 404, body: page.body };
      case 3:
        return { status: 500 };
      case 4:
        return { ...page, failures: Infinity, failsAs: "Broken" };
      case 5:
        return { ...page, failures: Infinity, failsAs: "Busy" };
      case 6:
        return { ...page, failures: 1, failsAs: "Broken" };
      case 7:
        return { ...page, failures: 1, failsAs: "Busy" };
      default:
        return page;
    }
  }

  private robots(host: number, path: string): Answer {
    const { isMoved = false, text } = this.mannersOf(host);
    if (isMoved && path === "/robots.txt") {
      return { status: 301, headers: { location: "/robots-of-all.txt" } };
    }
    return text === undefined ? { status: 500 } : { status: 200, body: text };
  }

  private html(host: number, n: number): string {
    const links = this.links(host, n).map((link, place) =>
      `<a href="${this.spelled(link, host, n + place)}">on</a>`
    );
    return `<title>${host}/${n}</title><a href="http://elsewhere.example/">` +
      `away</a>${links.join("")}`;
  }

  /** Where a page leads: to two more of its host, and so to all of them; from a first page to those of other hosts; and about. */
  private links(host: number, n: number): ReadonlyArray<string> {
    const { hosts, pages } = this.shape;
    const twice = (of: number) => [2 * of + 1, 2 * of + 2];
    return [
      ...twice(n).filter((to) => to < pages).map((to) =>
        this.url(host, `/p/${to}`)
      ),
      ...n > 0
        ? []
        : twice(host).filter((to) => to < hosts).map((to) => this.start(to)),
      ...[1, 2].map((place) => this.link(host, n, place)),
    ];
  }

  private link(host: number, n: number, place: number): string {
    const { hosts, pages } = this.shape;
    const other = Math.floor(this.chance("host", host, n, place) * hosts);
    const to = Math.floor(this.chance("page", host, n, place) * pages);
    return this.url(other, `/p/${to}`);
  }

  private url(host: number, path: string): string {
    return `http://h${host}.web.example${path}`;
  }

  /** One of the ways to write a link. */
  private spelled(link: string, host: number, place: number): string {
    switch (Math.floor(this.chance("spelling", host, place) * 5)) {
      case 0:
        return `${link}#part`;
      case 1:
        return link.replace("/p/", "/%70/");
      case 2:
        return link.replace("http:", "HTTP:").replace(
          ".example",
          ".EXAMPLE:80",
        );
      default:
        return link;
    }
  }

  /** From 0 to 1, and always the same. */
  private chance(what: string, ...of: ReadonlyArray<number>): number {
    let hash = Math.imul(this.shape.seed ^ what.length, 0x9e3779b1);
    for (const n of [what.charCodeAt(0), ...of]) {
      hash = Math.imul(hash ^ n, 0x85ebca6b);
      hash = Math.imul(hash ^ hash >>> 15, 0xc2b2ae35);
      hash ^= hash >>> 13;
    }
    return (hash >>> 0) / 2 ** 32;
  }
}

function numberIn(name: string): number {
  return Number(/\d+/.exec(name)?.[0] ?? 0);
}

function responseOf(
  request: HttpClientRequest,
  status: number,
  headers: Readonly<Record<string, string>>,
  stream: Stream.Stream<Uint8Array>,
): HttpClientResponse {
  // What else a response has, a crawler does not ask for.
  return {
    ...{ request, status, stream },
    headers: Headers.fromInput(headers),
  } as unknown as HttpClientResponse;
}
