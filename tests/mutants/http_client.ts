/**
 * Bugs that limited HTTP clients could have.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const body = "src/http/body.ts";
const call = "src/http/call.ts";
const exchange = "src/http/exchange.ts";
const limitHeaders = "src/internal/limit_headers.ts";
const redirect = "src/http/redirect.ts";
const repetition = "src/http/repetition.ts";
const retryAfter = "src/internal/retry_after.ts";
const headers = "tests/internal/limit_headers_test.ts";
const live = "tests/http/limited_http_client_live_test.ts";
const bodies = "tests/http/limited_http_client_body_test.ts";
const pauses = "tests/http/limited_http_client_pause_test.ts";
const retries = "tests/http/limited_http_client_retry_test.ts";
const turns = "tests/http/limited_http_client_test.ts";
const redirects = "tests/http/limited_http_client_redirect_test.ts";
const interruption = "tests/http/limited_http_client_interruption_test.ts";
const simulation = "tests/http/limited_http_client_simulation_test.ts";

/** What must not come into limited HTTP clients. */
export const httpClientMutants: ReadonlyArray<Mutant> = [
  {
    name: "Retry-After pauses a host that answers well",
    file: retryAfter,
    from: "field !== undefined && (status === 429 || status === 503)",
    to: "field !== undefined",
    test: headers,
    filter: "Retry-After counts on no 200",
  },
  {
    name: "RateLimit comes before a Retry-After of no seconds",
    file: retryAfter,
    from: "if (Result.isSuccess(parsed)) {",
    to: 'if (Result.isSuccess(parsed) && field !== "0") {',
    test: headers,
    filter: "Retry-After of no seconds comes before RateLimit",
  },
  {
    name: "the last limit that is used up counts, not the longest",
    file: limitHeaders,
    from: "Math.max(longest ?? 0, ",
    to: "Math.max(0, ",
    test: headers,
    filter: "RateLimit: of several, the longest",
  },
  {
    name: "a date of reset is taken for seconds",
    file: limitHeaders,
    from: "if (time < firstDate) return",
    to: "if (time < Infinity) return",
    test: headers,
    filter: "x-ratelimit-reset: a date in seconds",
  },
  {
    name: "a pause is only the caller's",
    file: exchange,
    from: "limiter.pause(Math.min(pause, this.terms.maxPause)),",
    to: "Effect.void,",
    test: pauses,
    filter: "no request to a host starts before its pause is over",
  },
  {
    name: "a pause is only the caller's, under other orders",
    file: exchange,
    from: "limiter.pause(Math.min(pause, this.terms.maxPause)),",
    to: "Effect.void,",
    test: simulation,
    filter: "LimitedHttpClient",
  },
  {
    name: "a server may pause its clients for a year",
    file: exchange,
    from: "limiter.pause(Math.min(pause, this.terms.maxPause)),",
    to: "limiter.pause(pause),",
    test: pauses,
    filter: "no pause is longer than maxPause",
    hangs: true,
  },
  {
    name: "the turn comes back with the head of the response",
    file: exchange,
    from: "return body.pump;",
    to: "return Effect.forkDetach(body.pump);",
    test: live,
    filter: "no more connections than concurrency",
  },
  {
    name:
      "the turn comes back with the head of the response, under other orders",
    file: exchange,
    from: "return body.pump;",
    to: "return Effect.forkDetach(body.pump);",
    test: simulation,
    filter: "LimitedHttpClient",
  },
  {
    name: "a response that is left before it is read keeps its connection",
    file: exchange,
    from: "() => leave(response),",
    to: "() => Effect.void,",
    test: live,
    filter: "redirects are followed by the client",
  },
  {
    name: "fetch forgets what else it was told",
    file: "src/internal/as_is.ts",
    from: '{ ...given, ...init, redirect: "manual" }',
    to: '{ redirect: "manual" }',
    test: live,
    filter: "redirects are followed by the client",
  },
  {
    name: "fetch follows redirects by itself",
    file: "src/internal/as_is.ts",
    from: '{ ...given, ...init, redirect: "manual" }',
    to: "{ ...init }",
    test: live,
    filter: "redirects are followed by the client",
  },
  {
    name: "a request that is interrupted from elsewhere never ends",
    file: exchange,
    from: "if (Exit.isFailure(exit)) {",
    to: 'if (Exit.isFailure(exit) && exit.cause.reasons[0]?._tag === "Fail") {',
    test: turns,
    filter: "closing the layer ends requests under way",
    hangs: true,
  },
  {
    name: "responses outlive their layer",
    file: exchange,
    from: "return scope === undefined",
    to: "return scope !== null",
    test: turns,
    filter: "closing the layer ends requests under way",
    hangs: true,
  },
  {
    name: "bytes are not counted",
    file: body,
    from: "if (size > maxBytes) return",
    to: "if (size === Infinity) return",
    test: bodies,
    filter: "a response is given whole up to maxBytes",
  },
  {
    name: "packed bytes are counted",
    file: body,
    from: 'head.headers["content-encoding"] === undefined',
    to: "true",
    test: live,
    filter: "maxBytes counts what is unpacked",
  },
  {
    name: "a body that does not come is too large",
    file: body,
    from: 'request.method === "HEAD" || status === 304',
    to: "status === 304",
    test: bodies,
    filter: "a response of more than maxBytes fails at once",
  },
  {
    name: "a response that nobody reads holds its turn for ever",
    file: body,
    from: "return this.read || room ? offer",
    to: "return this.read || room || true ? offer",
    test: turns,
    filter: "make() closes a response that nobody reads in time",
  },
  {
    name: "a stream that is left holds its turn",
    file: body,
    from: "Stream.ensuring(Stream.fromQueue(this.queue), this.close)",
    to: "Stream.fromQueue(this.queue)",
    test: turns,
    filter: "make() gives the turn back when a stream is left",
    hangs: true,
  },
  {
    name: "a body is empty when it is read again",
    file: body,
    from: "const first = !this.read;",
    to: "const first = true;",
    test: bodies,
    filter: "a body is read once as a stream",
  },
  {
    name: "what is not safe is sent again",
    file: call,
    from: "failure === undefined || !isRepeatable(request) ||",
    to: "failure === undefined ||",
    test: retries,
    filter: "a POST is sent once",
  },
  {
    name: "a request is sent again sooner than it may",
    file: call,
    from: "result.success.pause > this.settings.maxPause)",
    to: "result.success.pause === Infinity)",
    test: pauses,
    filter: "no pause is longer than maxPause",
    hangs: true,
  },
  {
    name: "a response that is not handed out holds its turn",
    file: call,
    from: "exchange.close,",
    to: "Effect.void,",
    test: retries,
    filter: "a repetition waits for Retry-After, and holds nothing",
    hangs: true,
  },
  {
    name: "a redirect holds its turn while the next is waited for",
    file: call,
    from: "        yield* this.close;\n",
    to: "",
    test: redirects,
    filter: "a redirect that is followed gives back",
    hangs: true,
  },
  {
    name: "one redirect more than allowed is followed",
    file: call,
    from: "if (followed === maxRedirects)",
    to: "if (followed > maxRedirects)",
    test: redirects,
    filter: "a request fails at one redirect more",
  },
  {
    name: "an interrupted call goes on",
    file: call,
    from: "return Effect.onError(this.follow(request), () => this.leave);",
    to: "return this.follow(request);",
    test: live,
    filter: "an interrupted request closes its connection",
    hangs: true,
  },
  {
    name: "an interrupted call goes on, wherever it was",
    file: call,
    from: "return Effect.onError(this.follow(request), () => this.leave);",
    to: "return this.follow(request);",
    test: interruption,
    filter: "before its response is there",
    hangs: true,
  },
  {
    name: "the fiber of a request is lost when its caller is interrupted",
    file: exchange,
    from:
      "  get open(): Effect.Effect<Answer, Failure> {\n    return Effect.uninterruptibleMask((restore) => {",
    to:
      "  get open(): Effect.Effect<Answer, Failure> {\n    return Effect.suspend(() => {\n      const restore = <A>(self: A) => self;",
    test: interruption,
    filter: "before its response is there",
  },
  {
    name: "credentials go to another port of their host",
    file: redirect,
    from: "if (url.origin !== base.origin) {",
    to: "if (url.hostname !== base.hostname) {",
    test: redirects,
    filter:
      "what is for one origin is dropped on the way to http://a.test:81/there",
  },
  {
    name: "a 307 turns a POST into a GET",
    file: redirect,
    from: 'status <= 302 && method === "POST"',
    to: 'method === "POST"',
    test: redirects,
    filter: "a POST that gets a 307 becomes a POST",
  },
  {
    name: "a GET tells of the body that it lost",
    file: redirect,
    from: "    headers = Headers.removeMany(headers, ofBody);\n",
    to: "",
    test: redirects,
    filter: "a POST that gets a 303 becomes a GET",
  },
  {
    name: "half a stream is sent on",
    file: redirect,
    from: "} else if (!canBeSentAgain(body)) {",
    to: "} else if (body === undefined) {",
    test: redirects,
    filter: "an answer that would send a stream again",
  },
  {
    name: "another scheme is asked for",
    file: redirect,
    from: "if (!url || !/^https?:$/.test(url.protocol))",
    to: "if (!url)",
    test: redirects,
    filter: "an answer to another scheme is handed out",
  },
  {
    name: "the fragment is lost",
    file: redirect,
    from: '(url.hash || asked?.hash || "")',
    to: "url.hash",
    test: redirects,
    filter: "/there is asked for with the fragment old",
  },
  {
    name: "a web stream is sent twice",
    file: repetition,
    from: "!(body.body instanceof ReadableStream)",
    to: "true",
    test: retries,
    filter: "a PUT of a web stream is sent once",
  },
  {
    name: "an error of the server's own is tried again",
    file: "src/internal/http_status.ts",
    from: "new Set([429, 502,",
    to: "new Set([500, 429, 502,",
    test: retries,
    filter: "a request is tried again: 500 not",
  },
];
