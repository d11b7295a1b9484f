/**
 * Programs of this folder, each run as a process of its own.
 *
 * @module
 */
import { TextLineStream } from "../lines.ts";

/** A program that runs. */
export interface Run {
  readonly child: Deno.ChildProcess;
  /** Lines as they are printed. */
  readonly lines: AsyncIterableIterator<string>;
  /** Writes a line to the program. */
  readonly tell: (line: string) => Promise<void>;
  /** The rest of what is printed, and how it ended. */
  readonly end: () => Promise<{
    readonly code: number;
    readonly printed: string;
    readonly errors: string;
  }>;
}

/** Starts a program, which may read and write files, and use the loopback. */
export function start(program: string, ...args: ReadonlyArray<string>): Run {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-check", "--allow-read", "--allow-write"],
      ...["--allow-net=127.0.0.1", `tests/support/deno/${program}.ts`],
      ...args,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  const stdin = child.stdin.getWriter();
  const lines = child.stdout
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream())
    [Symbol.asyncIterator]();
  return {
    child,
    lines,
    tell: (line) => stdin.write(new TextEncoder().encode(`${line}\n`)),
    end: async () => {
      const errors = new Response(child.stderr).text();
      const printed: Array<string> = [];
      for await (const line of lines) printed.push(line);
      const { code } = await child.status;
      await stdin.abort();
      return { code, printed: printed.join("\n"), errors: await errors };
    },
  };
}
