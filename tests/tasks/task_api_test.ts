import { Task, TaskApi } from "@weir/weir/tasks";
import * as DateTime from "effect/DateTime";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Redacted from "effect/Redacted";
import * as Stream from "effect/Stream";
import {
  deepStrictEqual,
  match,
  ok,
  strictEqual,
  throws,
} from "node:assert/strict";
import { connected, fetched } from "../support/served.ts";
import { clientOf, service } from "./api_served.ts";

/** A test on a socket, in real time. */
function test(name: string, body: Effect.Effect<void, unknown>): void {
  Deno.test(name, () => Effect.runPromise(body));
}

const json = { "content-type": "application/json" };

function post(url: string, body: string, headers = {}) {
  return fetched(url, {
    method: "POST",
    body,
    headers: { ...json, ...headers },
  });
}

test(
  "TaskApi.Api gives a typed client that submits, looks, lists, cancels and retries",
  Effect.scoped(Effect.gen(function* () {
    const { url } = yield* service();
    const client = yield* clientOf(url);
    const runAt = DateTime.makeUnsafe("2100-01-01T00:00:00Z");
    const later = yield* client.submit({
      payload: { name: "double", payload: { n: 21 }, priority: 2, runAt },
      headers: { "idempotency-key": "later" },
    });
    deepStrictEqual(
      [later.id, later.status, later.priority, later.payload],
      ["later", "scheduled", 2, { n: 21 }],
    );
    ok(DateTime.Equivalence(later.runAt!, runAt));
    strictEqual(
      (yield* client.cancel({ params: { id: "later" } })).status,
      "cancelled",
    );
    strictEqual(
      (yield* client.retry({ params: { id: "later" } })).attempts,
      0,
    );
    const ended = Stream.runLast(
      yield* client.taskEvents({ params: { id: "later" } }),
    );
    strictEqual((yield* Effect.fromOption(yield* ended)).status, "completed");
    const { result } = yield* client.get({ params: { id: "later" } });
    strictEqual(result, 42);
    const list = yield* client.list({
      query: { status: "completed", name: "double", limit: 1 },
    });
    deepStrictEqual(list.tasks.map(({ id }) => id), ["later"]);
    strictEqual((yield* client.stats()).completed, 1);
    deepStrictEqual(yield* client.history(), []);
    const missing = yield* Effect.flip(
      client.get({ params: { id: "another" } }),
    );
    ok(missing instanceof Task.TaskNotFound);
    strictEqual(missing.id, "another");
    const conflict = yield* Effect.flip(client.submit({
      payload: { name: "double", payload: { n: 1 } },
      headers: { "idempotency-key": "later" },
    }));
    ok(conflict instanceof Task.TaskConflict);
  })),
);

test(
  "TaskApi.layer() accepts a task once for each Idempotency-Key",
  Effect.scoped(Effect.gen(function* () {
    const { manager, url } = yield* service();
    const body = '{"name":"double","payload":{"n":2}}';
    const answers = yield* Effect.all(
      Array.from(
        { length: 20 },
        () => post(`${url}/tasks`, body, { "idempotency-key": "once" }),
      ),
      { concurrency: "unbounded" },
    );
    deepStrictEqual(
      new Set(answers.map(({ status }) => status)),
      new Set([202]),
    );
    strictEqual((yield* manager.list()).tasks.length, 1);
    const { id } = JSON.parse((yield* post(`${url}/tasks`, body)).text);
    match(id, /^[\da-f-]{36}$/);
  })),
);

test(
  "TaskApi.layer() cancels a task that runs, and says so",
  Effect.scoped(Effect.gen(function* () {
    const { manager, url } = yield* service();
    const { text } = yield* post(`${url}/tasks`, '{"name":"slow"}');
    const { id } = JSON.parse(text);
    yield* Stream.runDrain(Stream.takeUntil(
      manager.events({ after: 0 }),
      ({ status }) => status === "running",
    ));
    const answer = yield* post(`${url}/tasks/${id}/cancel`, "");
    strictEqual(JSON.parse(answer.text).status, "cancelled");
  })),
);

