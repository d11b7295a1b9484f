/**
 * Keys of a length that may be remembered.
 *
 * @module
 */

const longest = 128;
const kept = 96;

/**
 * A key as it is, or the beginning and a hash of a longer one, for a key may come from a client. Two that begin alike for so
 * long hardly ever share a limit, unless somebody who knows one looks for the other.
 */
export function bounded(key: string): string {
  if (key.length <= longest) return key;
  // Joined anew, for a slice would keep the whole key in memory.
  return [
    ...key.slice(0, kept),
    "#",
    hash(key, 0x811c9dc5),
    hash(key, 0x9747b28c),
  ].join("");
}

/** FNV-1a over UTF-16 code units, as 8 hexadecimal digits. */
function hash(text: string, seed: number): string {
  let h = seed;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  }
  return (h >>> 0).toString(16).padStart(8, "0");
}
