/**
 * Bugs that rate limits of HTTP servers could have.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const address = "src/http/by_address.ts";
const forwarded = "src/http/forwarded.ts";
const answer = "src/http/answer.ts";
const charge = "src/http/charge.ts";
const fields = "src/http/limit_fields.ts";
const handler = "src/http/handler.ts";
const key = "src/http/key.ts";
const admit = "src/http/admit.ts";
const misuse = "src/http/misuse.ts";
const problem = "src/http/problem.ts";
const addressTest = "tests/http/rate_limit_address_test.ts";
const checkTest = "tests/http/rate_limit_check_test.ts";
const fieldsTest = "tests/http/rate_limit_fields_test.ts";
const handlerTest = "tests/http/rate_limit_handler_test.ts";
const misuseTest = "tests/http/rate_limit_misuse_test.ts";
const routesTest = "tests/http/rate_limit_test.ts";

/** What must not come into the rate limits of HTTP servers. */
export const httpRateLimitMutants: ReadonlyArray<Mutant> = [
  {
    name: "one more proxy is trusted than was said",
    file: address,
    from: "if (--left === 0) break;",
    to: "if (left-- === 0) break;",
    test: addressTest,
    filter: "byAddress({ trust",
  },
  {
    name: "a forged header counts where nobody is trusted",
    file: address,
    from: "count === 0 ? undefined : request.header(name)",
    to: "request.header(name)",
    test: addressTest,
    filter: "takes no forged header",
  },
  {
    name: "any peer may say for whom it asks",
    file: address,
    from: "if (trusts(peer)) {",
    to: "if (trusts(peer) || networks.length > 0) {",
    test: addressTest,
    filter: "trust: networks",
  },
  {
    name: "the walk through networks goes on behind a client",
    file: address,
    from: "        if (!trusts(hop)) break;\n",
    to: "",
    test: addressTest,
    filter: "takes only what trusted proxies wrote",
  },
  {
    name: "a network of everyone is trusted",
    file: address,
    from: "network.success.prefixLength === 0",
    to: "network.success.prefixLength < 0",
    test: routesTest,
    filter: "refuses bad options",
  },
  {
    name: "each IPv6 address is a client",
    file: address,
    from: "options.ipv6Prefix ?? 64",
    to: "options.ipv6Prefix ?? 128",
    test: addressTest,
    filter: "of IPv6 its /64",
  },
  {
    name: "an IPv4 address inside an IPv6 one is another client",
    file: forwarded,
    from: "NetAddress.toCanonical(parsed.success)",
    to: "parsed.success",
    test: addressTest,
    filter: "of IPv6 its /64",
  },
  {
    name: "a list is read on behind what is no address",
    file: forwarded,
    from: "    if (address === undefined) return;\n    yield address;",
    to: "    if (address !== undefined) yield address;",
    test: addressTest,
    filter: "stays with the last hop",
  },
  {
    name: "a comma in quotes ends an element",
    file: forwarded,
    from: 'if (char === "," && !quoted) return i + 1;',
    to: 'if (char === ",") return i + 1;',
    test: addressTest,
    filter: "reads RFC 7239",
  },
  {
    name: "an escaped quote ends a string",
    file: forwarded,
    from: "&& !(quoted && isEscaped(value, i))",
    to: "",
    test: addressTest,
    filter: "reads RFC 7239",
  },
  {
    name: "the first for of several counts",
    file: forwarded,
    from: "if (found !== undefined) return undefined;",
    to: "if (found !== undefined) continue;",
    test: addressTest,
    filter: "reads RFC 7239",
  },
  {
    name: "seconds are rounded down",
    file: fields,
    from: "return Math.ceil(Duration.toSeconds(duration));",
    to: "return Math.floor(Duration.toSeconds(duration));",
    test: fieldsTest,
    filter: "tells the truth",
  },
  {
    name: "more is told to be left than is",
    file: fields,
    from: "Math.floor(remaining + 1e-9)",
    to: "Math.ceil(remaining)",
    test: fieldsTest,
    filter: "tells the truth",
  },
  {
    name: "where nothing is left the time until all is whole is told",
    file: fields,
    from: "return left === 0\n    ? undefined\n",
    to: "return left < 0\n    ? undefined\n",
    test: fieldsTest,
    filter: "tells the truth",
  },
  {
    name: "names are sent as they are",
    file: fields,
    from: 'return `"${ascii.replaceAll(/["\\\\]/g, "\\\\$&")}"`;',
    to: 'return `"${ascii}"`;',
    test: fieldsTest,
    filter: "carries any name",
  },
  {
    name: "numbers have more digits than an Integer may",
    file: fields,
    from: "Math.min(Math.floor(value), 999_999_999_999_999)",
    to: "Math.floor(value)",
    test: fieldsTest,
    filter: "carries any name",
  },
  {
    name: "a window of less than a second is told as none",
    file: fields,
    from: "millis < 1000",
    to: "millis < 0",
    test: fieldsTest,
    filter: "RateLimit-Policy tells each tier",
  },
  {
    name: "of two items by one name the later one stays",
    file: fields,
    from: "other === undefined || leavesLess(told, other)",
    to: "other === undefined || told !== other",
    test: routesTest,
    filter: "two limits by one name",
  },
  {
    name: "one limit overwrites what another told",
    file: answer,
    from: 'join(get("ratelimit"), told.item)',
    to: "told.item",
    test: routesTest,
    filter: "list each limit",
  },
  {
    name: "the last Retry-After wins",
    file: answer,
    from: "seconds < Infinity && before < seconds",
    to: "seconds < Infinity && before >= 0",
    test: checkTest,
    filter: "tells of the longer wait",
  },
  {
    name: "Retry-After comes with whatever is answered",
    file: answer,
    from: "denied !== undefined && status === 429",
    to: "denied !== undefined",
    test: checkTest,
    filter: "a caught refusal is told too",
  },
  {
    name: "the older headers tell of the last limit",
    file: answer,
    from: "Number(before) <= left",
    to: "Number(before) < 0",
    test: routesTest,
    filter: "legacyHeaders",
  },
  {
    name: "a response without a body is changed for all who get it",
    file: answer,
    from: 'if (!response.headers.has("content-type")) {',
    to: 'if (response.headers.has("never")) {',
    test: handlerTest,
    filter: "puts the fields on",
  },
  {
    name: "what cannot be changed fails",
    file: answer,
    from: "if (!(error instanceof TypeError)) throw error;",
    to: "throw error;",
    test: handlerTest,
    filter: "puts the fields on",
  },
  {
    name: "a WebSocket's response is copied",
    file: answer,
    from:
      "if (response.status === 101 || response.status === 0) return response;",
    to: "if (response.status === 0) return response;",
    test: handlerTest,
    filter: "leaves WebSockets",
    hangs: true,
  },
  {
    name: "a client that leaves keeps its place",
    file: charge,
    from: "Effect.flatMap(Effect.interruptible(decision), (",
    to: "Effect.flatMap(decision, (",
    test: routesTest,
    filter: "frees the place",
  },
  {
    name: "a client that leaves a plain handler keeps its place",
    file: handler,
    from: "Effect.runPromise(charge, { signal })",
    to: "Effect.runPromise(charge)",
    test: handlerTest,
    filter: "gives its place up",
  },
  {
    name: "plain handlers take no notice of a limit over all",
    file: handler,
    from: "KeyedLimiter.make(quota, { shared })",
    to: "KeyedLimiter.make(quota, { shared: shared && undefined })",
    test: handlerTest,
    filter: "below a limit over all",
  },
  {
    name: "long keys are joined that begin alike",
    file: key,
    from: "    hash(key, 0x811c9dc5),\n    hash(key, 0x9747b28c),\n",
    to: "",
    test: routesTest,
    filter: "shortens long keys",
  },
  {
    name: "long keys are remembered as they are",
    file: key,
    from: "key.length <= longest",
    to: "key.length > 0",
    test: routesTest,
    filter: "shortens long keys",
  },
  {
    name: "failures are not told of the limit",
    file: admit,
    from: `    HttpEffect.appendPreResponseHandlerUnsafe(
      fiber.context,
      (_, response) => Effect.succeed(withFields(response, verdict, now)),
    );
`,
    to: "",
    test: routesTest,
    filter: "tells every response",
  },
  {
    name: "no wait is worth a Retry-After",
    file: problem,
    from: "return Duration.isFinite(retryAfter)",
    to: "return Duration.isFinite(retryAfter) || true",
    test: routesTest,
    filter: "no wait satisfies",
  },
  {
    name: "warnings are given again",
    file: misuse,
    from: "    this.told.add(warning);\n",
    to: "",
    test: misuseTest,
    filter: "warns once of a forwarding header",
  },
  {
    name: "what comes after the first requests is never looked at",
    file: misuse,
    from: "(n >= sample && n % sample !== 0)",
    to: "n >= sample",
    test: misuseTest,
    filter: "comes late",
  },
  {
    name: "Effect's own middleware for proxies raises the alarm",
    file: misuse,
    from: "    if (request.settled) return undefined;\n",
    to: "",
    test: misuseTest,
    filter: "saw to the proxies",
  },
  {
    name: "charges of two keys are one",
    file: misuse,
    from: "charges[i] === limiter && charges[i + 1] === key",
    to: "charges[i] === limiter",
    test: misuseTest,
    filter: "charges twice",
  },
  {
    name: "limiters that are made together raise the alarm",
    file: misuse,
    from: "alone: this.last?.used ?? true",
    to: "alone: true",
    test: misuseTest,
    filter: "made for one request each, and of no others",
  },
  {
    name: "limiters that serve again between raise the alarm",
    file: misuse,
    from: "first ? this.firsts + 1 : 0",
    to: "this.firsts + Number(first)",
    test: misuseTest,
    filter: "made for one request each",
  },
];
