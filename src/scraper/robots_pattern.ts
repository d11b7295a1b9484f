/**
 * The patterns of paths in robots.txt.
 *
 * @module
 */
import { normalEscapes } from "./url.ts";

/** What is read of a path. */
export type Characters = Pick<string, "length" | "charCodeAt">;

/** What one path may cost, whatever the patterns. */
export interface Work {
  /** How many characters may be searched yet; below zero if there were more. */
  left: number;
}

/** Characters that are compared as they are, in a path and in a pattern. */
const plain = /^[\w\-.~:/?#[\]@!&()+,;=]*$/;

/** A pattern matches from the start of a path: `*` stands for any characters, a `$` at its end for the end (RFC 9309, section 2.2.3). */
export class Pattern {
  /** How specific it is: its number of octets. */
  readonly length: number;
  private readonly start: string;
  /** What has to follow, each after any characters. */
  private readonly parts: ReadonlyArray<Part> | undefined;
  /** How the path has to end. */
  private readonly end: string | undefined;
  private readonly shortestPath: number;

  /** Reads a pattern as it is written. */
  constructor(written: string) {
    const toEnd = written.endsWith("$");
    const text = comparable(toEnd ? written.slice(0, -1) : written);
    const [start = "", ...parts] = text.split("*");
    this.length = text.length + (toEnd ? 1 : 0);
    this.shortestPath = text.length - parts.length;
    this.start = start;
    const hasStar = parts.length > 0;
    this.end = toEnd ? parts.pop() ?? "" : undefined;
    this.parts = hasStar
      ? parts.filter((part) => part !== "").map((part) => new Part(part))
      : undefined;
  }

  /**
   * Whether it matches what {@linkcode comparablePath} gave. Reads each character of the path three times at most: no pattern
   * makes it go back. To search for what follows a `*` is work, as much as the path is long.
   */
  matches(path: Characters, work: Work): boolean {
    const { end, parts, start } = this;
    if (path.length < this.shortestPath || !standsAt(path, 0, start)) {
      return false;
    }
    if (parts === undefined) {
      return end === undefined || path.length === start.length;
    }
    if (parts.length > 0) work.left -= path.length;
    let at = start.length;
    for (const part of parts) {
      at = part.endIn(path, at);
      if (at < 0) return false;
    }
    return end === undefined ||
      path.length - end.length >= at &&
        standsAt(path, path.length - end.length, end);
  }
}

/** A text to find without going back, as Knuth, Morris and Pratt do. */
class Part {
  /** For each character, how many of the first characters those up to it end with, not counting all of them. */
  private readonly repeated: ReadonlyArray<number>;

  constructor(private readonly text: string) {
    const repeated = [0];
    let same = 0;
    for (let i = 1; i < text.length; i++) {
      while (same > 0 && text[same] !== text[i]) same = repeated[same - 1]!;
      if (text[same] === text[i]) same++;
      repeated.push(same);
    }
    this.repeated = repeated;
  }

  /** Where it ends the first time in a path from `start`, or -1. */
  endIn(path: Characters, start: number): number {
    const { repeated, text } = this;
    let same = 0;
    for (let i = start; i < path.length; i++) {
      const character = path.charCodeAt(i);
      while (same > 0 && text.charCodeAt(same) !== character) {
        same = repeated[same - 1]!;
      }
      if (text.charCodeAt(same) === character) same++;
      if (same === text.length) return i + 1;
    }
    return -1;
  }
}

/** The path and the query of a URL, in the form in which patterns are compared with it. */
export function comparablePath({ pathname, search }: URL): string {
  return comparable(pathname + search).replaceAll("*", "%2A");
}

/**
 * Unescapes what needs no escape, and escapes all that is neither reserved nor unreserved (RFC 9309, section 2.2.2), a stray `%`,
 * and those that are special in a pattern, or in a query to the parser of URLs. A `*` stays.
 */
function comparable(text: string): string {
  if (plain.test(text)) return text;
  return normalEscapes(
    text.toWellFormed()
      .replace(/%(?![\da-f]{2})/gi, "%25")
      .replaceAll("'", "%27")
      .replace(/[^\w\-.~:/?#[\]@!&()*+,;=%]+/g, encodeURIComponent),
  );
}

function standsAt(path: Characters, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (path.charCodeAt(at + i) !== text.charCodeAt(i)) return false;
  }
  return true;
}
