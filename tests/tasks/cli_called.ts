/**
 * The command line, called in this process.
 *
 * @module
 */
import * as TaskCli from "@weir/weir/tasks/cli";
import type * as Cause from "effect/Cause";
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities";
import * as ConfigProvider from "effect/ConfigProvider";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as FetchHttpClient from "effect/http/FetchHttpClient";
import * as Layer from "effect/Layer";
import * as Queue from "effect/Queue";
import * as Stdio from "effect/Stdio";
import * as Terminal from "effect/Terminal";

/** What came of a call. */
export interface Called {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A terminal that remembers what was written. */
export class FakeTerminal {
  written = "";
  private readonly queue = Effect.runSync(
    Queue.unbounded<Terminal.Size, Cause.Done>(),
  );

  constructor(public size: Terminal.Size) {
    Queue.offerUnsafe(this.queue, size);
  }

  resize(size: Terminal.Size): void {
    this.size = size;
    Queue.offerUnsafe(this.queue, size);
  }

  /** The lines of the last frame. */
  get lines(): ReadonlyArray<string> {
    const frame = this.written.split("\x1b[H").at(-1) ?? "";
    return frame.replaceAll("\x1b[2K", "").replaceAll("\x1b[J", "")
      .split("\r\n");
  }

  get terminal(): Terminal.Terminal {
    return Terminal.make({
      columns: Effect.sync(() => this.size.columns),
      rows: Effect.sync(() => this.size.rows),
      size: Effect.succeed(this.queue),
      readInput: Effect.die("it is not read"),
      readLine: Effect.die("it is not read"),
      display: (text) =>
        Effect.sync(() => {
          this.written += text;
        }),
    });
  }
}

/** A call that may still go on. */
export interface Call {
  readonly result: Effect.Effect<Called>;
  /** What is printed so far. */
  readonly out: () => string;
  readonly err: () => string;
}

/** How it is called. */
export interface CallOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What standard output is, if it is a terminal. */
  readonly terminal?: FakeTerminal;
  /** What answers in place of the network. */
  readonly fetch?: typeof globalThis.fetch;
}

/** Prepares a call. */
export function calling(
  args: ReadonlyArray<string>,
  { env = {}, fetch, terminal }: CallOptions = {},
): Call {
  let [out, err] = ["", ""];
  const console: Console.Console = {
    ...globalThis.console,
    log: (text: string) => {
      out += `${text}\n`;
    },
    error: (text: string) => {
      err += `${text}\n`;
    },
  };
  const fake = terminal ?? new FakeTerminal({ columns: 0, rows: 0 });
  const platform = Layer.fresh(TerminalCapabilities.layer).pipe(
    Layer.provideMerge(Layer.mergeAll(
      TaskCli.layer,
      Layer.succeed(Console.Console, console),
      Layer.succeed(FetchHttpClient.Fetch, fetch ?? globalThis.fetch),
      Layer.succeed(Terminal.Terminal, fake.terminal),
      Stdio.layerTest({
        stdoutIsTerminal: Effect.succeed(terminal !== undefined),
      }),
      ConfigProvider.layer(ConfigProvider.fromEnv({ env })),
    )),
  );
  return {
    out: () => out,
    err: () => err,
    result: TaskCli.run(args).pipe(
      Effect.provide(platform),
      Effect.map((code) => ({ code, out, err })),
    ),
  };
}

/** Calls it, and waits for its end. */
export function called(
  args: ReadonlyArray<string>,
  options?: CallOptions,
): Effect.Effect<Called> {
  return calling(args, options).result;
}

/** Waits until something is so that happens outside of this fiber. */
export function until(holds: () => boolean): Effect.Effect<void> {
  return Effect.orDie(Effect.timeout(
    Effect.whileLoop({
      while: () => !holds(),
      body: () => Effect.sleep(5),
      step: () => {},
    }),
    "10 seconds",
  ));
}
