/**
 * Requests, as far as limits care.
 *
 * @module
 */
import type * as HttpServerRequest from "effect/http/HttpServerRequest";
import * as Option from "effect/Option";

/** A request, as far as limits care. */
export interface Incoming {
  /** `GET`, `POST`, … */
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Where the connection comes from; unknown for sockets without one. */
  readonly address: string | undefined;
  /** One header, by any case. */
  readonly header: (name: string) => string | undefined;
}

/** Whose request it is. `undefined` is not limited. */
export type Key = (request: Incoming) => string | undefined;

/** What a server says of a connection; `Deno.ServeHandlerInfo` is one. */
export interface ServeInfo {
  /** The other end. */
  readonly remoteAddr: object;
}

/** A request of Effect's server. It reads what it is asked for, for most keys ask for the address alone. */
export class EffectIncoming implements Incoming {
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

  get header(): Incoming["header"] {
    return (name) => this.#request.headers[name.toLowerCase()];
  }
}

/** A request of `Deno.serve`. */
export class WebIncoming implements Incoming {
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
