/**
 * Text of HTML.
 *
 * @module
 */

/** White space as HTML has it. */
export const spaces: RegExp = /[\t\n\f\r ]+/g;

/** Text without white space around it, in time by its length. */
export function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text, start)) start++;
  while (end > start && isSpace(text, end - 1)) end--;
  return text.slice(start, end);
}

/** Where a `<meta http-equiv="refresh">` leads, if it does: `5; url='next.html'`. */
export function refreshTarget(content: string): string | undefined {
  const [, after] = /^[\t\n\f\r ]*[\d.]+[\t\n\f\r ;,](.*)$/s.exec(content) ??
    [];
  if (after === undefined) return undefined;
  const target = trimmed(after).replace(/^[;,]/, "");
  const [, named = trimmed(target)] =
    /^[\t\n\f\r ]*url[\t\n\f\r ]*=[\t\n\f\r ]*(.*)$/is.exec(target) ?? [];
  const quote = named[0];
  const bare = quote === '"' || quote === "'"
    ? named.slice(1).split(quote, 1)[0]!
    : named;
  return trimmed(bare) || undefined;
}

function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || code === 9 || code === 10 || code === 12 || code === 13;
}
