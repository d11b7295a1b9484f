/**
 * Text on a terminal: what may be shown, and how wide it is.
 *
 * @module
 */
import * as CliOutput from "effect/cli/CliOutput";

/** What could move the cursor, turn the direction of writing, or is not seen. */
const unseen = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const short: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** A text in which everything is seen, on one line: what is no sign of its own stands there as an escape. */
export function visible(text: string): string {
  return text.replace(unseen, (char) => {
    const code = char.codePointAt(0)!;
    const hex = code.toString(16);
    return short[char] ??
      (code < 0x100 ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex}}`);
  });
}

/** How many columns a visible text takes at most, whatever the terminal joins. */
export function columnsOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let columns = 0;
  for (const char of text) columns += char <= "~" ? 1 : columnsOfSign(char);
  return columns;
}

/** Remembered, since it takes a tenth of a millisecond to find out. */
const known = new Map<string, number>();
/** How many signs are remembered at most. */
const capacity = 4096;

function columnsOfSign(char: string): number {
  const columns = known.get(char) ?? CliOutput.displayWidth(char);
  if (known.size >= capacity) known.clear();
  known.set(char, columns);
  return columns;
}

/** A visible text in at most so many columns; where something is left out, it ends in "…". */
export function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let kept = "";
  let columns = 1;
  for (const { segment } of graphemes.segment(text)) {
    columns += columnsOf(segment);
    if (columns > width) break;
    kept += segment;
  }
  return width < 1 ? "" : `${kept}…`;
}

/** A visible text in exactly so many columns. */
export function fill(text: string, width: number): string {
  const kept = cut(text, width);
  return kept + " ".repeat(width - columnsOf(kept));
}
