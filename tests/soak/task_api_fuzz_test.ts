import { DenoSqlite } from "@weir/weir/deno";
import { TaskStore } from "@weir/weir/tasks";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as fc from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { fetched } from "../support/served.ts";
import { service } from "../tasks/api_served.ts";

const strange = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: "binary", maxLength: 10 }),
  fc.constantFrom(
    "..",
    "%00",
    "__proto__",
    "' OR 1=1 --",
    "\0",
    "\ud800",
    "😀",
  ),
);
const known = fc.constantFrom("a", "b", "c", "d");
const id = fc.oneof({ weight: 3, arbitrary: known }, strange);

const submission = fc.record({
  name: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom("double", "slow") },
    fc.constantFrom("secret", 7, null, "constructor"),
  ),
  payload: fc.oneof(
    fc.record({ n: fc.oneof(fc.integer(), fc.double(), fc.constant(13)) }),
    fc.json().map((text) => JSON.parse(text)),
    fc.constant(null),
  ),
  priority: fc.oneof(
    { weight: 5, arbitrary: fc.integer() },
    fc.oneof(fc.double(), strange),
  ),
  runAt: fc.constantFrom("2100-01-01T00:00:00Z", "1970-01-01", "", 5),
}, { requiredKeys: ["name"] });

const valid = fc.oneof(
  fc.record({
    name: fc.constant("double"),
    payload: fc.record({ n: fc.integer() }),
  }),
  fc.constant({ name: "slow" }),
);

const body = fc.oneof(
  { weight: 4, arbitrary: valid.map((value) => JSON.stringify(value)) },
  { weight: 6, arbitrary: submission.map((value) => JSON.stringify(value)) },
  strange,
  fc.integer({ min: 1, max: 50_000 }).map((n) =>
    `{"name":"slow","payload":${"[".repeat(n)}`
  ),
);

const path = fc.oneof(
  fc.constantFrom("/tasks", "/tasks", "/stats", "/history", "/health"),
  fc.tuple(
    id,
    fc.constantFrom("", "/cancel", "/retry", "/events/x", "/nothing"),
  ).map(([id, rest]) => `/tasks/${encoded(id)}${rest}`),
  fc.tuple(
    fc.constantFrom("status", "limit", "cursor", "name", "staus"),
    fc.oneof(fc.constantFrom("failed", "10", "2"), strange),
  ).map(([key, value]) => `/tasks?${key}=${encoded(value)}`),
  strange.map((text) => `/${encoded(text)}`),
);

const request = fc.record({
  method: fc.constantFrom("POST", "POST", "POST", "GET", "GET", "PUT"),
  path: fc.oneof(fc.constant("/tasks"), path),
  body,
  headers: fc.record({
    "content-type": fc.oneof(
      { weight: 6, arbitrary: fc.constant("application/json") },
      fc.constantFrom("text/plain", "a/b", ""),
    ),
    "idempotency-key": fc.oneof(known, fc.constantFrom("", "x y", "%", "é")),
    "last-event-id": fc.constantFrom("1", "-1", "end", "1e9"),
  }, { requiredKeys: ["content-type"] }),
});

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

const Stores = {
  memory: TaskStore.layerMemory(),
  SQLite: TaskStore.layerSql().pipe(
    Layer.provide(DenoSqlite.layer({ filename: ":memory:" })),
    Layer.orDie,
  ),
};

for (const [name, store] of Object.entries(Stores)) {
  Deno.test(`TaskApi.layer() on ${name} stays up, and its store consistent, under 10,000 requests of any kind`, async () => {
    await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
      const { manager, url } = yield* service({ store });
      const requests = fc.sample(request, { numRuns: 10_000, seed: 8 });
      const accepted = new Set<string>();
      const statuses = new Map<number, number>();
      yield* Effect.forEach(
        requests,
        ({ body, headers, method, path }) =>
          Effect.gen(function* () {
            const { status, text } = yield* fetched(url + path, {
              method,
              headers,
              ...(method === "GET" ? {} : { body }),
            });
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
            if (status === 202) accepted.add(JSON.parse(text).id);
            if (status >= 400) strictEqual(JSON.parse(text).status, status);
            ok(status < 500, `${method} ${path} ${body}: ${status} ${text}`);
          }),
        { concurrency: 20, discard: true },
      );
      ok(accepted.size > 100, JSON.stringify([...statuses]));
      const found = new Set<string>();
      let cursor: string | undefined;
      do {
        const page = yield* manager.list({ limit: 1000, cursor });
        for (const task of page.tasks) found.add(task.id);
        cursor = page.cursor;
      } while (cursor !== undefined);
      deepStrictEqual([...accepted].filter((id) => !found.has(id)), []);
      const stats = yield* manager.stats;
      strictEqual(
        Object.values(stats).reduce((sum, count) => sum + count),
        found.size,
      );
      strictEqual((yield* fetched(`${url}/health`)).status, 200);
    })));
  });
}
