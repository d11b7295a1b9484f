/**
 * An upstream on loopback that keeps its own count, and knows nothing of Weir.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";

/**
 * Admits `rate` a second and `burst` at once. All it remembers is when it will be whole again: each call moves that moment
 * by one interval.
 */
export class Counter {
  #wholeAt = -Infinity;
  readonly #interval: number;
  readonly #tolerance: number;

  constructor(rate: number, burst: number) {
    this.#interval = 1000 / rate;
    this.#tolerance = (burst - 1) * this.#interval;
  }

  /** Whether a call at `now`, in milliseconds, is within the limit. */
  admit(now: number): boolean {
    const wholeAt = Math.max(this.#wholeAt, now);
    if (wholeAt - now > this.#tolerance) return false;
    this.#wholeAt = wholeAt + this.#interval;
    return true;
  }
}

/** A call, as the upstream saw it. */
export interface Arrival {
  /** When, by `performance.now()`. */
  readonly at: number;
  /** Answered with 200, not with 429. */
  readonly admitted: boolean;
}

/** A server that is up. */
export interface Upstream {
  /** Counted, and answered with 200 or 429. */
  readonly url: string;
  /** Answered with 200, and not counted. */
  readonly healthUrl: string;
  /** What came so far. */
  readonly arrivals: readonly Arrival[];
}

/** Serves until the scope closes. */
export const serve = (
  rate: number,
  burst: number,
): Effect.Effect<Upstream, never, Scope.Scope> => {
  const start = Effect.sync(() => {
    const counter = new Counter(rate, burst);
    const arrivals: Arrival[] = [];
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      ({ url }) => {
        if (url.endsWith("/health")) return new Response("up");
        const at = performance.now();
        const admitted = counter.admit(at);
        arrivals.push({ at, admitted });
        return admitted
          ? new Response("here you are")
          : new Response("too many requests", { status: 429 });
      },
    );
    const url = `http://127.0.0.1:${server.addr.port}/`;
    return { server, url, healthUrl: `${url}health`, arrivals };
  });
  return Effect.acquireRelease(
    start,
    ({ server }) => Effect.promise(() => server.shutdown()),
  );
};
