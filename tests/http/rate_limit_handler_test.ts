import { Quota } from "@weir/weir";
import { RateLimit } from "@weir/weir/http";
import {
  deepStrictEqual,
  ok,
  rejects,
  strictEqual,
  throws,
} from "node:assert/strict";
import { itemsOf } from "../support/http.ts";

/** 20 at once, and none for a long time. */
const quota = Quota.tokenBucket({
  rate: 1,
  per: "1 hour",
  burst: 20,
  name: "free",
});

const hello = () => new Response("hello");

function from(address: string): RateLimit.ServeInfo {
  const remoteAddr = { transport: "tcp", hostname: address, port: 4711 };
  return { remoteAddr };
}

type Handler = (
  request: Request,
  info: RateLimit.ServeInfo,
) => Response | Promise<Response>;

function ask(handler: Handler, address = "192.0.2.1", init?: RequestInit) {
  return handler(new Request("http://localhost/a?b=c", init), from(address));
}

/** A server on the loopback, while something runs. */
async function serving(
  handler: (request: Request, info: Deno.ServeHandlerInfo) =>
    | Response
    | Promise<Response>,
  run: (url: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    handler,
  );
  try {
    await run(`http://127.0.0.1:${server.addr.port}/`);
  } finally {
    await server.shutdown();
  }
}

Deno.test("RateLimit.handler() admits of 200 requests to a server what the bound allows", () =>
  serving(RateLimit.handler(hello, { quota }), async (url) => {
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const response = await fetch(url);
        await response.body?.cancel();
        return response.status;
      }),
    );
    strictEqual(statuses.filter((status) => status === 200).length, 20);
    strictEqual(statuses.filter((status) => status === 429).length, 180);
  }));

Deno.test("RateLimit.handler() keeps clients apart, below a limit over all", async () => {
  const shared = Quota.fixedWindow({ limit: 30, window: "1 day", name: "all" });
  const limited = RateLimit.handler(hello, { quota, shared });
  let passed = 0;
  for (let n = 0; n < 25; n++) {
    const response = await ask(limited, "192.0.2.1");
    if (response.status === 200) passed++;
  }
  strictEqual(passed, 20);
  const other = await ask(limited, "192.0.2.2");
  deepStrictEqual(itemsOf(other, "ratelimit")[0], {
    ...itemsOf(other, "ratelimit")[0],
    ...{ name: "all", r: 9 },
  });
  for (let n = 0; n < 25; n++) {
    const response = await ask(limited, "192.0.2.2");
    if (response.status === 200) passed++;
  }
  strictEqual(passed, 29);
});

Deno.test("RateLimit.handler() refuses with a problem and Retry-After", async () => {
  const limited = RateLimit.handler(hello, {
    quota: Quota.tokenBucket({
      rate: 1,
      per: "1 hour",
      burst: 1,
      name: "free",
    }),
    legacyHeaders: true,
  });
  const first = await ask(limited);
  strictEqual(first.headers.get("ratelimit"), '"free";r=0;t=3600');
  strictEqual(first.headers.get("ratelimit-policy"), '"free";q=1;w=3600');
  strictEqual(first.headers.get("x-ratelimit-limit"), "1");
  const reset = Number(first.headers.get("x-ratelimit-reset"));
  ok(Math.abs(reset - Date.now() / 1000 - 3600) < 5);
  const refused = await ask(limited);
  strictEqual(refused.status, 429);
  strictEqual(
    refused.headers.get("content-type"),
    "application/problem+json",
  );
  strictEqual(refused.headers.get("retry-after"), "3600");
  const problem = await refused.json();
  strictEqual(problem.status, 429);
  strictEqual(
    problem.type,
    "https://iana.org/assignments/http-problem-types#quota-exceeded",
  );
  deepStrictEqual(problem["violated-policies"], ["free"]);
});

Deno.test("RateLimit.handler() puts the fields on whatever is answered", async () => {
  const nothing = new Response(null, { status: 404 });
  await serving(hello, async (url) => {
    const answers: Readonly<Record<string, Handler>> = {
      later: () => Promise.resolve(new Response("hello", { status: 201 })),
      redirect: () => Response.redirect("http://localhost/", 302),
      fetched: () => fetch(url),
      nothing: () => nothing,
      json: () => Response.json({}, { headers: { ratelimit: '"up";r=3' } }),
    };
    for (const [name, answer] of Object.entries(answers)) {
      const limited = RateLimit.handler(answer, { quota });
      const asked = [["1", 19], ["1", 18], ["2", 19]] as const;
      for (const [client, left] of asked) {
        const response = await ask(limited, `192.0.2.${client}`);
        const standing = itemsOf(response, "ratelimit").at(-1);
        deepStrictEqual([name, standing?.r], [name, left]);
        strictEqual(
          itemsOf(response, "ratelimit").length,
          name === "json" ? 2 : 1,
        );
        strictEqual(
          response.headers.get("ratelimit-policy"),
          '"free";q=20;w=72000',
        );
        await response.body?.cancel();
      }
    }
  });
});

