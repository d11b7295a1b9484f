import * as Effect from "effect/Effect";
import * as Redacted from "effect/Redacted";
import { match, ok, strictEqual } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { connected, fetched } from "../support/served.ts";
import { service } from "./api_served.ts";

/** A test on a socket, in real time. */
function test(name: string, body: Effect.Effect<void, unknown>): void {
  Deno.test(name, () => Effect.runPromise(body));
}

const folder = new URL("../../src/tasks/page/", import.meta.url);
const files = await readdir(folder);
const types: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
};

function pathOf(file: string): string {
  return file === "page.html" ? "/" : `/page/${file}`;
}

test(
  "TaskApi.layer() serves every file of the page, to whoever asks",
  Effect.scoped(Effect.gen(function* () {
    const { url } = yield* service({ token: Redacted.make("s3cret") });
    ok(files.includes("page.html") && files.includes("main.js"));
    for (const file of files) {
      const { headers, status, text } = yield* fetched(url + pathOf(file));
      strictEqual(status, 200, file);
      const [, end = ""] = file.split(".");
      strictEqual(headers.get("content-type"), types[end]);
      strictEqual(headers.get("x-content-type-options"), "nosniff");
      strictEqual(headers.get("cache-control"), "no-cache");
      strictEqual(
        headers.get("content-security-policy"),
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      const source = yield* Effect.promise(() =>
        readFile(new URL(file, folder), "utf8")
      );
      strictEqual(text, source);
    }
  })),
);

test(
  "TaskApi.layer() answers HEAD for the page with the headers alone",
  Effect.scoped(Effect.gen(function* () {
    const { url } = yield* service();
    for (const path of ["/", "/page/main.js", "/page/base.css"]) {
      const got = yield* fetched(url + path);
      const { headers, status, text } = yield* fetched(url + path, {
        method: "HEAD",
      });
      strictEqual(status, 200, path);
      strictEqual(text, "");
      for (const name of ["content-type", "content-length"]) {
        strictEqual(headers.get(name), got.headers.get(name));
      }
    }
    for (const path of ["/page/", "/page/none.js", "/page/..%2fmod.ts"]) {
      strictEqual((yield* fetched(url + path)).status, 404, path);
    }
  })),
);

test(
  "TaskApi.layer() without a token answers the page for another name, but no data",
  Effect.scoped(Effect.gen(function* () {
    const { port } = yield* service();
    const ask = Effect.fnUntraced(function* (path: string) {
      const connection = yield* connected(port);
      yield* connection.write(
        `GET ${path} HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n`,
      );
      return yield* connection.read();
    });
    match(yield* ask("/"), /^HTTP\/1\.1 200 /);
    match(yield* ask("/page/main.js"), /^HTTP\/1\.1 200 /);
    match(yield* ask("/tasks"), /^HTTP\/1\.1 403 /);
  })),
);

test(
  "TaskApi.layer() keeps the page out of the OpenAPI",
  Effect.scoped(Effect.gen(function* () {
    const { url } = yield* service();
    const { text } = yield* fetched(`${url}/openapi.json`);
    const paths = Object.keys(JSON.parse(text).paths);
    ok(paths.includes("/tasks"));
    ok(!paths.some((path) => path === "/" || path.startsWith("/page")));
  })),
);
