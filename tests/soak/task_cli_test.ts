import { Task } from "@weir/weir/tasks";
import { testLive } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { isInstalled } from "../support/printed.ts";
import { service } from "../tasks/api_served.ts";
import { until } from "../tasks/cli_called.ts";

const Slow = Task.make("slow");

/** Which arguments run the command line, with leave to ask one service and nothing else. */
function command(port: number, ...args: ReadonlyArray<string>) {
  return [
    ...["run", "--quiet", "--no-prompt", `--allow-net=127.0.0.1:${port}`],
    ...["src/tasks/cli.ts", ...args, "--url", `http://127.0.0.1:${port}`],
  ];
}

function run(port: number, ...args: ReadonlyArray<string>) {
  return Effect.promise(async () => {
    const { code, stderr, stdout } = await new Deno.Command(Deno.execPath(), {
      args: command(port, ...args),
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
  });
}

testLive(
  "weir-tasks needs the permission to reach the service alone, and exits with 0, 1 or 2",
  Effect.gen(function* () {
    const { port, manager } = yield* service();
    yield* manager.submit(Slow, undefined, { id: "a", delay: "1 hour" });
    const list = yield* run(port, "list");
    deepStrictEqual([list.code, list.err], [0, ""]);
    match(list.out, /^STATUS .*\nscheduled {2}slow {2}a .*\n$/);
    deepStrictEqual(yield* run(port, "get", "b"), {
      ...{ code: 1, out: "" },
      err:
        'There is no task "b": it never was, or it ended so long ago that it was forgotten\n',
    });
    strictEqual((yield* run(port, "frobnicate")).code, 2);
  }),
);

testLive(
  "weir-tasks watch ends with 130 on Ctrl-C where there is no terminal",
  Effect.gen(function* () {
    const { port, manager } = yield* service();
    const child = new Deno.Command(Deno.execPath(), {
      args: command(port, "watch"),
      ...{ stdin: "null", stdout: "piped", stderr: "piped" },
    }).spawn();
    const printed = listen(child.stdout);
    const errors = listen(child.stderr);
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(
      manager.submit(Slow, undefined, { delay: "1 hour" }),
      Effect.sleep(100),
    )));
    yield* until(() => printed.text.includes("scheduled  slow"));
    child.kill("SIGINT");
    const { code, signal } = yield* Effect.promise(() => child.status);
    yield* Effect.promise(() => Promise.all([printed.done, errors.done]));
    deepStrictEqual([code, signal, errors.text], [130, null, ""]);
  }),
);

const enter = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const leave = "\x1b[?7h\x1b[?25h\x1b[?1049l";

Deno.test({
  name: "weir-tasks watch draws on a real terminal, and leaves it as it was",
  ignore: !await isInstalled("script"),
  fn: () =>
    Effect.runPromise(Effect.scoped(Effect.gen(function* () {
      const { port, manager } = yield* service();
      const watch = [Deno.execPath(), ...command(port, "watch")].join(" ");
      const child = new Deno.Command("script", {
        args: ["-qec", `stty rows 8 cols 40; ${watch}`, "/dev/null"],
        env: { TERM: "xterm", NO_COLOR: "" },
        ...{ stdin: "piped", stdout: "piped", stderr: "inherit" },
      }).spawn();
      const printed = listen(child.stdout);
      yield* until(() => printed.text.includes("scheduled 0"));
      ok(printed.text.startsWith(enter), JSON.stringify(printed.text));
      for (const id of ["a", "b", "\x1b[2J", "d", "e", "f", "g"]) {
        yield* manager.submit(Slow, undefined, { id, delay: "1 hour" });
      }
      yield* until(() => printed.text.includes("scheduled 7"));
      yield* until(() => printed.text.includes("\\x1b[2J"));
      const frame = printed.text.split("\x1b[H").at(-1)!
        .replaceAll("\x1b[2K", "").split(/\r+\n/);
      strictEqual(frame.length, 8, JSON.stringify(frame));
      match(frame[0]!, /^scheduled 7 .*…$/);
      // What the terminal makes of Ctrl-C.
      const writer = child.stdin.getWriter();
      yield* Effect.promise(() => writer.write(new Uint8Array([3])));
      const { code } = yield* Effect.promise(() => child.status);
      yield* Effect.promise(() =>
        Promise.all([printed.done, writer.close().catch(() => {})])
      );
      strictEqual(code, 130);
      ok(printed.text.endsWith(leave), JSON.stringify(printed.text.slice(-50)));
    }))),
});

/** Reads to the end, and knows what came so far. */
function listen(output: ReadableStream<Uint8Array>) {
  const heard = { text: "", done: Promise.resolve() };
  heard.done = (async () => {
    for await (const piece of output.pipeThrough(new TextDecoderStream())) {
      heard.text += piece;
    }
  })();
  return heard;
}
