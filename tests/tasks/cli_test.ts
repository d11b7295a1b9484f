import { Task, TaskStore } from "@weir/weir/tasks";
import * as Effect from "effect/Effect";
import * as Redacted from "effect/Redacted";
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { testLive } from "@weir/weir/testing";
import config from "../../deno.json" with { type: "json" };
import { service } from "./api_served.ts";
import { called } from "./cli_called.ts";

/** A command line for a service of its own. */
const served = (options?: Parameters<typeof service>[0]) =>
  Effect.map(service(options), ({ manager, url }) => ({
    manager,
    url,
    call: (...args: ReadonlyArray<string>) =>
      called(args, { env: { WEIR_URL: url } }),
  }));

testLive(
  "weir-tasks submits, lists, looks and counts",
  Effect.gen(function* () {
    const { call } = yield* served();
    const submitted = yield* call(
      ...["submit", "double", '{"n":21}', "--id", "answer", "--wait"],
    );
    deepStrictEqual([submitted.code, submitted.err], [0, ""]);
    match(submitted.out, /^status {3}completed$/m);
    match(submitted.out, /^result {3}42$/m);
    deepStrictEqual(
      yield* call("submit", "slow", "--id", "later", "--delay", "1 hour"),
      { code: 0, out: "later  slow  scheduled\n", err: "" },
    );
    match((yield* call("get", "answer")).out, /^payload {2}{"n":21}$/m);
    const all = yield* call("list");
    deepStrictEqual(
      all.out.split("\n").map((line) => line.split(/ {2,}/).slice(0, 4)),
      [
        ["STATUS", "NAME", "ID", "TRIES"],
        ["scheduled", "slow", "later", "0"],
        ["completed", "double", "answer", "1"],
        [""],
      ],
    );
    match(all.out, /in 59m/);
    const some = yield* call("list", "--status", "completed", "--name", "slow");
    strictEqual(some.out.split("\n").length, 2, "headings alone");
    deepStrictEqual(yield* call("stats"), {
      code: 0,
      out:
        "scheduled 1  pending 0  running 0  completed 1  failed 0  cancelled 0\n",
      err: "",
    });
  }),
);

testLive(
  "weir-tasks submit sends priority and instant as they are given",
  Effect.gen(function* () {
    const { call } = yield* served();
    const { out } = yield* call(
      ...["submit", "slow", "--priority", "2.5", "--json"],
      ...["--run-at", "2100-01-01T01:00:00+01:00"],
    );
    const { priority, runAt, payload } = JSON.parse(out);
    deepStrictEqual([priority, runAt, payload], [
      ...[2.5, "2100-01-01T00:00:00.000Z", null],
    ]);
  }),
);

testLive(
  "weir-tasks cancels and retries, and says no where that is of no use",
  Effect.gen(function* () {
    const { call } = yield* served();
    yield* call("submit", "slow", "--id", "a", "--delay", "1 hour");
    deepStrictEqual(yield* call("retry", "a"), {
      code: 1,
      out: "",
      err:
        'Task "a" is scheduled: only what failed or was cancelled can be tried again\n',
    });
    deepStrictEqual(yield* call("cancel", "a"), {
      code: 0,
      out: "a  slow  cancelled\n",
      err: "",
    });
    match(
      (yield* call("retry", "a")).out,
      /^a {2}slow {2}(pending|running)\n$/,
    );
    yield* call("submit", "double", '{"n":1}', "--id", "b", "--wait");
    const late = yield* call("cancel", "b");
    strictEqual(late.code, 1);
    strictEqual(late.err, 'Task "b" cannot be cancelled: it is completed\n');
  }),
);

testLive(
  "weir-tasks submit --wait exits with 1 unless the task is completed",
  Effect.gen(function* () {
    const { call } = yield* served();
    const failed = yield* call(
      ...["submit", "double", '{"n":-1}', "--id", "a", "--wait", "--json"],
    );
    strictEqual(failed.code, 1);
    strictEqual(JSON.parse(failed.out).status, "failed");
    match(failed.err, /^Task "a" is failed: .*negative/);
    yield* call("submit", "slow", "--id", "b", "--delay", "1 hour");
    yield* call("cancel", "b");
    const cancelled = yield* call("submit", "slow", "--id", "b", "--wait");
    strictEqual(cancelled.code, 1);
    strictEqual(cancelled.err, 'Task "b" is cancelled\n');
  }),
);

