import { strictEqual } from "node:assert/strict";
import { isAddress, isPublic } from "../../src/scraper/address.ts";

/** The special-purpose registries of IANA, and multicast: the first and the last address of each, and its neighbours if public. */
const special: Readonly<
  Record<string, {
    readonly inside: ReadonlyArray<string>;
    readonly outside?: ReadonlyArray<string>;
  }>
> = {
  "this network": {
    inside: ["0.0.0.0", "0.255.255.255"],
    outside: ["1.0.0.0"],
  },
  "private, 10/8": {
    inside: ["10.0.0.0", "10.255.255.255"],
    outside: ["9.255.255.255", "11.0.0.0"],
  },
  "shared by carriers": {
    inside: ["100.64.0.0", "100.127.255.255"],
    outside: ["100.63.255.255", "100.128.0.0"],
  },
  "loopback": {
    inside: ["127.0.0.0", "127.0.0.1", "127.255.255.255"],
    outside: ["126.255.255.255", "128.0.0.0"],
  },
  "link-local": {
    inside: ["169.254.0.0", "169.254.169.254", "169.254.255.255"],
    outside: ["169.253.255.255", "169.255.0.0"],
  },
  "private, 172.16/12": {
    inside: ["172.16.0.0", "172.31.255.255"],
    outside: ["172.15.255.255", "172.32.0.0"],
  },
  "protocol assignments": {
    inside: ["192.0.0.0", "192.0.0.8", "192.0.0.255"],
    outside: ["191.255.255.255", "192.0.1.0"],
  },
  "documentation 1": {
    inside: ["192.0.2.0", "192.0.2.255"],
    outside: ["192.0.1.255", "192.0.3.0"],
  },
  "6to4 relays": {
    inside: ["192.88.99.0", "192.88.99.255"],
    outside: ["192.88.98.255", "192.88.100.0"],
  },
  "private, 192.168/16": {
    inside: ["192.168.0.0", "192.168.255.255"],
    outside: ["192.167.255.255", "192.169.0.0"],
  },
  "benchmarks": {
    inside: ["198.18.0.0", "198.19.255.255"],
    outside: ["198.17.255.255", "198.20.0.0"],
  },
  "documentation 2": {
    inside: ["198.51.100.0", "198.51.100.255"],
    outside: ["198.51.99.255", "198.51.101.0"],
  },
  "documentation 3": {
    inside: ["203.0.113.0", "203.0.113.255"],
    outside: ["203.0.112.255", "203.0.114.0"],
  },
  "multicast": {
    inside: ["224.0.0.0", "239.255.255.255"],
    outside: ["223.255.255.255"],
  },
  "reserved, and broadcast": { inside: ["240.0.0.0", "255.255.255.255"] },
  "unspecified": { inside: ["::", "0:0:0:0:0:0:0:0"] },
  "loopback, IPv6": { inside: ["::1", "0:0:0:0:0:0:0:1"] },
  "discard only": { inside: ["100::", "100::ffff:ffff:ffff:ffff"] },
  "dummy prefix": { inside: ["100:0:0:1::", "100:0:0:1::1"] },
  "NAT64 of a network": { inside: ["64:ff9b:1::", "64:ff9b:1::808:808"] },
  "before what is given out": {
    inside: ["1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    outside: ["2003::"],
  },
  "protocol assignments, IPv6": {
    inside: ["2001::", "2001::1", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"],
    outside: ["2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"],
  },
  "documentation, IPv6": {
    inside: ["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"],
    outside: ["2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"],
  },
  "6to4": {
    inside: ["2002::", "2002:0a00:0001::", "2002:ffff::1"],
    outside: ["2001:ffff::", "2003::1"],
  },
  "documentation, IPv6, the large one": {
    inside: ["3fff::", "3fff:0fff:ffff:ffff:ffff:ffff:ffff:ffff"],
    outside: ["3ffe:ffff::", "3fff:1000::"],
  },
  "after what is given out": { inside: ["4000::", "7fff::1"] },
  "segment routing": { inside: ["5f00::", "5f00:ffff::"] },
  "unique local": { inside: ["fc00::", "fd12:3456::1", "fdff:ffff::"] },
  "link-local, IPv6": { inside: ["fe80::", "fe80::1", "febf:ffff::"] },
  "site-local": { inside: ["fec0::", "feff::1"] },
  "multicast, IPv6": { inside: ["ff00::", "ff02::1", "ffff::"] },
};

for (const [name, { inside, outside = [] }] of Object.entries(special)) {
  Deno.test(`isPublic() refuses ${name}, and no more`, () => {
    for (const address of inside) {
      strictEqual(isPublic(address), false, address);
    }
    for (const address of outside) {
      strictEqual(isPublic(address), true, address);
    }
  });
}

Deno.test("isPublic() sees what is IPv4 within IPv6 for what it is", () => {
  for (
    const [address, expected] of [
      ["8.8.8.8", true],
      ["127.0.0.1", false],
      ["10.0.0.1", false],
      ["169.254.169.254", false],
    ] as const
  ) {
    strictEqual(isPublic(`::ffff:${address}`), expected, `mapped ${address}`);
    strictEqual(isPublic(`64:ff9b::${address}`), expected, `NAT64 ${address}`);
    // Networks that have these lead to nobody, or to where nobody can say.
    strictEqual(isPublic(`::${address}`), false, `compatible ${address}`);
    strictEqual(isPublic(`64:ff9b:1::${address}`), false, `local ${address}`);
  }
  strictEqual(isPublic("::FFFF:0A00:0001"), false);
  strictEqual(isPublic("::ffff:808:808"), true);
  strictEqual(isPublic("2606:4700:4700::1111"), true);
});

Deno.test("isPublic() refuses what is no address", () => {
  for (
    const text of [
      ...["", " ", "localhost", "a.test", "8.8.8", "8.8.8.8.8", "256.8.8.8"],
      ...["8.8.8.8 ", "8.8.8.8/32", "8.8.8.8:80", "08.8.8.8", "0x8.8.8.8"],
      ...["134744072", "2606:4700", "[2606:4700::1]", "2606::1::1", "g::1"],
      ...["fe80::1%eth0", "2606:4700::1/64", "2606:4700::12345", "NaN"],
    ]
  ) {
    strictEqual(isPublic(text), false, text);
  }
});

Deno.test("isAddress() tells addresses from names", () => {
  for (const text of ["8.8.8.8", "10.0.0.1", "::1", "::ffff:10.0.0.1"]) {
    strictEqual(isAddress(text), true, text);
  }
  for (const text of ["a.test", "8.8.8.8.test", "", "[::1]", "localhost"]) {
    strictEqual(isAddress(text), false, text);
  }
});
