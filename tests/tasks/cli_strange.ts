/**
 * Texts that mean harm to a terminal, and how wide they are on one.
 *
 * @module
 */
import * as fc from "fast-check";

/** Any text, and worse. */
export const strange: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(
      ...["\x1b[2J", "\x1b]0;x\x07", "\x9b", "\r", "\n", "\t", "\b", "\0"],
      ...["資", "😀", "가", "e\u0301", "\u202e", "\u200d", "\ud800", "a"],
    ),
    maxLength: 40,
  }),
);

/** Han, kana and Hangul syllables, without their narrow forms, and emoji. */
const wide =
  /[\u2e80-\u2fd5\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\p{Emoji_Presentation}]/u;

/** How many cells a terminal gives to a text at least, sign by sign. */
export function cells(text: string): number {
  let sum = 0;
  for (const char of text) {
    if (/[\p{M}\u1160-\u11ff\ud7b0-\ud7ff]/u.test(char)) continue;
    sum += wide.test(char) ? 2 : 1;
  }
  return sum;
}
