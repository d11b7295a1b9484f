/**
 * What proxies say for whom a request comes.
 *
 * A proxy adds to the right end of the list, so only what the trusted ones added may be read: from the right, and no further.
 * Whatever a client wrote before, however malformed, stays unread.
 *
 * `Forwarded` as in RFC 7239, `X-Forwarded-For` as proxies write it.
 *
 * @module
 */
import * as NetAddress from "effect/net/NetAddress";
import * as Result from "effect/Result";
import type { ForwardedHeader } from "./incoming.ts";

/** The addresses of a header, from the right, up to what is none. */
export function* hops(
  name: ForwardedHeader,
  value: string,
): Generator<NetAddress.IpAddress> {
  const quotes = name === "forwarded";
  for (let end = value.length; end >= 0;) {
    const start = quotes ? elementStart(value, end) : commaBefore(value, end);
    const element = value.slice(start, end).trim();
    const node = quotes ? forOf(element) : element;
    const address = node === undefined ? undefined : addressOf(node);
    if (address === undefined) return;
    yield address;
    end = start - 1;
  }
}

/** The address that a text is, without a port, brackets or the scope of a link; an IPv4 address inside an IPv6 one is itself. */
export function addressOf(text: string): NetAddress.IpAddress | undefined {
  if (text.length > longest) return undefined;
  const [, bracketed, plain] = withPort.exec(text) ?? [];
  const host = bracketed ?? plain ?? text;
  const scope = host.indexOf("%");
  const parsed = NetAddress.ipFromString(
    scope < 0 ? host : host.slice(0, scope),
  );
  return Result.isSuccess(parsed)
    ? NetAddress.toCanonical(parsed.success)
    : undefined;
}

/** Longer than any address, with brackets, scope and port. */
const longest = 100;

/** `[2001:db8::1]`, `[2001:db8::1]:443`, `192.0.2.1:443`. */
const withPort = /^(?:\[([^\]]*)\](?::[\w.-]+)?|([^:[\]]*):[\w.-]+)$/;

/** One `name=value` of an element, with what separates it from the next. */
const pair =
  /\s*([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([\w!#$%&'*+.^`|~:[\]-]+))\s*(?:;|$)/y;

/** The `for` of an element of `Forwarded`; nothing if it is malformed or has no single one. */
function forOf(element: string): string | undefined {
  let found: string | undefined;
  pair.lastIndex = 0;
  while (pair.lastIndex < element.length) {
    const [, name, quoted, token] = pair.exec(element) ?? [];
    if (name === undefined) return undefined;
    if (name.toLowerCase() !== "for") continue;
    if (found !== undefined) return undefined;
    found = quoted?.replaceAll(/\\(.)/g, "$1") ?? token;
  }
  return found;
}

function commaBefore(value: string, end: number): number {
  return end === 0 ? 0 : value.lastIndexOf(",", end - 1) + 1;
}

/** Where the element that ends here starts: after the next comma to the left that is in no quotes. */
function elementStart(value: string, end: number): number {
  let quoted = false;
  for (let i = end - 1; i >= 0; i--) {
    const char = value[i];
    if (char === '"' && !(quoted && isEscaped(value, i))) quoted = !quoted;
    if (char === "," && !quoted) return i + 1;
  }
  return 0;
}

function isEscaped(value: string, at: number): boolean {
  let slashes = 0;
  while (value[at - 1 - slashes] === "\\") slashes++;
  return slashes % 2 === 1;
}
