/**
 * Which links a crawl may follow.
 *
 * @module
 */
import { getDomain } from "tldts";
import { hostnameOf, hostOf } from "./url.ts";

/**
 * Which links to follow: those on the origin of a first URL (scheme, host and port); those on its site, which is the domain that
 * somebody could register by the [public suffix list](https://publicsuffix.org), of any scheme and port; or those that a
 * function allows. For patterns, `new URLPattern({ pathname: "/docs/*" })` has a `test(url)`.
 */
export type Scope = "origin" | "site" | ((url: URL) => boolean);

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
