/**
 * The terminal that the process runs in.
 *
 * @module
 */
import type * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Option from "effect/Option";
import * as Queue from "effect/Queue";
import type * as Scope from "effect/Scope";
import * as Terminal from "effect/Terminal";
import { stdin } from "node:process";
import * as readline from "node:readline";
import { platformError } from "./platform_error.ts";

/** A key as `node:readline` tells of it. */
interface Key {
  readonly name?: string;
  readonly ctrl: boolean;
  readonly meta: boolean;
  readonly shift: boolean;
}

/** How many keys are kept for a reader that is behind; the oldest go first. */
const capacity = 1024;

/**
 * Provides the terminal. Needs no permission.
 *
 * Without a terminal `columns` and `rows` are 0. Keys are read in raw mode while the scope of `readInput` is open, which ends
 * with Ctrl-C and Ctrl-D. `readLine` fails with a `QuitError` at the end of the input.
 *
 * @example
 * ```ts
 * import { DenoTerminal } from "@weir/weir/deno";
 * import * as Effect from "effect/Effect";
 * import * as Terminal from "effect/Terminal";
 * import { ok } from "node:assert/strict";
 *
 * const program = Effect.gen(function* () {
 *   const terminal = yield* Terminal.Terminal;
 *   ok((yield* terminal.columns) >= 0);
 * });
 * await Effect.runPromise(Effect.provide(program, DenoTerminal.layer));
 * ```
 */
export const layer: Layer.Layer<Terminal.Terminal> = Layer.sync(
  Terminal.Terminal,
  () => {
    const lines = new Lines();
    return Terminal.make({
      columns: Effect.sync(() => currentSize().columns),
      rows: Effect.sync(() => currentSize().rows),
      size: sizes,
      readInput: keys,
      readLine: Effect.flatMap(
        Effect.promise(() => lines.next()),
        (line) =>
          line === undefined
            ? Effect.fail(new Terminal.QuitError())
            : Effect.succeed(line),
      ),
      display: (text) =>
        Effect.try({
          try: () => writeAll(text),
          catch: platformError("DenoTerminal", "display", 1),
        }),
    });
  },
);

function currentSize(): Terminal.Size {
  try {
    return Deno.consoleSize();
  } catch {
    return { columns: 0, rows: 0 };
  }
}

const sizes: Effect.Effect<
  Queue.Dequeue<Terminal.Size, Cause.Done>,
  never,
  Scope.Scope
> = Effect.gen(function* () {
  const queue = yield* Queue.sliding<Terminal.Size, Cause.Done>(1);
  const tell = () => Queue.offerUnsafe(queue, currentSize());
  tell();
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      // There it is not told.
      if (Deno.build.os === "windows") return () => {};
      Deno.addSignalListener("SIGWINCH", tell);
      return () => Deno.removeSignalListener("SIGWINCH", tell);
    }),
    (stop) => Effect.andThen(Effect.sync(stop), Queue.end(queue)),
  );
  return queue;
});

const keys: Effect.Effect<
  Queue.Dequeue<Terminal.UserInput, Cause.Done>,
  never,
  Scope.Scope
> = Effect.gen(function* () {
  const queue = yield* Queue.sliding<Terminal.UserInput, Cause.Done>(capacity);
  const onKey = (input: string | undefined, key: Key) => {
    const { ctrl, meta, name = "", shift } = key;
    Queue.offerUnsafe(queue, {
      input: Option.fromUndefinedOr(input),
      key: { name, ctrl, meta, shift },
    });
    if (ctrl && (name === "c" || name === "d")) Queue.endUnsafe(queue);
  };
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      readline.emitKeypressEvents(stdin);
      if (stdin.isTTY) stdin.setRawMode(true);
      stdin.on("keypress", onKey);
      stdin.resume();
    }),
    () =>
      Effect.suspend(() => {
        stdin.off("keypress", onKey);
        if (stdin.isTTY) stdin.setRawMode(false);
        stdin.pause();
        return Queue.end(queue);
      }),
  );
  return queue;
});

/** Reads lines, and keeps what was read of the next ones. */
class Lines {
  private text = "";
  private isOver = false;
  private reading: Promise<void> | undefined;
  private readonly decoder = new TextDecoder();
  private readonly buffer = new Uint8Array(16_384);

  /** The next line; none at the end. A reader that is gone loses nothing. */
  async next(): Promise<string | undefined> {
    let end = this.text.indexOf("\n");
    while (end < 0 && !this.isOver) {
      await (this.reading ??= this.read());
      end = this.text.indexOf("\n");
    }
    if (end < 0 && this.text === "") return undefined;
    const line = end < 0 ? this.text : this.text.slice(0, end);
    this.text = end < 0 ? "" : this.text.slice(end + 1);
    return line.replace(/\r$/, "");
  }

  private async read(): Promise<void> {
    const n = await Deno.stdin.read(this.buffer);
    this.isOver = n === null;
    this.text += this.decoder.decode(this.buffer.subarray(0, n ?? 0), {
      stream: n !== null,
    });
    this.reading = undefined;
  }
}

function writeAll(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) {
    done += Deno.stdout.writeSync(bytes.subarray(done));
  }
}