test(
  "TaskApi.layer() answers what is wrong with a problem that says what and where",
  Effect.scoped(Effect.gen(function* () {
    const { manager, url } = yield* service();
    const submit = (body: string, headers = {}) =>
      post(`${url}/tasks`, body, headers);
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const cases: ReadonlyArray<
      readonly [ReturnType<typeof fetched>, number, string]
    > = [
      [submit('{"name":'), 400, "payload"],
      [submit(""), 400, "payload"],
      [submit('"slow"'), 400, "payload"],
      [submit('{"name":7}'), 400, "payload.name"],
      [submit('{"name":"secret"}'), 400, "payload.name"],
      [submit('{"name":"__proto__"}'), 400, "payload.name"],
      [submit('{"name":"slow","runat":"2100"}'), 400, "payload.runat"],
      [submit('{"name":"slow","runAt":"soon"}'), 400, "payload.runAt"],
      [submit('{"name":"slow","priority":"high"}'), 400, "payload.priority"],
      [submit('{"name":"slow","priority":1e999}'), 400, "payload.priority"],
      [submit('{"name":"double"}'), 400, "payload.payload"],
      [
        submit('{"name":"double","payload":{"n":"2"}}'),
        400,
        "payload.payload.n",
      ],
      [submit(`{"name":"double","payload":${deep}}`), 400, "payload.payload"],
      [submit('{"name":"double","payload":{"n":13}}'), 400, "payload"],
      [
        submit('{"name":"slow"}', { "idempotency-key": "" }),
        400,
        "headers.idempotency-key",
      ],
      [submit('{"name":"slow"}', { "content-type": "text/plain" }), 415, ""],
      [submit(`{"name":"${"x".repeat(2 ** 20)}"}`), 413, ""],
      [fetched(`${url}/tasks/none`), 404, ""],
      [fetched(`${url}/tasks/%E0%A4%A`), 404, ""],
      [fetched(`${url}/tasks/%00`), 400, "params.id"],
      [fetched(`${url}/tasks?name=%00`), 400, "query.name"],
      [post(`${url}/tasks/none/cancel`, ""), 404, ""],
      [post(`${url}/tasks/none/retry`, ""), 404, ""],
      [fetched(`${url}/tasks/none/events`), 404, ""],
      [fetched(`${url}/tasks?limit=0`), 400, "query.limit"],
      [fetched(`${url}/tasks?limit=1001`), 400, "query.limit"],
      [fetched(`${url}/tasks?status=done`), 400, "query.status"],
      [fetched(`${url}/tasks?staus=failed`), 400, "query.staus"],
      [fetched(`${url}/tasks?cursor=x'--`), 400, "query.cursor"],
      [
        fetched(`${url}/events`, { headers: { "last-event-id": "x" } }),
        400,
        "headers.last-event-id",
      ],
      [fetched(`${url}/nowhere`), 404, ""],
    ];
    for (const [request, status, path] of cases) {
      const answer = yield* request;
      const problem = JSON.parse(answer.text);
      strictEqual(answer.status, status, answer.text);
      strictEqual(problem.status, status);
      match(
        answer.headers.get("content-type") ?? "",
        /^application\/problem\+json/,
      );
      strictEqual(problem.errors?.[0].path.join(".") ?? "", path);
    }
    deepStrictEqual((yield* manager.list()).tasks, []);
  })),
);

test(
  "TaskApi.layer() says all that is wrong at once",
  Effect.scoped(Effect.gen(function* () {
    const { url } = yield* service();
    const { text } = yield* post(`${url}/tasks`, '{"name":1,"priority":"x"}');
    deepStrictEqual(
      JSON.parse(text).errors.map(({ path }: { path: string[] }) => path),
      [["payload", "name"], ["payload", "priority"]],
    );
  })),
);

