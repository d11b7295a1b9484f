/**
 * Where a redirect leads.
 *
 * @module
 */
import { redirects } from "../internal/http_status.ts";
import type { Head } from "./sender.ts";
import { parseUrl } from "./url.ts";

/** Where an answer redirects to; the text of its location if that is nowhere to go; nothing if it is no redirect. */
export function redirectOf(
  { headers, status, url }: Head,
): URL | string | undefined {
  const { location } = headers;
  if (location === undefined || !redirects.has(status)) return undefined;
  return parseUrl(location, url) ?? location;
}
