/**
 * A service of tasks in a process of its own.
 *
 * @module
 */
import { strictEqual } from "node:assert/strict";
import { TextLineStream } from "../lines.ts";

/** Ends when it is disposed of. */
export class ServiceProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;

  private constructor(
    child: Deno.ChildProcess,
    lines: ReadableStreamDefaultReader<string>,
    /** The file that it works on. */
    readonly database: string,
    readonly url: string,
  ) {
    this.#child = child;
    this.#lines = lines;
  }

  /** Starts one, on the database of another one if one is given. */
  static async start(database?: string): Promise<ServiceProcess> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--no-check", "--allow-read"],
        ...["--allow-write", "--allow-net=127.0.0.1"],
        "tests/support/tasks/service_program.ts",
        ...(database === undefined ? [] : [database]),
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const lines = child.stdout
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream())
      .getReader();
    const told = JSON.parse((await lines.read()).value ?? "null");
    return new ServiceProcess(child, lines, told.database, told.url);
  }

  /** Submits a task, which is named so. */
  async submit(id: string, body: object): Promise<void> {
    const answer = await fetch(`${this.url}/tasks`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", "idempotency-key": id },
    });
    strictEqual(answer.status, 202, await answer.text());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close();
    await this.#lines.cancel();
    const { code } = await this.#child.status;
    strictEqual(code, 0);
  }
}
