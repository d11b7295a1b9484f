/**
 * A site, in a process of its own: the reference of JSXGraph, or so many small pages of one's own making.
 *
 * @module
 */
// deno-lint-ignore-file no-console
const pages = Number(Deno.args[0] ?? 0);
/** Where the package has its pages. */
const folder = new URL(
  "../distrib/docs",
  import.meta.resolve("npm:jsxgraph@1.10.1"),
).pathname;

/** What was read is kept, so that it is the crawler that is measured. */
const files = new Map<string, Uint8Array<ArrayBuffer> | undefined>();

function file(pathname: string): Uint8Array<ArrayBuffer> | undefined {
  if (!files.has(pathname)) {
    const path = folder + decodeURIComponent(pathname);
    try {
      files.set(pathname, Deno.readFileSync(path));
    } catch {
      files.set(pathname, undefined);
    }
  }
  return files.get(pathname);
}

const filler = "<p>Nothing to see here, and much of it.</p>".repeat(50);

function small(pathname: string): string | undefined {
  const [, name = ""] = /^\/(\d+)\.html$/.exec(pathname) ?? [];
  const page = name === "" ? NaN : Number(name);
  if (!(page < pages)) return undefined;
  const links = [
    2 * page + 1,
    2 * page + 2,
    page * 7 % pages,
    page * 13 % pages,
  ]
    .filter((to) => to < pages)
    .map((to) => `<a href="/${to}.html">on</a>`);
  return `<!doctype html><title>${page}</title>${links.join("")}${filler}`;
}

const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen() {} },
  ({ url }) => {
    const { pathname } = new URL(url);
    if (pathname === "/robots.txt") {
      return new Response("User-agent: *\nAllow: /\n");
    }
    const body = pages > 0 ? small(pathname) : file(pathname);
    if (body === undefined) return new Response("", { status: 404 });
    const type = pathname.endsWith(".html") ? "text/html" : "text/plain";
    return new Response(body, {
      headers: { "content-type": `${type}; charset=utf-8` },
    });
  },
);
console.log(server.addr.port);