testLive(
  "weir-tasks list prints 20 tasks, or --limit, or --all over all pages",
  Effect.gen(function* () {
    const { call, manager } = yield* served();
    const Slow = Task.make("slow");
    yield* manager.submitMany(Slow, Array.from({ length: 450 }), {
      delay: "1 hour",
    });
    const lines = (...args: ReadonlyArray<string>) =>
      Effect.map(
        call("list", ...args),
        ({ out }) => out.trimEnd().split("\n"),
      );
    strictEqual((yield* lines()).length, 21);
    strictEqual((yield* lines("--limit", "201")).length, 202);
    const ids = (yield* lines("--all", "--json")).map((line) =>
      JSON.parse(line).id
    );
    strictEqual(new Set(ids).size, 450);
    const all = yield* lines("--all");
    strictEqual(all.filter((line) => line.startsWith("STATUS")).length, 1);
  }),
);

testLive(
  "weir-tasks --json prints one line of JSON, with nothing in it that a terminal obeys",
  Effect.gen(function* () {
    const { call, manager } = yield* served();
    const id = "\x9b2J\x7f\u2028\x1b[2J\u202e";
    yield* manager.submit(Task.make("slow"), undefined, {
      id,
      delay: "1 hour",
    });
    const { out } = yield* call("list", "--json");
    strictEqual(JSON.parse(out).id, id);
    match(out, /^[^\p{Cc}\u2028]+\n$/u);
    const shown = "\\x9b2J\\x7f\\u{2028}\\x1b[2J\\u{202e}";
    ok((yield* call("list")).out.includes(`  ${shown}  `));
    ok((yield* call("get", id)).out.includes(`id       ${shown}\n`));
    deepStrictEqual(JSON.parse((yield* call("stats", "--json")).out), {
      ...{ scheduled: 1, pending: 0, running: 0 },
      ...{ completed: 0, failed: 0, cancelled: 0 },
    });
  }),
);

testLive(
  "weir-tasks says in plain words what the service refuses, and exits with 1",
  Effect.gen(function* () {
    const { call, url } = yield* served();
    yield* call("submit", "double", '{"n":1}', "--id", "a");
    const cases: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
      [
        ["get", "none\x1b[2J"],
        'There is no task "none\\x1b[2J": it never was, or it ended so long ago that it was forgotten\n',
      ],
      [
        ["submit", "slow", "--id", "a"],
        'There is another task "a" already, with another name or payload: choose another --id\n',
      ],
      [
        ["submit", "double", '{"n":"one"}'],
        "The service did not take it (400): The payload does not fit\n" +
        "  payload.payload.n: Expected number\n",
      ],
      [
        ["list", "--url", `${url}/nowhere`],
        `What answers at ${url}/nowhere does not answer as a task service does (404 Not Found): is the URL right?\n`,
      ],
    ];
    for (const [args, err] of cases) {
      deepStrictEqual(yield* call(...args), { code: 1, out: "", err });
    }
    const unknown = yield* call("submit", "secret");
    match(unknown.err, /payload\.name: Expected "double" or "slow"/);
  }),
);

testLive(
  "weir-tasks says where nobody answers",
  Effect.gen(function* () {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const url = `http://127.0.0.1:${listener.addr.port}`;
    listener.close();
    for (const command of ["list", "watch", "stats"]) {
      deepStrictEqual(yield* called([command, "--url", url]), {
        ...{ code: 1, out: "" },
        err:
          `No service answers at ${url} (the connection was refused): is it running, and is --url or WEIR_URL right?\n`,
      });
    }
    const elsewhere = yield* called(["list", "--url", "http://weir.invalid"]);
    strictEqual(
      elsewhere.err,
      "Deno may not connect to http://weir.invalid: run it with --allow-net=weir.invalid\n",
    );
  }),
);

testLive(
  "weir-tasks sends the token of WEIR_TOKEN or --token, and says what is missing",
  Effect.gen(function* () {
    const { url } = yield* served({ token: Redacted.make("hush") });
    const list = (args: ReadonlyArray<string>, env = {}) =>
      called(["list", "--url", url, ...args], { env });
    strictEqual((yield* list(["--token", "hush"])).code, 0);
    strictEqual((yield* list([], { WEIR_TOKEN: "hush" })).code, 0);
    deepStrictEqual(yield* list([]), {
      ...{ code: 1, out: "" },
      err:
        `The service at ${url} asks for a token (401): set WEIR_TOKEN, or give --token\n`,
    });
    const wrong = yield* list(["--token", "loud"], { WEIR_TOKEN: "hush" });
    strictEqual(wrong.code, 1);
    match(wrong.err, /does not know this token \(401\)/);
    ok(!wrong.err.includes("loud"));
  }),
);