Deno.test("RateLimit.handler() around another one lists both, and who is left out is not touched", async () => {
  const plain = hello();
  const inner = RateLimit.handler(() => plain.clone(), { quota });
  const outer = RateLimit.handler(inner, {
    quota: Quota.fixedWindow({ limit: 2, window: "1 day", name: "day" }),
    key: ({ url }) => url,
  });
  const both = await ask(outer);
  deepStrictEqual(
    itemsOf(both, "ratelimit").map(({ name, r }) => [name, r]),
    [["free", 19], ["day", 1]],
  );
  const same = RateLimit.handler(() => plain, {
    quota,
    key: ({ method, header }) => method === "GET" ? header("X-Nobody") : "all",
  });
  strictEqual(await ask(same), plain);
  strictEqual(plain.headers.get("ratelimit"), null);
});

Deno.test("RateLimit.handler() leaves WebSockets and errors as they are", async () => {
  const limited = RateLimit.handler(() => Response.error(), { quota });
  strictEqual((await ask(limited)).type, "error");
  let given: Response | undefined;
  const upgrade = RateLimit.handler((request: Request) => {
    const { response, socket } = Deno.upgradeWebSocket(request);
    given = response;
    socket.onopen = () => socket.send("hello");
    socket.onmessage = () => socket.close();
    return response;
  }, { quota });
  const answer = async (request: Request, info: Deno.ServeHandlerInfo) => {
    const response = await upgrade(request, info);
    strictEqual(response, given);
    return response;
  };
  await serving(answer, async (url) => {
    const socket = new WebSocket(url.replace("http", "ws"));
    const { promise, resolve } = Promise.withResolvers<void>();
    const heard: Array<unknown> = [];
    socket.onmessage = ({ data }) => {
      heard.push(data);
      socket.send("bye");
    };
    socket.onclose = () => resolve();
    await promise;
    deepStrictEqual(heard, ["hello"]);
  });
});

Deno.test("RateLimit.handler() lets through what a handler throws", async () => {
  const broken = new Error("broken");
  const throwing = RateLimit.handler(() => {
    throw broken;
  }, { quota });
  throws(() => ask(throwing), broken);
  const rejecting = RateLimit.handler(() => Promise.reject(broken), { quota });
  await rejects(async () => await ask(rejecting), broken);
});

Deno.test("RateLimit.handler() charges what cost says, and throws for what is no cost", async () => {
  const limited = RateLimit.handler(hello, {
    quota,
    cost: ({ header, url }) => url === "/a?b=c" ? Number(header("x-cost")) : 0,
  });
  const cost = (cost: string) =>
    ask(limited, "192.0.2.1", { headers: { "x-cost": cost } });
  strictEqual(itemsOf(await cost("5"), "ratelimit")[0]?.r, 15);
  const tooMuch = await cost("21");
  strictEqual(tooMuch.status, 429);
  strictEqual(tooMuch.headers.get("retry-after"), null);
  strictEqual(itemsOf(tooMuch, "ratelimit")[0]?.r, 15);
  throws(() => cost("-1"), RangeError);
});

Deno.test("RateLimit.handler({ maxWait }) waits for a turn, and a client that leaves gives its place up", async () => {
  const limited = RateLimit.handler(hello, {
    quota: Quota.tokenBucket({ rate: 1, per: "200 millis", burst: 1 }),
    maxWait: "450 millis",
  });
  const start = performance.now();
  strictEqual((await ask(limited)).status, 200);
  const leaving = new AbortController();
  const { signal } = leaving;
  const leaver = ask(limited, "192.0.2.1", { signal });
  const next = ask(limited, "192.0.2.1");
  const refused = await ask(limited, "192.0.2.1");
  strictEqual(refused.status, 429);
  leaving.abort();
  strictEqual((await leaver).status, 499);
  strictEqual((await next).status, 200);
  const took = performance.now() - start;
  ok(took > 195 && took < 390, `${took} ms`);
});
