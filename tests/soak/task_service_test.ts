// deno-lint-ignore-file no-console
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { TextLineStream } from "../support/lines.ts";

interface Running {
  readonly child: Deno.ChildProcess;
  readonly url: string;
  /** The tasks that it began. */
  readonly begun: Array<string>;
}

interface Event {
  readonly sequence: number;
  readonly id: string;
  readonly status: string;
}

/** Starts a service on the database of a directory. */
async function start(directory: string): Promise<Running> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-check", "--allow-read", "--allow-write"],
      ...["--allow-net=127.0.0.1", "tests/support/tasks/service.ts"],
      `${directory}/tasks.db`,
    ],
    stdout: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  const begun: Array<string> = [];
  const serving = Promise.withResolvers<string>();
  const listen = async () => {
    const lines = child.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    for await (const line of lines) {
      const [word, rest = ""] = line.split(" ");
      if (word === "serves") serving.resolve(rest);
      if (word === "begins") begun.push(rest);
    }
    serving.reject(new Error("the service has ended"));
  };
  void listen();
  return { child, begun, url: await serving.promise };
}

/** Accepts a task, or does not. */
async function submit(url: string, id: string, millis: number) {
  const response = await fetch(`${url}/tasks`, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": id },
    body: JSON.stringify({ name: "job", payload: { millis } }),
  });
  await response.body?.cancel();
  return response.status;
}

/** Follows events until the service ends them, or it has seen enough. */
async function follow(
  url: string,
  enough: (event: Event) => boolean,
  after = 0,
): Promise<ReadonlyArray<Event>> {
  const response = await fetch(`${url}/events`, {
    headers: { "last-event-id": String(after) },
  });
  const events: Array<Event> = [];
  const lines = response.body!.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const line of lines) {
    if (!line.startsWith("data: ")) continue;
    const event: Event = JSON.parse(line.slice(6));
    events.push(event);
    if (enough(event)) break;
  }
  return events;
}

/** Says whether all of these have completed. */
function completing(ids: ReadonlySet<string>): (event: Event) => boolean {
  const left = new Set(ids);
  return ({ id, status }) => {
    if (status === "completed") left.delete(id);
    return left.size === 0;
  };
}

async function stop({ child }: Running): Promise<number> {
  child.kill("SIGTERM");
  const before = performance.now();
  strictEqual((await child.status).code, 0);
  return performance.now() - before;
}

async function run(...[command = "", ...args]: ReadonlyArray<string>) {
  const { stdout } = await new Deno.Command(command, { args }).output();
  return new TextDecoder().decode(stdout).trim();
}

async function inDirectory(
  body: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await run("mktemp", "-d");
  try {
    await body(directory);
  } finally {
    await run("rm", "-r", directory);
  }
}

Deno.test("a task service that is told to stop under load keeps what it accepted, ends the streams of events, and goes on when it is started again", () =>
  inDirectory(async (directory) => {
    const rounds = 5;
    const accepted = new Set<string>();
    let last = 0;
    let longest = 0;
    for (let round = 0; round < rounds; round++) {
      const service = await start(directory);
      const listeners = Array.from(
        { length: 20 },
        () => follow(service.url, () => false, last),
      );
      let over = false;
      // It goes on for longer than any end would wait.
      strictEqual(await submit(service.url, `${round}-long`, 1e6), 202);
      let n = 0;
      const client = async () => {
        while (!over) {
          const id = `${round}-${n++}`;
          try {
            const status = await submit(service.url, id, 20);
            if (status === 202) accepted.add(id);
            else strictEqual(status, 503);
          } catch (error) {
            // Refused, or given up before the server took it.
            ok(error instanceof TypeError, String(error));
          }
        }
      };
      const clients = Array.from({ length: 10 }, client);
      await new Promise((resolve) => setTimeout(resolve, 700));
      longest = Math.max(longest, await stop(service));
      over = true;
      await Promise.all(clients);
      const heard = await Promise.all(listeners);
      const [one] = heard;
      ok(one !== undefined && one.length > 50, `${one?.length} events`);
      // Each heard of all events, in order and without a gap, until the end came.
      for (const events of heard) {
        deepStrictEqual(
          events.map(({ sequence }) => sequence),
          events.map((_, n) => last + 1 + n),
        );
      }
      last = Math.min(...heard.map((events) => events.at(-1)!.sequence));
    }
    ok(longest < 4000, `it took ${Math.round(longest)} ms to stop`);

    const service = await start(directory);
    const events = await follow(service.url, completing(accepted));
    deepStrictEqual(
      events.map(({ sequence }) => sequence),
      events.map((_, n) => 1 + n),
    );
    for (let round = 0; round < rounds; round++) {
      const response = await fetch(`${service.url}/tasks/${round}-long`);
      strictEqual((await response.json()).status, "running");
    }
    await stop(service);
    console.log(
      `${accepted.size} accepted, none lost; ${Math.round(longest)} ms to stop`,
    );
  }));

Deno.test("two task services on one database run each task in one of them, and events reach the listeners of both", () =>
  inDirectory(async (directory) => {
    const services = [await start(directory), await start(directory)] as const;
    const ids = new Set(Array.from({ length: 1000 }, (_, n) => String(n)));
    const heard = services.map(({ url }) => follow(url, completing(ids)));
    // Each is handed in at both.
    for (const id of ids) {
      deepStrictEqual(
        await Promise.all(services.map(({ url }) => submit(url, id, 20))),
        [202, 202],
      );
    }
    const [one, other] = await Promise.all(heard);
    deepStrictEqual(one, other);
    const begun = services.map((service) => service.begun);
    deepStrictEqual(begun.flat().sort(), [...ids].sort());
    ok(begun.every((tasks) => tasks.length > 100));
    for (const { url } of services) {
      const response = await fetch(`${url}/stats`);
      strictEqual((await response.json()).completed, ids.size);
    }
    await Promise.all(services.map(stop));
  }));