testLive(
  "weir-tasks says that only the service's own machine is answered",
  Effect.gen(function* () {
    const fetch = () =>
      Promise.resolve(
        new Response(
          '{"type":"about:blank","title":"Forbidden","status":403}',
          {
            ...{ status: 403 },
            headers: { "content-type": "application/problem+json" },
          },
        ),
      );
    deepStrictEqual(yield* called(["list"], { fetch }), {
      ...{ code: 1, out: "" },
      err:
        "The service at http://localhost:8000 answers only its own machine, because it has no token of its own (403)\n",
    });
  }),
);

testLive(
  "weir-tasks says that a store is full or cannot be reached",
  Effect.gen(function* () {
    const full = yield* served({
      store: TaskStore.layerMemory({ capacity: 1 }),
    });
    yield* full.call("submit", "slow", "--delay", "1 hour");
    const more = yield* full.call("submit", "slow", "--delay", "1 hour");
    strictEqual(more.code, 1);
    match(more.err, /^The service has no room for more tasks: try again later/);
    const answering = (status: number, body: string, headers = {}) =>
      Effect.acquireRelease(
        Effect.sync(() =>
          Deno.serve(
            { hostname: "127.0.0.1", port: 0, onListen: () => {} },
            () => new Response(body, { status, headers }),
          )
        ),
        (server) => Effect.promise(() => server.shutdown()),
      ).pipe(
        Effect.flatMap((server) =>
          called(["stats", "--url", `http://127.0.0.1:${server.addr.port}`])
        ),
      );
    const busy = yield* answering(
      ...[429, '{"title":"Too Many Requests","detail":"Slow down"}'] as const,
      { "retry-after": "3", "content-type": "application/problem+json" },
    );
    match(
      busy.err,
      /answered 429 Too Many Requests: Slow down \(try again in 3 s\)\n$/,
    );
    match((yield* answering(502, "<html>")).err, /answered 502\n$/);
    match(
      (yield* answering(200, "<html>")).err,
      /does not answer as a task service does/,
    );
  }),
);

testLive(
  "weir-tasks exits with 2 where it is called in a wrong way, and says how to call it",
  Effect.gen(function* () {
    const wrong: ReadonlyArray<readonly [ReadonlyArray<string>, RegExp]> = [
      [["frobnicate"], /Unknown subcommand/],
      [["get"], /Missing required argument: id/],
      [["get", ""], /argument <id>/],
      [["list", "--limit", "0"], /Expected 1 or more/],
      [["list", "--limit", "5", "--all"], /--limit or --all, not both/],
      [["list", "--status", "lost"], /scheduled/],
      [["list", "--url", "file:///etc"], /Expected an http or https URL/],
      [["list", "--url", "http://me:secret@here"], /http or https URL/],
      [["submit", "slow", "{bad"], /Expected JSON/],
      [["submit", "slow", "--delay", "soon"], /"5 minutes"/],
      [["submit", "slow", "--delay=-1 seconds"], /"5 minutes"/],
      [["submit", "slow", "--run-at", "soon"], /an instant/],
      [["submit", "slow", "--id", "é"], /ASCII/],
      [
        ["submit", "slow", "--delay", "1 second", "--run-at", "2100-01-01"],
        /--delay or --run-at, not both/,
      ],
    ];
    for (const [args, says] of wrong) {
      const { code, err, out } = yield* called(args);
      strictEqual(code, 2, args.join(" "));
      match(err, says);
      match(out, /^USAGE$/m);
    }
  }),
);

testLive(
  "weir-tasks tells its version, its usage, and completions, without a service",
  Effect.gen(function* () {
    const { version } = config;
    strictEqual(
      (yield* called(["--version"])).out,
      `weir-tasks v${version}\n`,
    );
    const help = yield* called(["submit", "--help"], {
      env: { WEIR_TOKEN: "hush" },
    });
    strictEqual(help.code, 0);
    match(help.out, /WEIR_TOKEN if omitted, which is better/);
    ok(!help.out.includes("hush"));
    strictEqual((yield* called([])).code, 0);
    match((yield* called(["--completions", "bash"])).out, /complete/);
  }),
);
