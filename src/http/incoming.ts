/**
 * Requests, as far as limits care.
 *
 * @module
 */
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

/** Which header proxies write. */
export type ForwardedHeader = "x-forwarded-for" | "forwarded";
