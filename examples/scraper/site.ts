/**
 * A folder of files as a site on this machine.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import { extname, join } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".gif": "image/gif",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".png": "image/png",
  ".txt": "text/plain",
};

/** Serves a folder until the scope ends; gives its URL. */
export const serveFolder = (
  folder: string,
): Effect.Effect<string, never, Scope.Scope> => {
  const listen = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  return Effect.map(
    Effect.acquireRelease(
      Effect.sync(() =>
        Deno.serve(listen, (request) => answer(folder, request))
      ),
      (server) => Effect.promise(() => server.shutdown()),
    ),
    ({ addr: { port } }) => `http://127.0.0.1:${port}/`,
  );
};

async function answer(folder: string, { url }: Request): Promise<Response> {
  // What is above the folder cannot be named: URLs have no `..` left in them.
  const path = decodeURIComponent(new URL(url).pathname);
  const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
  try {
    const type = types[extname(file)] ?? "application/octet-stream";
    return new Response(await Deno.readFile(file), {
      headers: { "content-type": type },
    });
  } catch {
    return new Response("Not found", { status: 404 });
  }
}
