/**
 * Which links a crawl may follow.
 *
 * @module
 */
import { getDomain } from "tldts";
import type { Scope } from "./service.ts";
import { hostnameOf, hostOf } from "./url.ts";

/** Whether a URL is in a scope, which `"origin"` and `"site"` measure from the first URLs. */
export function inScope(
  scope: Scope,
  start: Iterable<URL>,
): (url: URL) => boolean {
  if (typeof scope === "function") return scope;
  const placeOf = scope === "origin" ? originOf : siteOf;
  const places = new Set(Array.from(start, placeOf));
  return (url) => places.has(placeOf(url));
}

function originOf(url: URL): string {
  return `${url.protocol}//${hostOf(url)}`;
}

/** Where nobody can register a domain, as for addresses, `localhost` and public suffixes, each host is a site. */
function siteOf(url: URL): string {
  const host = hostnameOf(url);
  return getDomain(host, { allowPrivateDomains: true }) ?? host;
}
