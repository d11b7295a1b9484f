import { DenoHttpServer } from "@weir/weir/deno";
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServer from "effect/http/HttpServer";
import * as Layer from "effect/Layer";
import * as Scope from "effect/Scope";

/** A server on the loopback. */
export interface Served {
  readonly port: number;
  readonly url: string;
  /** Ends it as the end of its scope does. */
  readonly close: Effect.Effect<void>;
}

/** Routes, whatever they may fail with. */
type Routes = Layer.Layer<
  never,
  never,
  | HttpRouter.HttpRouter
  | HttpRouter.Request<"Error", unknown>
  | HttpRouter.Request<"GlobalError", unknown>
>;

/** Serves routes on a free port unless one is given, until it is closed or the scope ends. */
export function served(
  routes: Routes,
  options?: DenoHttpServer.Options,
): Effect.Effect<Served, unknown, Scope.Scope> {
  return Effect.gen(function* () {
    const scope = yield* Scope.fork(yield* Effect.scope);
    const server = HttpRouter.serve(routes, {
      disableLogger: true,
      disableListenLog: true,
    }).pipe(
      Layer.provideMerge(DenoHttpServer.layer({ port: 0, ...options })),
    );
    const context = yield* Layer.buildWithScope(server, scope);
    const { address } = Context.get(context, HttpServer.HttpServer);
    const url = HttpServer.formatAddress(address);
    return {
      url,
      port: Number(new URL(url).port),
      close: Scope.close(scope, Exit.void),
    };
  });
}

/** Fetches, and reads all of the answer. */
export function fetched(
  url: string,
  init?: RequestInit,
): Effect.Effect<{
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}> {
  return Effect.promise(async (signal) => {
    const response = await fetch(url, { signal, ...init });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text };
  });
}

/** A connection on which anything can be said. */
export interface Connection {
  readonly write: (text: string) => Effect.Effect<void>;
  /** All that comes until the other end closes, or until it has come to this. */
  readonly read: (until?: string) => Effect.Effect<string>;
  readonly close: Effect.Effect<void>;
}

/** Connects to a port of the loopback, until it is closed or the scope ends. */
export function connected(
  port: number,
): Effect.Effect<Connection, never, Scope.Scope> {
  return Effect.map(
    Effect.acquireRelease(
      Effect.promise(() => Deno.connect({ hostname: "127.0.0.1", port })),
      (connection) => Effect.sync(() => shut(connection)),
    ),
    (connection) => ({
      write: (text) =>
        Effect.promise(async () => {
          const bytes = new TextEncoder().encode(text);
          for (let n = 0; n < bytes.length;) {
            n += await connection.write(bytes.subarray(n));
          }
        }),
      read: (until) => Effect.promise(() => read(connection, until)),
      close: Effect.sync(() => shut(connection)),
    }),
  );
}

async function read(connection: Deno.Conn, until?: string): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let text = "";
  while (until === undefined || !text.includes(until)) {
    // A server that cuts a connection off resets it.
    const n = await connection.read(buffer).catch(() => null);
    if (n === null) break;
    text += decoder.decode(buffer.subarray(0, n), { stream: true });
  }
  return text;
}

function shut(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It was closed before.
  }
}
