/**
 * What a server says of its limits in the headers of a response.
 *
 * @module
 */
import type * as Headers from "effect/http/Headers";
import {
  type Dictionary,
  isInnerList,
  type List,
  parseDictionary,
  parseList,
} from "structured-headers";

/** From here on, a number of seconds that is a time of reset is a date: as a delay it would be more than thirty years. */
const firstDate = 1e9;
/** From here on, such a date is in milliseconds. */
const firstMillis = 1e12;

/**
 * How long no more requests are allowed, in milliseconds: until all limits that are used up are given back. 0 where none is.
 *
 * Reads `RateLimit` as of draft-ietf-httpapi-ratelimit-headers-10 (a list) and as of its version 7 (a dictionary); where
 * there is none, `RateLimit-Remaining` and `-Reset`, of versions up to 6; where there are none, `X-RateLimit-Remaining` and
 * `-Reset`, whose time of reset may be seconds from now or a date in seconds or milliseconds. What is malformed is ignored.
 */
export function untilReset(headers: Headers.Headers, now: number): number {
  return ofField(headers["ratelimit"]) ??
    ofPair(headers, "ratelimit", now) ??
    ofPair(headers, "x-ratelimit", now) ??
    0;
}

function ofField(field: string | undefined): number | undefined {
  if (field === undefined) return undefined;
  const list = parsed(parseList, field);
  if (list !== undefined) return ofList(list);
  const dictionary = parsed(parseDictionary, field);
  return dictionary && ofDictionary(dictionary);
}

function ofList(list: List): number | undefined {
  let longest: number | undefined;
  for (const item of list) {
    const [, parameters] = item;
    const remaining = parameters.get("r");
    if (isInnerList(item) || !isCount(remaining)) return undefined;
    const reset = parameters.get("t");
    if (reset !== undefined && !isCount(reset)) return undefined;
    longest = Math.max(longest ?? 0, remaining === 0 ? (reset ?? 0) * 1000 : 0);
  }
  return longest;
}

function ofDictionary(dictionary: Dictionary): number | undefined {
  const remaining = dictionary.get("remaining")?.[0];
  const reset = dictionary.get("reset")?.[0];
  if (!isCount(remaining) || !isCount(reset)) return undefined;
  return remaining === 0 ? reset * 1000 : 0;
}

function ofPair(
  headers: Headers.Headers,
  prefix: string,
  now: number,
): number | undefined {
  const remaining = headers[`${prefix}-remaining`];
  const reset = headers[`${prefix}-reset`];
  if (!isDigits(remaining) || !isDigits(reset)) return undefined;
  if (Number(remaining) > 0) return 0;
  const time = Number(reset);
  if (time < firstDate) return time * 1000;
  return Math.max(0, (time < firstMillis ? time * 1000 : time) - now);
}

function parsed<A>(parse: (field: string) => A, field: string): A | undefined {
  try {
    return parse(field);
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isDigits(text: string | undefined): text is string {
  return text !== undefined && /^\d+$/.test(text);
}