test(
  "TaskApi.layer({ token }) answers only who has it, but for health and docs",
  Effect.scoped(Effect.gen(function* () {
    const { url } = yield* service({ token: Redacted.make("s3cret") });
    const ask = (path: string, authorization?: string) =>
      Effect.map(
        fetched(url + path, {
          headers: authorization === undefined ? {} : { authorization },
        }),
        ({ status }) => status,
      );
    for (
      const path of [
        "/tasks",
        "/stats",
        "/history",
        "/metrics",
        "/tasks/x",
        "/tasks/x/events",
        "/events",
      ]
    ) {
      strictEqual(yield* ask(path), 401, path);
      for (
        const wrong of [
          "Bearer",
          "Bearer s3cre",
          "Bearer s3cret2",
          "Basic s3cret",
          "s3cret",
        ]
      ) {
        strictEqual(yield* ask(path, wrong), 401, `${path} ${wrong}`);
      }
    }
    strictEqual(yield* ask("/stats", "Bearer s3cret"), 200);
    strictEqual(yield* ask("/metrics", "bearer  s3cret"), 200);
    for (const path of ["/health", "/docs", "/openapi.json"]) {
      strictEqual(yield* ask(path), 200, path);
    }
    const { status, text } = yield* post(`${url}/tasks`, '{"name":"slow"}');
    deepStrictEqual([status, JSON.parse(text).title], [401, "Unauthorized"]);
  })),
);

test(
  "TaskApi.layer() without a token answers this machine alone, and no page or proxy that makes it ask",
  Effect.scoped(Effect.gen(function* () {
    const { port } = yield* service();
    const ask = (...headers: ReadonlyArray<string>) =>
      Effect.gen(function* () {
        const connection = yield* connected(port);
        yield* connection.write(
          ["GET /stats HTTP/1.1", "Connection: close", ...headers, "", ""]
            .join("\r\n"),
        );
        return Number((yield* connection.read()).split(" ")[1]);
      });
    for (const host of ["127.0.0.1", "localhost", "[::1]", "weir.localhost"]) {
      strictEqual(yield* ask(`Host: ${host}:${port}`), 200, host);
    }
    strictEqual(
      yield* ask("Host: localhost", `Origin: http://localhost:${port}`),
      200,
    );
    for (
      const headers of [
        ["Host: evil.example"],
        ["Host: localhost.evil.example"],
        ["Host: 127.0.0.1.evil.example"],
        ["Host: localhost", "Origin: https://evil.example"],
        ["Host: localhost", "Origin: null"],
        ["Host: localhost", "X-Forwarded-For: 127.0.0.1"],
        ["Host: localhost", "Forwarded: for=127.0.0.1"],
        ["Host: localhost", "Via: 1.1 proxy"],
      ]
    ) strictEqual(yield* ask(...headers), 403, headers.join());
  })),
);

Deno.test("TaskApi.layer() refuses an empty token", () => {
  throws(() => TaskApi.layer({ tasks: [], token: Redacted.make("") }), {
    name: "RangeError",
    message: /"token" must be not empty/,
  });
});

test(
  "TaskApi.layer() ends streams of events when the server stops",
  Effect.scoped(Effect.gen(function* () {
    const { close, url } = yield* service();
    const response = yield* Effect.promise(() => fetch(`${url}/events`));
    const body = yield* Effect.forkChild(
      Effect.promise(() => response.text()),
    );
    const [took] = yield* Effect.timed(close);
    ok(Duration.toMillis(took) < 5000);
    strictEqual(yield* Fiber.join(body), "id: 0\n\n");
  })),
);

test(
  "TaskApi.layer() tells where a stream of events begins, so that who reconnects before the first one misses none",
  Effect.scoped(Effect.gen(function* () {
    const { url } = yield* service();
    const client = yield* clientOf(url);
    const submitted = (n: number) =>
      client.submit({ payload: { name: "slow" }, headers: {} }).pipe(
        Effect.replicateEffect(n),
      );
    /** The first line that comes. */
    const first = (headers = {}) =>
      Effect.promise(async () => {
        const response = await fetch(`${url}/events`, { headers });
        for await (const chunk of response.body!) {
          return new TextDecoder().decode(chunk).split("\n", 1)[0]!;
        }
        return "";
      });
    yield* submitted(2);
    const [, begun] = /^id: (\d+)$/.exec(yield* first()) ?? [];
    yield* submitted(1);
    const events = yield* client.events({
      headers: { "last-event-id": begun! },
    });
    const [next] = yield* Stream.runCollect(Stream.take(events, 1));
    strictEqual(next?.sequence, Number(begun) + 1);
  })),
);
