/**
 * Which addresses a crawler may connect to: those of the public internet, and what it was allowed by name.
 *
 * @module
 */
import * as IpNetwork from "effect/net/IpNetwork";
import * as NetAddress from "effect/net/NetAddress";
import * as Result from "effect/Result";

/** Not on the public internet, by the special-purpose registries of IANA (RFC 6890), and multicast. */
const special: ReadonlyArray<IpNetwork.IpNetwork> = [
  // Loopback, private, link-local, shared by carriers.
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8"],
  ...["169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"],
  // Protocol assignments, documentation, benchmarks, the 6to4 relay, multicast, reserved.
  ...["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15"],
  ...["198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
  // The same of IPv6. Only 2000::/3 is given out, so what is outside is special as a whole.
  ...["::/3", "4000::/2", "8000::/1"],
  ...["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"],
].map(IpNetwork.fromStringUnsafe);

/** Where IPv6 networks reach IPv4: the last four octets are the address (RFC 6052). */
const nat64 = IpNetwork.fromStringUnsafe("64:ff9b::/96");

/** Whether an address is on the public internet. What is no address is not. */
export function isPublic(text: string): boolean {
  const parsed = NetAddress.ipFromString(text);
  if (Result.isFailure(parsed)) return false;
  const address = withinIpv4(NetAddress.toCanonical(parsed.success));
  return !special.some((network) => IpNetwork.contains(network, address));
}

function withinIpv4(address: NetAddress.IpAddress): NetAddress.IpAddress {
  return NetAddress.isIpv6Address(address) && IpNetwork.contains(nat64, address)
    ? NetAddress.ipv4FromBytesUnsafe(
      Uint8Array.from(NetAddress.ipv6ToOctets(address).slice(-4)),
    )
    : address;
}

/** Whether a text is an address, and not a name. */
export function isAddress(text: string): boolean {
  // Names seldom end in a digit, and to find that one is no address takes an error.
  return /\d$|:/.test(text) &&
    Result.isSuccess(NetAddress.ipFromString(text));
}
