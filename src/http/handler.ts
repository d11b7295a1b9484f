/**
 * Limits a plain handler of `Deno.serve`.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { KeyedLimiter, LimiterStore, type Quota } from "../limiter/mod.ts";
import { told } from "./answer.ts";
import { WebIncoming } from "./arrived.ts";
import { Till, type Verdict } from "./charge.ts";
import { checked } from "./checked.ts";
import type { ServeInfo } from "./incoming.ts";
import { bounded } from "./key.ts";
import { Births, madePerRequest, warn, Watch } from "./misuse.ts";
import type { Options } from "./options.ts";
import { membersOf, problemWeb } from "./problem.ts";

/** What {@linkcode handler} needs to know. */
export interface HandlerOptions extends Options {
  /** The limit of each client. */
  readonly quota: Quota.Quota;
  /** A limit over all clients. None if omitted. */
  readonly shared?: Quota.Quota | undefined;
  /** How many clients are remembered at most; 100,000 if omitted. Then new ones are refused until an old one is as good as new. */
  readonly maxKeys?: number | undefined;
}

/**
 * Limits a plain handler of `Deno.serve`, without Effect. Make it once: it is what remembers the clients.
 *
 * Responses carry the fields, as copies where their headers cannot be changed, but those of WebSockets, which are the
 * connection itself. What the handler throws, `Deno.serve` hears. A request whose client leaves while it waits for its turn
 * (`maxWait`) gives its place up. Warns on the console of what `layer` warns of. Throws a `RangeError` that names a bad option.
 *
 * @example
 * ```ts
 * import { Quota } from "@weir/weir";
 * import { RateLimit } from "@weir/weir/http";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const limited = RateLimit.handler(() => new Response("hello"), {
 *   quota: Quota.tokenBucket({ rate: 10, per: "1 minute", burst: 2 }),
 * });
 * const server = Deno.serve(
 *   { hostname: "127.0.0.1", port: 0, onListen: () => {} },
 *   limited,
 * );
 *
 * const statuses: Array<number> = [];
 * for (let n = 0; n < 3; n++) {
 *   const response = await fetch(`http://127.0.0.1:${server.addr.port}`);
 *   statuses.push(response.status);
 *   await response.body?.cancel();
 * }
 * deepStrictEqual(statuses, [200, 200, 429]);
 * await server.shutdown();
 * ```
 */
export const handler = <Info extends ServeInfo>(
  handler: (request: Request, info: Info) => Response | Promise<Response>,
  options: HandlerOptions,
): (request: Request, info: Info) => Response | Promise<Response> => {
  const { costOf, key: keyOf, legacyHeaders, maxWait } = checked(options);
  const till = new Till(limiterOf(options));
  const watch = new Watch(keyOf);
  const life = handlers.begin();
  const answer = (request: Request, info: Info, verdict: Verdict) => {
    const now = legacyHeaders ? Date.now() : undefined;
    if (verdict.denied !== undefined) {
      return told(problemWeb(membersOf(verdict.denied)), verdict, now);
    }
    const response = handler(request, info);
    return response instanceof Promise
      ? response.then((response) => told(response, verdict, now))
      : told(response, verdict, now);
  };
  return (request, info) => {
    const incoming = new WebIncoming(request, info);
    const chosen = keyOf(incoming);
    if (chosen === undefined) return handler(request, info);
    warn(watch.look(incoming, chosen));
    if (handlers.serve(life)) warn(madePerRequest);
    const key = bounded(chosen);
    const cost = costOf(incoming);
    if (maxWait !== undefined) {
      const charge = till.charge(key, cost, maxWait);
      const { signal } = request;
      return Effect.runPromise(charge, { signal }).then(
        (verdict) => answer(request, info, verdict),
        (error) => {
          if (signal.aborted) return new Response(null, { status: 499 });
          throw error;
        },
      );
    }
    return answer(request, info, till.chargeNow(key, cost));
  };
};

const handlers = new Births();

function limiterOf(
  { maxKeys, quota, shared }: HandlerOptions,
): KeyedLimiter.Service {
  return Effect.runSync(
    KeyedLimiter.make(quota, { shared }).pipe(
      Effect.provide(LimiterStore.layerMemory({ maxKeys })),
    ),
  );
}
