/**
 * What Deno throws, as Effect's platform errors.
 *
 * @module
 */
import * as PlatformError from "effect/PlatformError";

const tags: ReadonlyArray<
  readonly [new () => Error, PlatformError.SystemErrorTag]
> = [
  [Deno.errors.NotFound, "NotFound"],
  [Deno.errors.PermissionDenied, "PermissionDenied"],
  [Deno.errors.NotCapable, "PermissionDenied"],
  [Deno.errors.AlreadyExists, "AlreadyExists"],
  [Deno.errors.Busy, "Busy"],
  [Deno.errors.TimedOut, "TimedOut"],
  [Deno.errors.WriteZero, "WriteZero"],
  [Deno.errors.UnexpectedEof, "UnexpectedEof"],
];

/** Makes an error of what was thrown where a method was called. */
export function platformError(
  module: string,
  method: string,
  pathOrDescriptor: string | number,
): (cause: unknown) => PlatformError.PlatformError {
  return (cause) =>
    PlatformError.systemError({
      _tag: tags.find(([type]) => cause instanceof type)?.[1] ?? "Unknown",
      ...{ module, method, pathOrDescriptor, cause },
    });
}
