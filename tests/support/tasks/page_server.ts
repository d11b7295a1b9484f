/**
 * As much of the service of tasks as its page needs, with levers.
 *
 * @module
 */
import css from "../../../src/tasks/page/page.css" with { type: "text" };
import html from "../../../src/tasks/page/page.html" with { type: "text" };
import js from "../../../src/tasks/page/page.js" with { type: "text" };

/** A task as the service tells of it. */
export interface Told {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly priority: number;
  readonly attempts: number;
  readonly createdAt: string;
  readonly runAt?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly lane?: string;
  readonly progress?: {
    readonly done: number;
    readonly total?: number;
    readonly message?: string;
  };
  readonly payload: unknown;
  readonly error?: string;
}

const files: Readonly<Record<string, readonly [string, string]>> = {
  "/": ["text/html; charset=utf-8", html],
  "/page.css": ["text/css; charset=utf-8", css],
  "/page.js": ["text/javascript; charset=utf-8", js],
};

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const statuses = [
  ...["scheduled", "pending", "running", "completed", "failed", "cancelled"],
];

/** Serves the page and tasks on a free port of the loopback. */
export class PageServer implements AsyncDisposable {
  /** By id, from the oldest on. */
  readonly tasks: Map<string, Told> = new Map();
  /** What was asked for, such as `GET /tasks?limit=100`. */
  readonly asked: string[] = [];
  /** The `Last-Event-ID` of each stream. */
  readonly resumedAt: (string | null)[] = [];
  /** The samples of `/history`. */
  history: readonly object[] = [];
  /** Whether streams are refused. */
  refuses = false;
  /** Whether tasks are not told of but by streams. */
  listsFail = false;
  /** Whether lists are as long as they can be, whatever limit is asked for. */
  longLists = false;

  readonly #token: string | undefined;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #log: string[] = [];
  readonly #streams: Set<ReadableStreamDefaultController<Uint8Array>> =
    new Set();

  constructor(token?: string) {
    this.#token = token;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  /** Adds a task or changes one, and tells of it. */
  set(id: string, change: Partial<Told>): Told {
    const task: Told = {
      id,
      ...{ name: "resize", status: "pending", priority: 0, attempts: 0 },
      ...{ createdAt: new Date().toISOString(), payload: null },
      ...this.tasks.get(id),
      ...change,
    };
    this.tasks.set(id, task);
    const { name, progress, status } = task;
    const sequence = this.#log.length + 1;
    const at = new Date().toISOString();
    const data = JSON.stringify({ sequence, at, id, name, status, progress });
    const message = `id: ${sequence}\ndata: ${data}\n\n`;
    this.#log.push(message);
    for (const stream of this.#streams) stream.enqueue(encode(message));
    return task;
  }

  /** Ends all streams. */
  drop(): void {
    for (const stream of this.#streams) stream.close();
    this.#streams.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.drop();
    await this.#server.shutdown();
  }

  #answer(request: Request): Response {
    const { pathname, search, searchParams } = new URL(request.url);
    const file = files[pathname];
    if (file !== undefined) {
      const [type, text] = file;
      return new Response(text, {
        headers: { "content-type": type, "content-security-policy": policy },
      });
    }
    this.asked.push(`${request.method} ${pathname}${search}`);
    const allowed = this.#token === undefined ||
      request.headers.get("authorization") === `Bearer ${this.#token}`;
    if (!allowed) return problem(401, "A token is needed.");
    const all = [...this.tasks.values()];
    if (pathname === "/events") return this.#stream(request);
    if (pathname === "/history") return Response.json(this.history);
    if (pathname === "/stats") {
      return Response.json(Object.fromEntries(statuses.map((status) => [
        status,
        all.filter((task) => task.status === status).length,
      ])));
    }
    if (this.listsFail) return problem(503, "Not now.");
    if (this.longLists) searchParams.set("limit", "1000000");
    if (pathname === "/tasks") return Response.json(page(all, searchParams));
    const [, , id = "", action] = pathname.split("/").map(decodeURIComponent);
    const task = this.tasks.get(id);
    if (task === undefined) return problem(404, `There is no task ${id}.`);
    if (action === undefined) return Response.json(task);
    const status = action === "cancel" ? "cancelled" : "pending";
    return Response.json(this.set(id, { status }));
  }

  #stream(request: Request): Response {
    if (this.refuses) return problem(503, "Not now.");
    const last = request.headers.get("last-event-id");
    this.resumedAt.push(last);
    const missed = last === null ? [] : this.#log.slice(Number(last));
    let own: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => {
        own = stream;
        this.#streams.add(stream);
        stream.enqueue(encode(`: begins\n\n${missed.join("")}`));
      },
      cancel: () => {
        if (own !== undefined) this.#streams.delete(own);
      },
    });
    return new Response(body, {
      headers: { "content-type": "text/event-stream" },
    });
  }
}

/** A part of the list, newest first; the cursor is how many came before. */
function page(all: readonly Told[], query: URLSearchParams): object {
  const status = query.get("status");
  const limit = Number(query.get("limit"));
  const from = Number(query.get("cursor"));
  const found = all.toReversed()
    .filter((task) => status === null || task.status === status);
  const tasks = found.slice(from, from + limit);
  const more = from + limit < found.length;
  return { tasks, ...(more ? { cursor: String(from + limit) } : {}) };
}

function problem(status: number, detail: string): Response {
  return Response.json({ type: "about:blank", title: detail, status, detail }, {
    status,
    headers: { "content-type": "application/problem+json" },
  });
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
