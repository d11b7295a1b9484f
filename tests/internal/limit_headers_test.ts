/**
 * What a client reads from the headers of a server that limits it.
 *
 * @module
 */
import * as Headers from "effect/http/Headers";
import { strictEqual } from "node:assert/strict";
import { pauseAskedBy } from "../../src/internal/retry_after.ts";

const now = Date.UTC(1994, 10, 6, 8, 49, 7);

function expectPause(
  name: string,
  pause: number,
  headers: Record<string, string>,
  status = 200,
): void {
  Deno.test(name, () => {
    strictEqual(
      pauseAskedBy({ status, headers: Headers.fromInput(headers) }, now),
      pause,
    );
  });
}

for (
  const [name, value, pause] of [
    ["seconds", "120", 120_000],
    ["no seconds", "0", 0],
    ["an absurd number of seconds", "99999999999999999999", 1e23],
    ["a date", "Sun, 06 Nov 1994 08:49:37 GMT", 30_000],
    ["a date of RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT", 30_000],
    ["a date of asctime", "Sun Nov  6 08:49:37 1994", 30_000],
    ["a date in the past", "Sun, 06 Nov 1994 08:00:00 GMT", 0],
    ["a negative number", "-5", 0],
    ["a fraction", "1.5", 0],
    ["a word", "soon", 0],
    ["nothing", "", 0],
  ] as const
) {
  expectPause(
    `Retry-After may be ${name}`,
    pause,
    { "retry-after": value },
    429,
  );
}

const limit = { ratelimit: '"default";r=0;t=9' };
expectPause("Retry-After counts on a 503", 5000, { "retry-after": "5" }, 503);
expectPause("Retry-After counts on no 200", 0, { "retry-after": "5" });
expectPause(
  "Retry-After comes before RateLimit",
  5000,
  { "retry-after": "5", ...limit },
  429,
);
expectPause(
  "Retry-After of no seconds comes before RateLimit, too",
  0,
  { "retry-after": "0", ...limit },
  429,
);
expectPause(
  "RateLimit counts where Retry-After is malformed",
  9000,
  { "retry-after": "soon", ...limit },
  429,
);

for (
  const [name, ratelimit, pause] of [
    ["used up", '"default";r=0;t=30', 30_000],
    ["not used up", '"default";r=1;t=30', 0],
    ["of several, the longest", '"a";r=0;t=3, "b";r=0;t=7, "c";r=5;t=90', 7000],
    ["without a time", '"default";r=0', 0],
    ["of a partition", '"peruser";r=0;t=2;pk=:cHsdsRa894==:', 2000],
    ["with parameters of others", '"a";acme-x="?";r=0;t=2', 2000],
    ["as a token", "default;r=0;t=2", 2000],
    ["of version 7", "limit=100, remaining=0, reset=5", 5000],
    ["of version 7, not used up", "limit=100, remaining=3, reset=5", 0],
    ["malformed: a fraction", '"default";r=0;t=1.5', 0],
    ["malformed: negative", '"default";r=0;t=-5', 0],
    ["malformed: a string", '"default";r="0";t=5', 0],
    ["malformed: nothing remaining", '"default";t=5', 0],
    ["malformed: an inner list", '("a" "b");r=0;t=5', 0],
    ["malformed: in one of two items", '"a";r=0;t=5, "b";t=9', 0],
    ["malformed: no field at all", ";;;", 0],
    ["malformed: empty", "", 0],
  ] as const
) {
  expectPause(`RateLimit: ${name}`, pause, { ratelimit });
}

for (
  const [name, remaining, reset, pause] of [
    ["seconds from now", "0", "30", 30_000],
    ["remaining", "2", "30", 0],
    ["malformed", "0", "soon", 0],
    ["malformed remaining", "none", "30", 0],
  ] as const
) {
  for (const prefix of ["ratelimit", "x-ratelimit"]) {
    expectPause(`${prefix}-reset: ${name}`, pause, {
      [`${prefix}-remaining`]: remaining,
      [`${prefix}-reset`]: reset,
    });
  }
}

// The dates of these are after 2001, from when on they have ten digits.
const late = Date.UTC(2026, 0, 1);
for (
  const [name, reset, pause] of [
    ["a date in seconds", String(late / 1000 + 30), 30_000],
    ["a date in milliseconds", String(late + 30_000), 30_000],
    ["a date in the past", String(late / 1000 - 30), 0],
  ] as const
) {
  Deno.test(`x-ratelimit-reset: ${name}`, () => {
    const headers = Headers.fromInput({
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": reset,
    });
    strictEqual(pauseAskedBy({ status: 200, headers }, late), pause);
  });
}

expectPause("RateLimit comes before older headers", 0, {
  ratelimit: '"default";r=5;t=30',
  "x-ratelimit-remaining": "0",
  "x-ratelimit-reset": "30",
});
