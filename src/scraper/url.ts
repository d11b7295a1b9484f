/**
 * The normal form of URLs, in which one page has one name.
 *
 * @module
 */

/**
 * How many characters a URL may have. HTTP asks servers to accept 8,000 (RFC 9110, section 4.1); what is longer is more likely
 * a trap than a page.
 */
export const longestUrl = 8192;

/** How a URL is named. */
export interface NormalFormOptions {
  /** Whether parameters are sorted by name, which few servers mind. No if omitted. */
  readonly sortQuery?: boolean | undefined;
}

/**
 * Reads a URL as browsers do (WHATWG), without its credentials and its fragment. There is none where it is malformed, neither
 * `http` nor `https`, longer than {@linkcode longestUrl}, or of a host that has an empty label and so no address.
 */
export function parseUrl(input: string, base?: URL | string): URL | undefined {
  if (input.length > longestUrl) return undefined;
  const url = URL.parse(input, base);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    return undefined;
  }
  if (/^\.|\.\./.test(url.hostname)) return undefined;
  // Each of these parses the URL again.
  if (url.username !== "") url.username = "";
  if (url.password !== "") url.password = "";
  if (url.href.includes("#")) url.hash = "";
  return url.href.length > longestUrl ? undefined : url;
}

/**
 * Names what a URL asks for, so that URLs that differ in spelling alone have one name (RFC 3986, section 6.2.2): escapes are in
 * upper case, what is escaped without need is not, the host ends without a dot, an empty query is none. Reserved characters
 * stay as they are, as does a path or a query that has a stray `%`. Credentials and fragment are left out.
 */
export function normalForm(url: URL, options: NormalFormOptions = {}): string {
  const path = normalEscapes(url.pathname);
  const query = normalEscapes(url.search);
  return `${url.protocol}//${hostOf(url)}${path}${
    options.sortQuery === true ? sorted(query) : query
  }`;
}

/** Whose pace a URL goes by: its host, with its port unless that is the usual one. */
export function hostOf(url: URL): string {
  const name = hostnameOf(url);
  return url.port === "" ? name : `${name}:${url.port}`;
}

/** The host of a URL without the dot that may end it. */
export function hostnameOf({ hostname }: URL): string {
  return hostname.endsWith(".") ? hostname.slice(0, -1) : hostname;
}

/** Unescapes letters, digits, `-`, `.`, `_` and `~`, and writes all other escapes in upper case. */
export function normalEscapes(text: string): string {
  // Next to a stray "%", what is unescaped could become a part of an escape.
  if (!text.includes("%") || /%(?![\da-f]{2})/i.test(text)) return text;
  return text.replace(/%[\da-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(parseInt(escape.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : escape.toUpperCase();
  });
}

function sorted(query: string): string {
  if (query === "") return query;
  const parameters = query.slice(1).split("&").map((parameter) => ({
    name: parameter.split("=", 1)[0]!,
    parameter,
  }));
  parameters.sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  return `?${parameters.map(({ parameter }) => parameter).join("&")}`;
}
