/**
 * Lets requests in to the HTTP API of a task manager.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as HttpServerRequest from "effect/http/HttpServerRequest";
import * as Layer from "effect/Layer";
import * as NetAddress from "effect/net/NetAddress";
import * as Option from "effect/Option";
import * as Redacted from "effect/Redacted";
import * as Result from "effect/Result";
import { createHash, timingSafeEqual } from "node:crypto";
import { Access, Forbidden, Unauthorized } from "./api_access.ts";

/** Lets a request in, or refuses it. */
export type Guard = (
  request: HttpServerRequest.HttpServerRequest,
) => Effect.Effect<void, Unauthorized | Forbidden>;

/** Guards by a token, or, where there is none, lets in who asks from this machine. */
export function guardBy(token: Redacted.Redacted | undefined): Guard {
  if (token === undefined) return fromHere;
  const expected = digestOf(Redacted.value(token));
  return ({ headers }) => {
    const [, given] = /^bearer +(.+)$/i.exec(headers["authorization"] ?? "") ??
      [];
    return given !== undefined && timingSafeEqual(digestOf(given), expected)
      ? Effect.void
      : Effect.fail(
        new Unauthorized({ detail: "A bearer token is needed, the right one" }),
      );
  };
}

/** The guard for the endpoints of the API. */
export function layerAccess(guard: Guard): Layer.Layer<Access> {
  return Layer.succeed(Access, {
    bearer: (app) =>
      Effect.andThen(
        Effect.flatMap(HttpServerRequest.HttpServerRequest, guard),
        app,
      ),
  });
}

/**
 * Pages of other sites, and names that they point at this machine (DNS rebinding), can make a browser of this machine ask; a
 * proxy of this machine asks for others.
 */
const fromHere: Guard = (request) => {
  const { headers } = request;
  const peer = Option.getOrUndefined(request.remoteAddress);
  const refuse = (detail: string) =>
    Effect.fail(
      new Forbidden({ detail: `${detail}, and there is no token to ask for` }),
    );
  if (peer === undefined || !isLoopback(peer)) {
    return refuse("This request does not come from this machine");
  }
  const relayed = ["forwarded", "x-forwarded-for", "via"].find((name) =>
    headers[name] !== undefined
  );
  if (relayed !== undefined) {
    return refuse(`This request came through a proxy ("${relayed}")`);
  }
  const { host = "", origin } = headers;
  if (!isOfHere(`http://${host}`)) {
    return refuse(`This request is for "${host}", which is not this machine`);
  }
  return origin === undefined || isOfHere(origin)
    ? Effect.void
    : refuse(`This request was made by a page of "${origin}"`);
};

function isOfHere(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname.endsWith(".localhost") ||
    isLoopback(hostname.replace(/^\[(.*)\]$/, "$1"));
}

function isLoopback(text: string): boolean {
  const parsed = NetAddress.ipFromString(text);
  if (Result.isFailure(parsed)) return false;
  const address = NetAddress.formatIp(NetAddress.toCanonical(parsed.success));
  return address === "::1" || address.startsWith("127.");
}

/** Texts of one length, so that comparing them tells nothing of it. */
function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
