import { Quota } from "@weir/weir";
import { RateLimit } from "@weir/weir/http";
import { testEffect, testProperty } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as TestClock from "effect/testing/TestClock";
import * as fc from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { itemsOf, type Send } from "../support/http.ts";
import { limited, passed } from "../support/limits_http.ts";

const key = () => "one";

/** The one item of a response's `RateLimit`. */
function standing(response: Response): { r: number; t: number } {
  const [item, ...others] = itemsOf(response, "ratelimit");
  deepStrictEqual(others, []);
  ok(Number.isInteger(item?.r) && Number.isInteger(item?.t));
  return { r: Number(item?.r), t: Number(item?.t) };
}

/** Fails unless a refusal tells the second in which the next request gets through. */
function expectTrueRefusal(send: Send) {
  return Effect.gen(function* () {
    const refused = yield* send();
    strictEqual(refused.status, 429);
    const { r, t } = standing(refused);
    strictEqual(r, 0);
    strictEqual(refused.headers.get("retry-after"), String(t));
    yield* TestClock.adjust((t - 1) * 1000);
    if (t > 1) strictEqual((yield* send()).status, 429);
    yield* TestClock.adjust("1 second");
    strictEqual((yield* send()).status, 200);
  });
}

const window = fc.record({
  limit: fc.integer({ min: 1, max: 9 }),
  window: fc.constantFrom(300, 1000, 1700, 5000, 60_000),
});

const quotas: Record<string, fc.Arbitrary<Quota.Quota>> = {
  tokenBucket: fc.record({
    rate: fc.constantFrom(0.3, 1, 3, 10),
    per: fc.constantFrom(1000, 7000),
    burst: fc.constantFrom(1, 2.5, 7),
  }).map(Quota.tokenBucket),
  slidingWindow: window.map(Quota.slidingWindow),
  slidingCounter: window.map(Quota.slidingCounter),
  fixedWindow: window.map(Quota.fixedWindow),
  all: fc.tuple(window, window).map(([a, b]) =>
    Quota.all(
      Quota.slidingWindow({ ...a, name: "a" }),
      Quota.tokenBucket({ rate: b.limit, per: b.window, name: "b" }),
    )
  ),
};

for (const [kind, quota] of Object.entries(quotas)) {
  testProperty(
    `RateLimit of a ${kind}() tells the truth: r more requests pass and no more, and the next one after t seconds`,
    fc.record({
      quota,
      waits: fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 12 }),
    }),
    ({ quota, waits }) =>
      Effect.gen(function* () {
        const send = yield* limited(quota, { key });
        for (const wait of waits) {
          yield* send();
          yield* TestClock.adjust(wait);
        }
        let response = yield* send();
        if (response.status === 200) {
          const { r } = standing(response);
          strictEqual(yield* passed(send, r + 3), r);
        }
        yield* expectTrueRefusal(send);
        response = yield* send();
        while (response.status === 200) {
          const { r, t } = standing(response);
          if (r === 0) {
            yield* TestClock.adjust((t - 1) * 1000);
            if (t > 1) strictEqual((yield* send()).status, 429);
            yield* TestClock.adjust("1 second");
            strictEqual((yield* send()).status, 200);
            return;
          }
          response = yield* send();
        }
      }),
    { numRuns: 150 },
  );
}

for (const kind of ["tokenBucket", "slidingWindow", "fixedWindow"]) {
  testProperty(
    `RateLimit of a ${kind}() with something left tells when all of it is there again`,
    fc.record({
      quota: quotas[kind]!,
      count: fc.integer({ min: 1, max: 6 }),
    }),
    ({ count, quota }) =>
      Effect.gen(function* () {
        const send = yield* limited(quota, { key });
        const most = Math.floor(Quota.maxCost(quota));
        for (let n = 0; n < count; n++) {
          const response = yield* send();
          if (response.status !== 200) return;
          const { r, t } = standing(response);
          if (r > 0 && n === count - 1) {
            yield* TestClock.adjust(t * 1000);
            strictEqual(yield* passed(send, most + 2), most);
          }
        }
      }),
    { numRuns: 150 },
  );
}

testEffect(
  "RateLimit-Policy tells each tier's quota and window, q/w of a bucket being its rate",
  Effect.gen(function* () {
    const send = yield* limited(
      Quota.all(
        Quota.tokenBucket({ rate: 5, per: "1 second", burst: 60 }),
        Quota.tokenBucket({ rate: 90, per: "1 second", burst: 50.5 }),
        Quota.slidingWindow({ limit: 1000, window: "1 hour" }),
        Quota.slidingCounter({ limit: 300, window: "1500 millis" }),
        Quota.fixedWindow({ limit: 77, window: "999 millis" }),
      ),
    );
    deepStrictEqual(itemsOf(yield* send(), "ratelimit-policy"), [
      { name: "5 per 1 second, burst 60", q: 60, w: 12 },
      { name: "90 per 1 second, burst 50.5", q: 50 },
      { name: "1000 per 1 hour, sliding", q: 1000, w: 3600 },
      { name: "300 per 1500 millis, sliding counter", q: 300, w: 2 },
      { name: "77 per 999 millis, fixed", q: 77 },
    ]);
  }),
);

testProperty(
  "RateLimit carries any name, so that decodeURIComponent gives it back, and any number as an Integer",
  fc.record({
    name: fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom(...'"\\%;,= aé€') }),
    ),
    limit: fc.constantFrom(1, 20, Number.MAX_SAFE_INTEGER),
  }),
  ({ limit, name }) =>
    Effect.gen(function* () {
      const send = yield* limited(
        Quota.fixedWindow({ limit, window: 1e15, name }),
      );
      const response = yield* send();
      for (const header of ["ratelimit", "ratelimit-policy"]) {
        const [item] = itemsOf(response, header);
        strictEqual(
          decodeURIComponent(String(item?.name)),
          name.toWellFormed(),
        );
        const number = Number(item?.r ?? item?.q);
        ok(number <= 999_999_999_999_999);
        strictEqual(
          number,
          Math.min(item?.r === undefined ? limit : limit - 1, 1e15 - 1),
        );
      }
    }),
);

testEffect(
  "RateLimit tells of a store that is full by a name of its own",
  Effect.gen(function* () {
    const handler = RateLimit.handler(() => new Response("hello"), {
      quota: Quota.fixedWindow({ limit: 1, window: "1 hour", name: "hour" }),
      maxKeys: 1,
      key: ({ header }) => header("x-key"),
    });
    const info = { remoteAddr: {} };
    const ask = (key: string) =>
      handler(
        new Request("http://localhost/", { headers: { "x-key": key } }),
        info,
      );
    yield* Effect.promise(async () => void await ask("anna"));
    const refused = yield* Effect.promise(async () => await ask("ben"));
    strictEqual(refused.status, 429);
    strictEqual(itemsOf(refused, "ratelimit")[0]?.name, "maxKeys");
    deepStrictEqual(itemsOf(refused, "ratelimit-policy"), [
      { name: "hour", q: 1, w: 3600 },
    ]);
  }),
);
