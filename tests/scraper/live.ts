/**
 * A server on the loopback that says what it likes, byte by byte.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";

/** One connection, on which one request came. */
export interface Talk {
  /** Of the request. */
  readonly path: string;
  /** All of the request. */
  readonly head: string;
  /** Writes, until the other end is gone. */
  readonly write: (data: string | Uint8Array) => Promise<void>;
  /** Ends when the other end is gone, or the server ends. */
  readonly gone: Promise<void>;
  /** Whether it is. */
  readonly isGone: () => boolean;
}

/** All that is written, or what does it. */
export type Says = string | Uint8Array | ((talk: Talk) => Promise<void>);

/** What a server says to a path. */
export type Script = Readonly<Record<string, () => Says>>;

/** A server, and what it saw. */
export interface Live {
  /** The host, with its port. */
  readonly host: string;
  readonly url: (path: string) => string;
  /** The requests so far, in order. */
  readonly talks: ReadonlyArray<Talk>;
  /** How often each path was asked for. */
  readonly asked: () => Readonly<Record<string, number>>;
}

/** Serves a script until the scope ends. Other paths are not there. */
export function live(script: Script): Effect.Effect<Live, never, Scope.Scope> {
  return Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new Server(script)),
      (server) => Effect.promise(() => server.end()),
    ),
    (server) => server,
  );
}

/** A response, whose length is said unless the headers say something else. */
export function response(
  body: string,
  headers: Readonly<Record<string, string>> = {},
  status = "200 OK",
): string {
  return head({
    "content-type": "text/html",
    "content-length": `${new TextEncoder().encode(body).length}`,
    ...headers,
  }, status) + body;
}

/** What comes before a body. */
export function head(
  headers: Readonly<Record<string, string>>,
  status = "200 OK",
): string {
  const lines = Object.entries(headers).map(([name, value]) =>
    `${name}: ${value}\r\n`
  );
  return `HTTP/1.1 ${status}\r\n${lines.join("")}connection: close\r\n\r\n`;
}

/** A page with links. */
export function links(...paths: ReadonlyArray<string>): string {
  return response(paths.map((path) => `<a href="${path}">x</a>`).join("\n"));
}

/** A piece of a body that has no end. */
export function chunk(bytes: Uint8Array): Uint8Array {
  const size = new TextEncoder().encode(`${bytes.length.toString(16)}\r\n`);
  return new Uint8Array([...size, ...bytes, 13, 10]);
}

class Server implements Live {
  readonly talks: Array<Talk> = [];
  private readonly listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  private readonly open = new Map<Deno.Conn, Promise<void>>();
  private readonly accepting: Promise<void>;

  constructor(private readonly script: Script) {
    this.accepting = this.accept();
  }

  get host(): string {
    return `127.0.0.1:${this.listener.addr.port}`;
  }

  readonly url = (path: string) => `http://${this.host}${path}`;

  readonly asked = () => {
    const counts: Record<string, number> = {};
    for (const { path } of this.talks) counts[path] = (counts[path] ?? 0) + 1;
    return counts;
  };

  async end(): Promise<void> {
    this.listener.close();
    for (const connection of this.open.keys()) shut(connection);
    await Promise.all(this.open.values());
    await this.accepting;
  }

  private async accept(): Promise<void> {
    for await (const connection of this.listener) {
      const talk = this.talk(connection).catch(() => {}).finally(() => {
        shut(connection);
        this.open.delete(connection);
      });
      this.open.set(connection, talk);
    }
  }

  private async talk(connection: Deno.Conn): Promise<void> {
    const head = await readHead(connection);
    if (head === undefined) return;
    const [, path = ""] = head.split(" ", 2);
    let isGone = false;
    const gone = untilGone(connection).then(() => {
      isGone = true;
    });
    const talk: Talk = {
      ...{ path, head, gone, isGone: () => isGone },
      write: (data) => writeAll(connection, data),
    };
    this.talks.push(talk);
    const says = this.script[path]?.() ?? response("", {}, "404 Not Found");
    if (typeof says === "function") return await says(talk);
    await talk.write(says);
    await connection.closeWrite();
    await gone;
  }
}

async function readHead(connection: Deno.Conn): Promise<string | undefined> {
  const buffer = new Uint8Array(65_536);
  let text = "";
  while (!text.endsWith("\r\n\r\n")) {
    const n = await connection.read(buffer);
    if (n === null) return undefined;
    text += new TextDecoder().decode(buffer.subarray(0, n));
  }
  return text;
}

async function untilGone(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(1024);
  while (await connection.read(buffer).catch(() => null) !== null);
}

async function writeAll(
  connection: Deno.Conn,
  data: string | Uint8Array,
): Promise<void> {
  const bytes = typeof data === "string"
    ? new TextEncoder().encode(data)
    : data;
  for (let n = 0; n < bytes.length;) {
    n += await connection.write(bytes.subarray(n));
  }
}

function shut(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It was closed before.
  }
}
