/**
 * Unpacks gzip, up to a bound.
 *
 * @module
 */
import * as Data from "effect/Data";
import * as Effect from "effect/Effect";

/** Packed bytes that are unpacked in one step. Gzip packs up to 1,032 bytes into one, so that a step makes 1 MiB at most. */
const step = 1024;

/** Raised where bytes cannot be unpacked. */
export class GunzipError extends Data.Error<{
  /** More bytes than asked for, or not gzip. */
  readonly reason: "TooLarge" | "Malformed";
}> {
  /** Selects this error in `Effect.catchTag`. */
  readonly _tag = "GunzipError";
  /** Names this error in logs. */
  override get name(): "GunzipError" {
    return "GunzipError";
  }
}

/**
 * Unpacks gzip (RFC 1952). Fails as soon as there are more than `maxBytes`, with little more than these in memory, however much
 * would come. An interrupt ends it.
 */
export function gunzip(
  bytes: Uint8Array<ArrayBuffer>,
  maxBytes: number,
): Effect.Effect<Uint8Array<ArrayBuffer>, GunzipError> {
  return Effect.tryPromise({
    try: (signal) => unpack(bytes, maxBytes, signal),
    catch: (error) =>
      error instanceof GunzipError
        ? error
        : new GunzipError({ reason: "Malformed" }),
  });
}

async function unpack(
  bytes: Uint8Array<ArrayBuffer>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Array<Uint8Array<ArrayBuffer>> = [];
  let length = 0;
  const unpacked = inSteps(bytes).pipeThrough(
    new DecompressionStream("gzip"),
    { signal },
  );
  for await (const piece of unpacked) {
    length += piece.length;
    if (length > maxBytes) throw new GunzipError({ reason: "TooLarge" });
    pieces.push(piece);
  }
  return await new Blob(pieces).bytes();
}

function inSteps(
  bytes: Uint8Array<ArrayBuffer>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at += step));
    },
  }, { highWaterMark: 0 });
}
