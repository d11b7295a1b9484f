/**
 * Text in pictures and pages.
 *
 * @module
 */
import stringWidth from "string-width";
import { refuse } from "../../internal/check.ts";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that is nothing but text in XML and HTML, in attributes too. What XML has no place for becomes a replacement character. */
export function escape(text: string): string {
  return wholesome(text).replaceAll(
    /[&<>"']/g,
    (char) => entities[char] ?? "",
  );
}

/** Text without what neither XML nor a terminal has a place for, nor what turns the text around it (Unicode Standard Annex #9). */
function wholesome(text: string): string {
  return text.toWellFormed().replaceAll(/\r\n?/g, "\n").replaceAll(
    // deno-lint-ignore no-control-regex
    /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g,
    "\ufffd",
  );
}

/** Text in one line. */
export function inline(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** Text in one line that is not empty. */
export function heard(option: string, value: string): string {
  const text = inline(value);
  return text === "" ? refuse(option, "not empty", value) : text;
}

/** Text in one line for a terminal, to which it says nothing else. */
export function printable(text: string): string {
  return wholesome(inline(text));
}

/** About how wide text is, in parts of its size; rather too wide, as nobody knows the font. */
function width(text: string, bold: boolean): number {
  let sum = 0;
  for (const char of text) {
    if (/[\x20-\x7e]/.test(char)) {
      sum += /[iljI.,:;'|! ]/.test(char)
        ? 0.3
        : /[frt()[\]/"-]/.test(char)
        ? 0.4
        : /[mwMW@%]/.test(char)
        ? 0.92
        : /[A-Z]/.test(char)
        ? 0.71
        : 0.57;
    } else sum += 0.65 * stringWidth(char);
  }
  return bold ? sum * 1.07 : sum;
}

/** About how wide text is. */
export function textWidth(text: string, size: number, bold = false): number {
  return width(text, bold) * size;
}

/** Text that is not wider; the middle is left out, as names often differ at their ends. */
export function shorten(text: string, size: number, room: number): string {
  if (textWidth(text, size) <= room) return text;
  const chars = [...text];
  for (let kept = chars.length - 1; kept > 1; kept--) {
    const end = Math.floor(kept / 2);
    const short = `${chars.slice(0, kept - end).join("").trimEnd()}…${
      chars.slice(chars.length - end).join("").trimStart()
    }`;
    if (textWidth(short, size) <= room) return short;
  }
  return "…";
}

/** Text in lines that are not wider; a word that is becomes shorter. */
export function wrap(
  text: string,
  size: number,
  room: number,
  bold = false,
): ReadonlyArray<string> {
  const lines: Array<string> = [];
  for (const word of inline(text).split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && textWidth(longer, size, bold) <= room) {
      lines[lines.length - 1] = longer;
    } else lines.push(shorten(word, bold ? size * 1.07 : size, room));
  }
  return lines;
}
