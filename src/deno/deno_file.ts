/**
 * Files as sinks.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as PlatformError from "effect/PlatformError";
import * as Sink from "effect/Sink";
import { platformError } from "./platform_error.ts";

/** How to write. */
export interface SinkOptions {
  /** After what the file holds, rather than in place of it. */
  readonly append?: boolean | undefined;
}

/**
 * Writes text to a file, in place of what it held, or after it. The file is there as soon as the stream runs, and closed when
 * it ends, however it ends. Needs the permission to write it.
 *
 * @example
 * ```ts ignore
 * import { DenoFile } from "@weir/weir/deno";
 * import * as Effect from "effect/Effect";
 * import * as Stream from "effect/Stream";
 *
 * const lines = Stream.make({ n: 1 }, { n: 2 }).pipe(
 *   Stream.map((row) => `${JSON.stringify(row)}\n`),
 * );
 * await Effect.runPromise(Stream.run(lines, DenoFile.sink("rows.jsonl")));
 * ```
 */
export const sink = (
  path: string,
  options?: SinkOptions,
): Sink.Sink<void, string, never, PlatformError.PlatformError> => {
  const append = options?.append ?? false;
  const attempt = <A>(method: string, run: () => Promise<A>) =>
    Effect.tryPromise({
      try: run,
      catch: platformError("DenoFile", method, path),
    });
  const open = attempt(
    "open",
    () =>
      Deno.open(path, {
        write: true,
        create: true,
        append,
        truncate: !append,
      }),
  );
  const encoder = new TextEncoder();
  return Sink.unwrap(Effect.map(
    Effect.acquireRelease(open, (file) => Effect.sync(() => file.close())),
    (file) =>
      Sink.forEachArray((texts: ReadonlyArray<string>) =>
        attempt("write", async () => {
          const bytes = encoder.encode(texts.join(""));
          for (let done = 0; done < bytes.length;) {
            done += await file.write(bytes.subarray(done));
          }
        })
      ),
  ));
};
