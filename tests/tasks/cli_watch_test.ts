import { testEffect, testLive } from "@weir/weir/testing";
import { Task } from "@weir/weir/tasks";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { breakable } from "../support/tasks/breakable.ts";
import { service } from "./api_served.ts";
import { called, calling, FakeTerminal, until } from "./cli_called.ts";

const Double = Task.make("double", { payload: {} });
const Slow = Task.make("slow");

const enter = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const leave = "\x1b[?7h\x1b[?25h\x1b[?1049l";

/** A service behind a way that can be cut off, and a watcher of it. */
function watched(
  terminal: FakeTerminal | undefined,
  ...args: ReadonlyArray<string>
) {
  return Effect.gen(function* () {
    const { manager, port } = yield* service();
    const way = yield* breakable(port);
    const call = calling(["watch", "--url", way.url, ...args], {
      ...(terminal === undefined ? {} : { terminal }),
    });
    const fiber = yield* Effect.forkScoped(call.result);
    return { ...call, way, manager, fiber, url: way.url };
  });
}

/** Until the stream of events stands, which nothing tells from outside. */
const connected = Effect.sleep(200);

/** Lets what is no effect come to an end. */
const settled = Effect.promise(() =>
  new Promise((resolve) => setTimeout(resolve, 5))
);

