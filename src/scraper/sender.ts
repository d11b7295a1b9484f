/**
 * Requests of a crawl: in turn, checked, bounded, and tried again.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import type * as Headers from "effect/http/Headers";
import * as HttpClient from "effect/http/HttpClient";
import type { HttpClientError } from "effect/http/HttpClientError";
import * as HttpClientRequest from "effect/http/HttpClientRequest";
import type * as HttpClientResponse from "effect/http/HttpClientResponse";
import * as Schedule from "effect/Schedule";
import type * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import { sentAsIs } from "../internal/as_is.ts";
import { transient } from "../internal/http_status.ts";
import { pauseAskedBy } from "../internal/retry_after.ts";
import { Gate } from "./gate.ts";
import type { Resolve } from "./host_resolver.ts";
import { broken, busy, late, refused } from "./refused.ts";
import type { Settings } from "./settings.ts";
import type { Tally } from "./tally.ts";
import type { Place, Turns } from "./turns.ts";
import { hostOf } from "./url.ts";
import { VisitError } from "./visit.ts";

/** What a server said before the body. */
export interface Head {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers.Headers;
}

/** What a server answered. */
export interface Answer<A> extends Head {
  readonly body: A;
  /** For how long it asked that no request come, in milliseconds. */
  readonly pause: number;
}

/** What is read of a body. */
export interface Reading<A> {
  /** Takes what comes. */
  readonly write: (bytes: Uint8Array) => void;
  /** What it was. */
  readonly end: () => A;
  /** How many bytes are read. */
  readonly maxBytes: number;
  /** Whether one that has more is cut; it fails if omitted. */
  readonly isCut?: boolean;
  /** Whether nothing is read, whatever there is. */
  readonly isLeft?: boolean;
}

/** What is asked, and how its answer is read. */
export interface Ask<A> {
  readonly url: URL;
  readonly accept: string;
  /** How long to leave the host alone afterwards, in milliseconds. */
  readonly delay: number;
  /** Reads an answer, or refuses it. */
  readonly read: (head: Head) => Reading<A> | VisitError;
  /** Which statuses pass by themselves, so that it is asked again; those that pass for pages if omitted. */
  readonly passes?: ((status: number) => boolean) | undefined;
  /** When it is asked again after `retry` gave up; not at all if omitted. */
  readonly patience?: Schedule.Schedule<unknown> | undefined;
  /** The place that is taken, and kept if there is an answer; one that is given back at the end if omitted. */
  readonly place?: Place | undefined;
  /** Told when a try begins. */
  readonly onStart?: (() => void) | undefined;
  /** Told when the last try began, and how long it took. */
  readonly times?: Times | undefined;
}

/** When a request was sent. Times are milliseconds. */
export interface Times {
  startedAt: number;
  elapsed: number;
}

/** What requests are sent with. */
export interface Means {
  readonly client: HttpClient.HttpClient;
  readonly resolve: Resolve;
  readonly settings: Settings;
  readonly tally: Tally;
  readonly turns: Turns;
}

/** These have no body, whatever their headers say (RFC 9110, section 6.4.1). */
const bodiless = new Set([204, 205, 304]);

/** Sends requests. */
export class Sender {
  private readonly client: HttpClient.HttpClient.With<
    HttpClientError,
    Scope.Scope
  >;

  private readonly gate: Gate;

  constructor(private readonly means: Means) {
    this.gate = new Gate(means.resolve, means.settings);
    // Strangers need not know the traces of who asks.
    this.client = HttpClient.withScope(means.client).pipe(
      HttpClient.transformResponse(
        Effect.provideService(HttpClient.TracerPropagationEnabled, false),
      ),
    );
  }

  /** Asks, and asks again as `retry` says. An answer that was the same to the last is handed out. */
  send<A>(ask: Ask<A>): Effect.Effect<Answer<A>, VisitError> {
    const { maxPause, retry } = this.means.settings;
    const { passes = isTransient, patience } = ask;
    let last: Answer<A> | undefined;
    const place = ask.place ?? this.means.turns.place();
    const once = this.once(ask, place);
    const attempt = Effect.flatMap(once, (answer) => {
      const { pause, status } = answer;
      if (!passes(status)) return Effect.succeed(answer);
      if (pause > maxPause) return busy(ask.url, pause);
      last = answer;
      return refused(ask.url, "Transport", `the server answered ${status}`);
    }).pipe(Effect.tapError(() => place.release));
    const answer = Effect.suspend(() => {
      last = undefined;
      return attempt;
    }).pipe(
      Effect.retry({
        schedule: patience === undefined
          ? retry
          : Schedule.concat(retry, patience),
        while: isPassing,
      }),
      Effect.catch((error) =>
        last === undefined ? Effect.fail(error) : Effect.succeed(last)
      ),
    );
    return ask.place === undefined
      ? Effect.ensuring(answer, place.release)
      : answer;
  }

