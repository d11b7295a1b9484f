/**
 * Limits from inside a handler.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as HttpServerRequest from "effect/http/HttpServerRequest";
import { positive } from "../internal/check.ts";
import { type Decision, KeyedLimiter } from "../limiter/mod.ts";
import { admit, warned } from "./admit.ts";
import { Till } from "./charge.ts";
import { maxWaitOf } from "./checked.ts";
import { bounded } from "./key.ts";
import { Births, type Life, madePerRequest } from "./misuse.ts";
import type { Options } from "./options.ts";
import { membersOf } from "./problem.ts";
import { TooManyRequests } from "./too_many_requests.ts";

/** How {@linkcode check} charges. */
export interface CheckOptions extends Pick<Options, "maxWait"> {
  /** What it takes; 1 if omitted. */
  readonly cost?: number | undefined;
}

/**
 * Charges a key from inside a handler, when only it knows whose request it is. Fails where the key is over its limit; either
 * way the response carries the fields, and a 429 its `Retry-After`. Dies with a `RangeError` that names a bad option.
 *
 * @example
 * ```ts
 * import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
 * import { RateLimit } from "@weir/weir/http";
 * import * as Effect from "effect/Effect";
 * import * as HttpRouter from "effect/http/HttpRouter";
 * import * as HttpServerResponse from "effect/http/HttpServerResponse";
 * import * as Layer from "effect/Layer";
 * import { strictEqual } from "node:assert/strict";
 *
 * const Search = HttpRouter.add(
 *   "GET",
 *   "/search",
 *   Effect.gen(function* () {
 *     const user = "anna";
 *     yield* RateLimit.check(user, { cost: 10 });
 *     return HttpServerResponse.text("found");
 *   }),
 * );
 *
 * const PerUser = KeyedLimiter.layer(
 *   Quota.slidingWindow({ limit: 15, window: "1 minute" }),
 * ).pipe(Layer.provide(LimiterStore.layerMemory()));
 *
 * const { dispose, handler } = HttpRouter.toWebHandler(
 *   Layer.provideMerge(Search, PerUser),
 *   { disableLogger: true },
 * );
 * const request = new Request("http://localhost/search");
 * strictEqual((await handler(request)).status, 200);
 * strictEqual((await handler(request)).status, 429);
 * await dispose();
 * ```
 */
export const check = (
  key: string,
  options: CheckOptions = {},
): Effect.Effect<
  void,
  TooManyRequests,
  KeyedLimiter.KeyedLimiter | HttpServerRequest.HttpServerRequest
> =>
  Effect.flatMap(
    KeyedLimiter.KeyedLimiter,
    (limiter) =>
      Effect.withFiber((fiber) => {
        const cost = positive("cost", options.cost ?? 1);
        const maxWait = maxWaitOf(options.maxWait);
        const { life, till } = tillOf(limiter);
        const charge = admit(
          fiber,
          till,
          { key: bounded(key), cost, maxWait, legacyHeaders: false },
          ({ denied }) =>
            denied === undefined ? Effect.void : Effect.fail(tooMany(denied)),
        );
        return checks.serve(life) ? warned(madePerRequest, charge) : charge;
      }),
  );

const checks = new Births();
const tills = new WeakMap<
  KeyedLimiter.Service,
  { readonly till: Till; readonly life: Life }
>();

function tillOf(limiter: KeyedLimiter.Service): {
  readonly till: Till;
  readonly life: Life;
} {
  let known = tills.get(limiter);
  if (known === undefined) {
    known = { till: new Till(limiter), life: checks.begin() };
    tills.set(limiter, known);
  }
  return known;
}

/** A refusal as an error. */
function tooMany(denied: Decision.Denied): TooManyRequests {
  const { detail = "", retryAfter, ...members } = membersOf(denied);
  return new TooManyRequests(
    retryAfter === undefined
      ? { ...members, detail }
      : { ...members, detail, retryAfter },
  );
}
