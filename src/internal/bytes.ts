/**
 * Bytes that come in pieces.
 *
 * @module
 */

/** All pieces, one after another. */
export function joined(
  pieces: ReadonlyArray<Uint8Array>,
): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const piece of pieces) length += piece.byteLength;
  const whole = new Uint8Array(length);
  let end = 0;
  for (const piece of pieces) {
    whole.set(piece, end);
    end += piece.byteLength;
  }
  return whole;
}
