import { KeyedLimiter, LimiterStore, Quota } from "@weir/weir";
import { RateLimit } from "@weir/weir/http";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { ok, strictEqual } from "node:assert/strict";
import { heap } from "../support/heap.ts";
import { route, serve } from "../support/http.ts";

const maxKeys = 10_000;
const million = 1_000_000;
const quota = Quota.slidingCounter({ limit: 20, window: "1 hour" });

/** Addresses, each another client. */
function addressOf(n: number): string {
  return n % 2 === 0
    ? `10.${n >> 16 & 255}.${n >> 8 & 255}.${n & 255}`
    : `2001:db8:${(n >> 16).toString(16)}:${(n & 65535).toString(16)}::1`;
}

/** Says how much of the heap a million clients leave in use, and holds it to what so many keys may take. */
function expectBounded(what: string, before: number, after: number): void {
  const grown = after - before;
  // deno-lint-ignore no-console
  console.log(`${what}: ${(grown / 1e6).toFixed(1)} MB for ${maxKeys} keys`);
  ok(grown <= maxKeys * 500);
}

Deno.test("RateLimit.handler() remembers maxKeys of a million clients", async () => {
  const limited = RateLimit.handler(() => new Response("hello"), {
    quota,
    maxKeys,
  });
  const request = new Request("http://localhost/");
  const ask = async (n: number) => {
    const remoteAddr = { hostname: addressOf(n) };
    return (await limited(request, { remoteAddr })).status;
  };
  await ask(0);
  const before = await heap();
  let denied = 0;
  for (let n = 0; n < million; n++) {
    if (await ask(n) === 429) denied++;
  }
  const after = await heap();
  strictEqual(denied, million - maxKeys);
  expectBounded("handler", before, after);
});

Deno.test("RateLimit.layer() remembers maxKeys of very many clients, with long keys of their own making", () =>
  Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    const send = yield* serve(
      Layer.mergeAll(
        route("/"),
        RateLimit.layer({ key: ({ header }) => header("x-key") }),
      ).pipe(
        Layer.provide(KeyedLimiter.layer(quota)),
        Layer.provide(
          LimiterStore.layerMemory({ maxKeys, overflow: "evict" }),
        ),
      ),
    );
    const ask = (n: number) =>
      send({ headers: { "x-key": `${n}`.padEnd(500, "x") } });
    yield* ask(0);
    const before = yield* Effect.promise(heap);
    for (let n = 0; n < million / 10; n++) yield* ask(n);
    expectBounded("layer", before, yield* Effect.promise(heap));
  }))));
