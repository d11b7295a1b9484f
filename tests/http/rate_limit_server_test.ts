import { Quota } from "@weir/weir";
import { RateLimit } from "@weir/weir/http";
import { testLive } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { match, strictEqual } from "node:assert/strict";
import { collecting, route } from "../support/http.ts";
import { limiter } from "../support/limits_http.ts";
import { fetched, served } from "../support/served.ts";

testLive(
  "RateLimit.layer() on a real server admits of 200 requests at once what the bound allows, by address, and warns of proxies",
  Effect.gen(function* () {
    const warnings: Array<string> = [];
    const keys = new Set<string>();
    const quota = Quota.tokenBucket({ rate: 1, per: "1 hour", burst: 20 });
    const { url } = yield* served(
      Layer.mergeAll(route("/"), RateLimit.layer()).pipe(
        Layer.provide(limiter((key) => {
          keys.add(key);
          return quota;
        })),
      ),
    ).pipe(Effect.provide(collecting(warnings)));
    const answers = yield* Effect.all(
      Array.from(
        { length: 200 },
        () => fetched(url, { headers: { "x-forwarded-for": "6.6.6.6" } }),
      ),
      { concurrency: 50 },
    );
    const count = (status: number) =>
      answers.filter((answer) => answer.status === status).length;
    strictEqual(count(200), 20);
    strictEqual(count(429), 180);
    strictEqual([...keys].join(), "127.0.0.1");
    const refused = answers.find(({ status }) => status === 429)!;
    match(refused.headers.get("ratelimit")!, /;r=0;t=3[56]\d\d$/);
    strictEqual(JSON.parse(refused.text).status, 429);
    strictEqual(warnings.length, 1);
  }),
);

testLive(
  "RateLimit.layer({ maxWait }) on a real server frees the place of a client that leaves",
  Effect.gen(function* () {
    const { url } = yield* served(
      Layer.mergeAll(route("/"), RateLimit.layer({ maxWait: "1 minute" })).pipe(
        Layer.provide(limiter(
          Quota.tokenBucket({ rate: 1, per: "300 millis", burst: 1 }),
        )),
      ),
    );
    const start = performance.now();
    yield* fetched(url);
    yield* Effect.all(
      Array.from(
        { length: 20 },
        () => Effect.timeoutOption(fetched(url), "50 millis"),
      ),
      { concurrency: 20 },
    );
    strictEqual((yield* fetched(url)).status, 200);
    strictEqual(performance.now() - start < 2000, true);
  }),
);