testLive(
  "weir-tasks watch prints a line for each event where there is no terminal",
  Effect.gen(function* () {
    const { fiber, manager, out } = yield* watched(undefined);
    yield* connected;
    yield* manager.submit(Slow, undefined, { id: "a\x1b[2J", delay: "1 hour" });
    yield* until(() => out().includes("\n"));
    match(
      out(),
      /^\d{4}-\S+Z {2}scheduled {2}slow {2}a\\x1b\[2J\n$/,
    );
    yield* Fiber.interrupt(fiber);
  }),
);

testLive(
  "weir-tasks watch --json prints events as the service sends them",
  Effect.gen(function* () {
    const terminal = new FakeTerminal({ columns: 80, rows: 24 });
    const { fiber, manager, out } = yield* watched(terminal, "--json");
    yield* connected;
    yield* manager.submit(Slow, undefined, { id: "a", delay: "1 hour" });
    yield* until(() => out().includes("\n"));
    const { at, sequence, ...event } = JSON.parse(out());
    deepStrictEqual(event, { id: "a", name: "slow", status: "scheduled" });
    ok(sequence > 0 && Date.parse(at) > 0);
    strictEqual(terminal.written, "");
    yield* Fiber.interrupt(fiber);
  }),
);

testLive(
  "weir-tasks watch <id> ends with the task",
  Effect.gen(function* () {
    const { fiber, manager, out, url } = yield* watched(undefined);
    yield* Fiber.interrupt(fiber);
    strictEqual(out(), "");
    yield* manager.submit(Slow, undefined, { id: "a" });
    const call = calling(["watch", "a", "--url", url]);
    const one = yield* Effect.forkScoped(call.result);
    yield* until(() => call.out().includes("running"));
    yield* manager.cancel("a");
    const { code, out: lines } = yield* Fiber.join(one);
    strictEqual(code, 0);
    match(lines.trimEnd().split("\n").at(-1)!, /cancelled {2}slow {2}a$/);
    strictEqual((yield* called(["watch", "b", "--url", url])).code, 1);
  }),
);

testLive(
  "weir-tasks watch misses nothing of what happened while the connection was lost",
  Effect.gen(function* () {
    const { err, fiber, manager, out, way } = yield* watched(undefined);
    yield* connected;
    const submit = (id: string) =>
      manager.submit(Slow, undefined, { id, delay: "1 hour" });
    yield* submit("a");
    yield* until(() => out().includes("  a\n"));
    way.cut();
    yield* until(() => err().includes("connecting again in 1s"));
    yield* submit("b");
    yield* until(() => err().split("connecting again").length > 2);
    way.mend();
    yield* until(() => out().includes("  b\n"));
    yield* submit("c");
    yield* until(() => out().includes("  c\n"));
    deepStrictEqual(
      out().trimEnd().split("\n").map((line) => line.at(-1)),
      ["a", "b", "c"],
    );
    yield* Fiber.interrupt(fiber);
  }),
);

testEffect(
  "weir-tasks watch takes a connection for lost that is silent for 45 s, and tries again at ever greater distances",
  Effect.gen(function* () {
    let tries = 0;
    const fetch = () =>
      ++tries > 1
        ? Promise.reject(new TypeError("connection refused"))
        : Promise.resolve(
          new Response(new ReadableStream(), {
            headers: { "content-type": "text/event-stream" },
          }),
        );
    const call = calling(["watch"], { fetch });
    const fiber = yield* Effect.forkChild(call.result);
    const pass = (seconds: number) =>
      Effect.andThen(settled, TestClock.adjust(seconds * 1000)).pipe(
        Effect.andThen(settled),
      );
    yield* pass(44);
    strictEqual(call.err(), "");
    yield* pass(1);
    strictEqual(
      call.err(),
      "The connection was lost; connecting again in 1s\n",
    );
    for (let i = 0; i < 60; i++) yield* pass(1);
    ok(tries >= 9 && tries <= 12, `${tries} tries in a minute`);
    match(call.err(), /again in 1?\ds\n.*again in (?:9|1\d)s\n$/s);
    yield* Fiber.interrupt(fiber);
  }),
);

testLive(
  "weir-tasks submit --wait goes on waiting past the end of a connection",
  Effect.gen(function* () {
    const { fiber, manager, url, way } = yield* watched(undefined);
    yield* Fiber.interrupt(fiber);
    const call = calling(["submit", "slow", "--id", "a", "--wait"], {
      env: { WEIR_URL: url },
    });
    const waiting = yield* Effect.forkScoped(call.result);
    yield* connected;
    way.cut();
    yield* until(() => call.err() !== "");
    yield* manager.cancel("a");
    way.mend();
    strictEqual((yield* Fiber.join(waiting)).code, 1);
    match(call.err(), /lost.*\n(.*\n)*Task "a" is cancelled\n$/);
  }),
);

testLive(
  "weir-tasks watch draws a live table on a terminal, and leaves it as it was",
  Effect.gen(function* () {
    const terminal = new FakeTerminal({ columns: 40, rows: 6 });
    const { fiber, manager, out } = yield* watched(terminal);
    yield* until(() => terminal.lines[0]!.startsWith("scheduled 0"));
    ok(terminal.written.startsWith(`${enter}\x1b[H`));
    yield* manager.submit(Slow, undefined, { id: "\x1b[2J", delay: "1 hour" });
    // Numbers and tasks are asked for one after the other.
    yield* until(() => terminal.lines[3]?.includes("slow") === true);
    ok(terminal.lines[0]!.startsWith("scheduled 1"));
    deepStrictEqual(terminal.lines.map((line) => line.trimEnd()).slice(1, 4), [
      ...["", "STATUS     NAME  ID       TRIES  AGE   …"],
      "\x1b[35mscheduled\x1b[39m  slow  \\x1b[2J  0      in 5…",
    ]);
    for (const id of ["b", "c", "d", "e"]) {
      yield* manager.submit(Slow, undefined, { id, delay: "1 hour" });
    }
    yield* until(() => terminal.lines[0]!.startsWith("scheduled 5"));
    yield* until(() => terminal.lines.length === 6);
    terminal.resize({ columns: 80, rows: 20 });
    yield* until(() => terminal.lines.length === 9);
    ok(terminal.lines[0]!.endsWith("cancelled 0"));
    const { length } = terminal.written;
    terminal.resize({ columns: 80, rows: 21 });
    yield* until(() => terminal.written.length > length);
    yield* Fiber.interrupt(fiber);
    ok(terminal.written.endsWith(leave));
    strictEqual(out(), "");
  }),
);

testLive(
  "weir-tasks watch says on the table that it connects again, and lists anew",
  Effect.gen(function* () {
    const terminal = new FakeTerminal({ columns: 80, rows: 10 });
    const { fiber, manager, way } = yield* watched(terminal);
    yield* until(() => terminal.lines[0]!.startsWith("scheduled 0"));
    yield* connected;
    way.cut();
    yield* until(() => terminal.lines[1]!.includes("connecting again"));
    yield* manager.submit(Slow, undefined, { delay: "1 hour" });
    way.mend();
    yield* until(() => terminal.lines[0]!.startsWith("scheduled 1"));
    yield* until(() => terminal.lines[1] === "");
    yield* Fiber.interrupt(fiber);
  }),
);

testLive(
  "weir-tasks watch <id> leaves the last of the table on the screen",
  Effect.gen(function* () {
    const { manager, url } = yield* service();
    yield* manager.submit(Double, {}, { id: "a" });
    const terminal = new FakeTerminal({ columns: 80, rows: 10 });
    const call = yield* called(["watch", "a", "--url", url], {
      terminal,
      env: { NO_COLOR: "1" },
    });
    strictEqual(call.code, 0);
    ok(terminal.written.endsWith(leave));
    match(call.out, /^STATUS .*\nfailed {2}double {2}a /);
  }),
);

testLive(
  "weir-tasks watch asks the service at most twice a second, however much happens",
  Effect.gen(function* () {
    const terminal = new FakeTerminal({ columns: 80, rows: 10 });
    const { fiber, manager } = yield* watched(terminal);
    yield* until(() => terminal.lines[0]!.startsWith("scheduled 0"));
    yield* connected;
    const frames = () => terminal.written.split("\x1b[H").length;
    const before = frames();
    const end = Date.now() + 1500;
    while (Date.now() < end) {
      yield* manager.submit(Slow, undefined, { delay: "1 hour" });
      yield* Effect.sleep(1);
    }
    const drawn = frames() - before;
    ok(drawn >= 2 && drawn <= 7, `${drawn} frames in 1.5 s`);
    yield* Fiber.interrupt(fiber);
  }),
);

testLive(
  "weir-tasks colours nothing where NO_COLOR is set, and draws no table on a dumb terminal",
  Effect.gen(function* () {
    const { manager, url } = yield* service();
    yield* manager.submit(Slow, undefined, { id: "a", delay: "1 hour" });
    const list = (env: Readonly<Record<string, string>>) =>
      Effect.map(
        called(["list", "--url", url], {
          env,
          terminal: new FakeTerminal({ columns: 80, rows: 10 }),
        }),
        ({ out }) => out,
      );
    ok((yield* list({})).includes("\x1b[35mscheduled\x1b[39m"));
    ok(!(yield* list({ NO_COLOR: "1" })).includes("\x1b"));
    const terminal = new FakeTerminal({ columns: 80, rows: 10 });
    const call = calling(["watch", "--url", url], {
      terminal,
      env: { TERM: "dumb" },
    });
    const fiber = yield* Effect.forkScoped(call.result);
    yield* connected;
    yield* manager.cancel("a");
    yield* until(() => call.out().includes("cancelled"));
    strictEqual(terminal.written, "");
    yield* Fiber.interrupt(fiber);
  }),
);
