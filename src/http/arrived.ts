/**
 * Requests that a server got.
 *
 * @module
 */
import type * as HttpServerRequest from "effect/http/HttpServerRequest";
import * as Option from "effect/Option";
import type { Incoming, ServeInfo } from "./incoming.ts";

/** A request, and whether somebody else found out already for whom its proxies ask. */
export interface Arrived extends Incoming {
  readonly settled: boolean;
}

/** A request of Effect's server. It reads what it is asked for, for most keys ask for the address alone. */
export class EffectIncoming implements Arrived {
  readonly #request: HttpServerRequest.HttpServerRequest;

  constructor(request: HttpServerRequest.HttpServerRequest) {
    this.#request = request;
  }

  get method(): string {
    return this.#request.method;
  }

  get url(): string {
    return pathOf(this.#request.originalUrl);
  }

  get address(): string | undefined {
    return Option.getOrUndefined(this.#request.remoteAddress);
  }

  get settled(): boolean {
    const { peerAddress, remoteAddress } = this.#request;
    return Option.getOrUndefined(peerAddress) !==
      Option.getOrUndefined(remoteAddress);
  }

  get header(): Incoming["header"] {
    return (name) => this.#request.headers[name.toLowerCase()];
  }
}

/** A request of `Deno.serve`. */
export class WebIncoming implements Arrived {
  readonly #request: Request;
  readonly #info: ServeInfo;

  constructor(request: Request, info: ServeInfo) {
    this.#request = request;
    this.#info = info;
  }

  get method(): string {
    return this.#request.method;
  }

  get url(): string {
    return pathOf(this.#request.url);
  }

  get address(): string | undefined {
    const { hostname } = this.#info.remoteAddr as { hostname?: unknown };
    return typeof hostname === "string" ? hostname : undefined;
  }

  get settled(): boolean {
    return false;
  }

  get header(): Incoming["header"] {
    return (name) => this.#request.headers.get(name) ?? undefined;
  }
}

/** Path and query of a URL, which may be without scheme and host already. */
function pathOf(url: string): string {
  if (url.startsWith("/")) return url;
  const path = url.indexOf("/", url.indexOf("//") + 2);
  return path < 0 ? "/" : url.slice(path);
}