  private once<A>(
    ask: Ask<A>,
    place: Place,
  ): Effect.Effect<Answer<A>, VisitError> {
    const { onStart, times = { startedAt: 0, elapsed: 0 }, url } = ask;
    const { timeout } = this.means.settings;
    const host = hostOf(url);
    const exchange = Effect.scoped(this.exchange(ask)).pipe(
      Effect.timeoutOrElse({
        duration: timeout,
        orElse: () => late(url, timeout),
      }),
    );
    const timed = Effect.flatMap(Clock.currentTimeMillis, (startedAt) => {
      times.startedAt = startedAt;
      onStart?.();
      return Effect.onExit(
        exchange,
        () =>
          Effect.flatMap(Clock.currentTimeMillis, (now) => {
            times.elapsed = now - startedAt;
            return this.leaveAlone(host, ask.delay, times.elapsed);
          }),
      );
    });
    const ready = this.gate.pass(url);
    return this.means.turns.take(host, place, ready, timed);
  }

  /** Lets a host have a rest after a request, before the next one gets its turn. */
  private leaveAlone(
    host: string,
    delay: number,
    elapsed: number,
  ): Effect.Effect<void> {
    const { delayFactor, maxDelay } = this.means.settings;
    const wait = Math.min(Math.max(delay, delayFactor * elapsed), maxDelay);
    return wait > 0 ? this.means.turns.pause(host, wait) : Effect.void;
  }

  private exchange<A>(
    ask: Ask<A>,
  ): Effect.Effect<Answer<A>, VisitError, Scope.Scope> {
    const { url } = ask;
    return Effect.gen({ self: this }, function* () {
      const request = HttpClientRequest.get(url, {
        headers: {
          "user-agent": this.means.settings.userAgent,
          accept: ask.accept,
        },
      });
      const response = yield* this.client.preprocess(request).pipe(
        Effect.flatMap((prepared) =>
          sentAsIs(this.client, prepared, { credentials: "omit" })
        ),
        Effect.mapError((error) => broken(url, error)),
      );
      const { headers, status } = response;
      const now = yield* Clock.currentTimeMillis;
      const pause = pauseAskedBy({ headers, status }, now);
      if (pause > this.means.settings.maxPause) {
        this.gate.close(hostOf(url), now + pause);
      } else if (pause > 0) {
        yield* this.means.turns.pause(hostOf(url), pause);
      }
      const reading = ask.read({ url, status, headers });
      if (reading instanceof VisitError) return yield* reading;
      if (!reading.isLeft && !bodiless.has(status)) {
        yield* this.receive(url, response, reading);
      }
      return { url, status, headers, pause, body: reading.end() };
    });
  }

  private receive(
    url: URL,
    response: HttpClientResponse.HttpClientResponse,
    { isCut = false, maxBytes, write }: Reading<unknown>,
  ): Effect.Effect<void, VisitError> {
    const tooLarge = Effect.suspend(() =>
      refused(url, "TooLarge", `more than ${maxBytes} bytes`)
    );
    if (!isCut && Number(response.headers["content-length"]) > maxBytes) {
      return tooLarge;
    }
    let left = maxBytes;
    const pieces = isCut
      ? Stream.takeWhile(response.stream, () => left > 0)
      : response.stream;
    return pieces.pipe(
      Stream.catchIf(
        ({ reason }) => reason._tag === "EmptyBodyError",
        () => Stream.empty,
      ),
      Stream.mapError((error) => broken(url, error)),
      Stream.runForEach((bytes) => {
        this.means.tally.add("bytes", bytes.length);
        if (bytes.length > left && !isCut) return tooLarge;
        write(bytes.length > left ? bytes.subarray(0, left) : bytes);
        left -= bytes.length;
        return Effect.void;
      }),
    );
  }
}

function isTransient(status: number): boolean {
  return transient.has(status);
}

function isPassing({ reason }: VisitError): boolean {
  return reason === "Transport" || reason === "Timeout";
}
