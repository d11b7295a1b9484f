/**
 * Where a redirect leads.
 *
 * @module
 */
import type { Head } from "./sender.ts";
import { parseUrl } from "./url.ts";

const statuses = new Set([301, 302, 303, 307, 308]);

/** Where an answer redirects to; the text of its location if that is nowhere to go; nothing if it is no redirect. */
export function redirectOf(
  { headers, status, url }: Head,
): URL | string | undefined {
  const { location } = headers;
  if (location === undefined || !statuses.has(status)) return undefined;
  return parseUrl(location, url) ?? location;
}
