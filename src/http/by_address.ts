/**
 * One key for each client address.
 *
 * @module
 */
import * as IpNetwork from "effect/net/IpNetwork";
import * as NetAddress from "effect/net/NetAddress";
import * as Result from "effect/Result";
import { refuse, whole } from "../internal/check.ts";
import { markByAddress, unknownAddress } from "./address_keys.ts";
import { addressOf, hops } from "./forwarded.ts";
import type { ForwardedHeader, Incoming, Key } from "./incoming.ts";

/** What {@linkcode byAddress} may be told. */
export interface AddressOptions {
  /**
   * Who may say for whom a request comes: so many proxies in front of this server, or the networks that they are in. Nobody
   * if omitted.
   *
   * A number is for proxies whose addresses are not known, and holds only if no request comes around them. It takes the
   * address that the outermost of so many proxies saw. Networks are walked from this server outwards, and the first address
   * that is in none of them is the client.
   */
  readonly trust?: number | ReadonlyArray<IpNetwork.IpNetworkInput> | undefined;
  /**
   * Where the proxies write it; `"x-forwarded-for"` if omitted. The other header is not read: proxies pass on what they do
   * not write, so whatever is in it the client may have made up.
   */
  readonly header?: ForwardedHeader | undefined;
  /**
   * How many bits of an IPv6 address are one client; 64 if omitted, for that is the smallest network that a customer is given
   * (RFC 6177), who may use any address in it. Many are given 56 bits or 48: a smaller number tells fewer of them apart.
   */
  readonly ipv6Prefix?: number | undefined;
}

/**
 * One key for each client address: `192.0.2.1`, `2001:db8:1:2::/64`. An IPv4 address inside an IPv6 one is itself. Requests
 * without an address, as of a Unix socket, are all `unknown`.
 *
 * What a proxy says counts only where it is trusted. Where what a trusted one wrote is no address, the request is that of the
 * last proxy before it. Throws a `RangeError` that names a bad option.
 *
 * @example Behind one proxy
 * ```ts
 * import { RateLimit } from "@weir/weir/http";
 * import { strictEqual } from "node:assert/strict";
 *
 * const key = RateLimit.byAddress({ trust: 1 });
 * const request: RateLimit.Incoming = {
 *   method: "GET",
 *   url: "/",
 *   address: "10.0.0.1",
 *   header: () => "6.6.6.6, 2001:db8:1:2:3:4:5:6",
 * };
 * strictEqual(key(request), "2001:db8:1:2::/64");
 * ```
 */
export const byAddress = (options: AddressOptions = {}): Key => {
  const { header = "x-forwarded-for", trust = 0 } = options;
  if (header !== "x-forwarded-for" && header !== "forwarded") {
    refuse("header", '"x-forwarded-for" or "forwarded"', header);
  }
  const prefix = whole("ipv6Prefix", options.ipv6Prefix ?? 64, 1);
  if (prefix > 128) refuse("ipv6Prefix", "at most 128", prefix);
  const key = typeof trust === "number"
    ? byCount(whole("trust", trust, 0), header, prefix)
    : byNetworks(trust.map(networkOf), header, prefix);
  const trusting = typeof trust === "number" ? trust > 0 : trust.length > 0;
  markByAddress(key, trusting ? header : undefined);
  return key;
};

/** The nearest of so many proxies is the other end of the connection. */
function byCount(
  count: number,
  name: ForwardedHeader,
  prefix: number,
): Key {
  return (request) => {
    const value = count === 0 ? undefined : request.header(name);
    if (value === undefined) return keyOfText(request.address, prefix);
    let client: NetAddress.IpAddress | undefined;
    let left = count;
    for (const hop of hops(name, value)) {
      client = hop;
      if (--left === 0) break;
    }
    return client === undefined
      ? keyOfText(request.address, prefix)
      : keyOf(client, prefix);
  };
}

function byNetworks(
  networks: ReadonlyArray<IpNetwork.IpNetwork>,
  name: ForwardedHeader,
  prefix: number,
): Key {
  const trusts = (address: NetAddress.IpAddress) =>
    networks.some((network) => IpNetwork.contains(network, address));
  return (request) => {
    const peer = peerOf(request);
    if (peer === undefined) return keyOfText(request.address, prefix);
    let client = peer;
    if (trusts(peer)) {
      for (const hop of hops(name, request.header(name) ?? "")) {
        client = hop;
        if (!trusts(hop)) break;
      }
    }
    return keyOf(client, prefix);
  };
}

function peerOf({ address }: Incoming): NetAddress.IpAddress | undefined {
  return address === undefined ? undefined : addressOf(address);
}

/** Servers write an IPv4 address in one way only, so that it can be the key as it is. */
function keyOfText(text: string | undefined, prefix: number): string {
  if (text === undefined) return unknownAddress;
  if (!text.includes(":")) return text;
  const address = addressOf(text);
  return address === undefined ? text : keyOf(address, prefix);
}

function keyOf(address: NetAddress.IpAddress, prefix: number): string {
  return NetAddress.isIpv4Address(address)
    ? NetAddress.formatIp(address)
    : IpNetwork.format(IpNetwork.fromAddressUnsafe(address, prefix));
}

function networkOf(input: IpNetwork.IpNetworkInput): IpNetwork.IpNetwork {
  const must = 'networks such as "10.0.0.0/8", not of everyone';
  const network = IpNetwork.fromInput(input);
  if (Result.isFailure(network)) {
    return refuse("trust", must, typeof input === "string" ? input : network);
  }
  return network.success.prefixLength === 0
    ? refuse("trust", must, IpNetwork.format(network.success))
    : network.success;
}
