/**
 * Which keys are addresses, for those who look whether that goes well.
 *
 * @module
 */
import type { ForwardedHeader, Key } from "./incoming.ts";

/** The one key of all requests whose address is unknown. */
export const unknownAddress = "unknown";

const headers = new WeakMap<Key, ForwardedHeader | undefined>();

/** Remembers a key that is an address, and the header that it reads, if it trusts anyone with one. */
export function markByAddress(
  key: Key,
  header: ForwardedHeader | undefined,
): void {
  headers.set(key, header);
}

/** Whether a key is an address. */
export function isByAddress(key: Key): boolean {
  return headers.has(key);
}

/** The header that a key reads, if it trusts anyone with one. */
export function headerOf(key: Key): ForwardedHeader | undefined {
  return headers.get(key);
}
