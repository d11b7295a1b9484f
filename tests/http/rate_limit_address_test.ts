import { RateLimit } from "@weir/weir/http";
import * as fc from "fast-check";
import { deepStrictEqual, strictEqual } from "node:assert/strict";

/** A request from an address, with headers by their lower-case names. */
function from(
  address: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): RateLimit.Incoming {
  return {
    ...{ method: "GET", url: "/", address },
    header: (name) => headers[name.toLowerCase()],
  };
}

const proxy = "10.0.0.1";
const xff = "x-forwarded-for";

Deno.test("RateLimit.byAddress() is the address, of IPv6 its /64", () => {
  const key = RateLimit.byAddress();
  const keys: Readonly<Record<string, string>> = {
    "192.0.2.1": "192.0.2.1",
    "::ffff:192.0.2.1": "192.0.2.1",
    "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
    "2001:db8:1:2:ffff::": "2001:db8:1:2::/64",
    "::1": "::/64",
    "fe80::1%eth0": "fe80::/64",
    "not an address: at all": "not an address: at all",
  };
  for (const [address, expected] of Object.entries(keys)) {
    strictEqual(key(from(address)), expected);
  }
  strictEqual(key(from(undefined)), "unknown");
  strictEqual(
    RateLimit.byAddress({ ipv6Prefix: 56 })(from("2001:db8:1:2ff::1")),
    "2001:db8:1:200::/56",
  );
  strictEqual(
    RateLimit.byAddress({ ipv6Prefix: 128 })(from("2001:db8::1")),
    "2001:db8::1/128",
  );
});

Deno.test("RateLimit.byAddress() reads no header while nobody is trusted", () => {
  const headers = { [xff]: "6.6.6.6", forwarded: "for=6.6.6.6" };
  for (const trust of [undefined, 0, []]) {
    strictEqual(RateLimit.byAddress({ trust })(from(proxy, headers)), proxy);
  }
});

Deno.test("RateLimit.byAddress({ trust: n }) takes what the outermost of n proxies saw", () => {
  const chain = "6.6.6.6, 203.0.113.9, 192.0.2.8";
  const keys = [1, 2, 3, 4].map((trust) =>
    RateLimit.byAddress({ trust })(from(proxy, { [xff]: chain }))
  );
  deepStrictEqual(keys, ["192.0.2.8", "203.0.113.9", "6.6.6.6", "6.6.6.6"]);
  const one = RateLimit.byAddress({ trust: 1 });
  strictEqual(one(from(proxy)), proxy);
  strictEqual(one(from(undefined, { [xff]: "192.0.2.8" })), "192.0.2.8");
});

Deno.test("RateLimit.byAddress({ trust: n }) stays with the last hop that wrote an address", () => {
  const keyOf = (trust: number, chain: string) =>
    RateLimit.byAddress({ trust })(from(proxy, { [xff]: chain }));
  strictEqual(keyOf(1, "192.0.2.8, unknown"), proxy);
  strictEqual(keyOf(2, "unknown, 192.0.2.8"), "192.0.2.8");
  strictEqual(keyOf(2, "6.6.6.6, , 192.0.2.8"), "192.0.2.8");
  strictEqual(keyOf(1, ""), proxy);
  strictEqual(keyOf(1, ","), proxy);
  strictEqual(keyOf(1, "999.1.1.1"), proxy);
  strictEqual(keyOf(1, "1".repeat(10_000)), proxy);
});

Deno.test("RateLimit.byAddress({ trust: networks }) walks to the first address that is in none", () => {
  const key = RateLimit.byAddress({ trust: ["10.0.0.0/8", "2001:db8:f::/48"] });
  const keyOf = (address: string, chain: string) =>
    key(from(address, { [xff]: chain }));
  strictEqual(keyOf(proxy, "6.6.6.6, 192.0.2.8"), "192.0.2.8");
  strictEqual(keyOf(proxy, "6.6.6.6, 192.0.2.8, 10.1.1.1"), "192.0.2.8");
  strictEqual(keyOf(proxy, "192.0.2.8, 2001:db8:f::1"), "192.0.2.8");
  strictEqual(keyOf("::ffff:10.0.0.1", "192.0.2.8"), "192.0.2.8");
  strictEqual(keyOf("192.0.2.1", "6.6.6.6"), "192.0.2.1");
  strictEqual(keyOf(proxy, "10.3.3.3, 10.2.2.2"), "10.3.3.3");
  strictEqual(keyOf(proxy, "6.6.6.6, _hidden, 10.2.2.2"), "10.2.2.2");
  strictEqual(key(from(undefined, { [xff]: "6.6.6.6" })), "unknown");
});

Deno.test("RateLimit.byAddress() reads addresses as proxies write them, with ports and brackets", () => {
  const key = RateLimit.byAddress({ trust: 1 });
  const texts: Readonly<Record<string, string>> = {
    "192.0.2.8:4711": "192.0.2.8",
    "2001:db8:1:2::9": "2001:db8:1:2::/64",
    "[2001:db8:1:2::9]": "2001:db8:1:2::/64",
    "[2001:db8:1:2::9]:4711": "2001:db8:1:2::/64",
    "[::ffff:192.0.2.8]:1": "192.0.2.8",
    "[2001:db8::1": proxy,
    "[192.0.2.8]x": proxy,
    "192.0.2.8:": proxy,
  };
  for (const [text, expected] of Object.entries(texts)) {
    strictEqual(key(from(proxy, { [xff]: text })), expected, text);
  }
});

Deno.test("RateLimit.byAddress({ header: forwarded }) reads RFC 7239, and that header only", () => {
  const key = RateLimit.byAddress({ trust: 1, header: "forwarded" });
  const values: Readonly<Record<string, string>> = {
    "for=192.0.2.8": "192.0.2.8",
    'For="192.0.2.8:4711"': "192.0.2.8",
    'for="[2001:db8:1:2::9]:4711";proto=https': "2001:db8:1:2::/64",
    "for=6.6.6.6, proto=http;by=_x; for=192.0.2.8": "192.0.2.8",
    'for="192.0.2\\.8"': "192.0.2.8",
    'for=192.0.2.8;host="a, for=6.6.6.6"': "192.0.2.8",
    'for=192.0.2.8;host="a\\", for=6.6.6.6"': "192.0.2.8",
    'for=192.0.2.8;host="a, for=6.6.6.6;x=\\""': "192.0.2.8",
    'host="x;for=6.6.6.6";for=192.0.2.8': "192.0.2.8",
    'for="6.6.6.6, for=192.0.2.8': "192.0.2.8",
    'for=6.6.6.6;x=", for="192.0.2.8"': "192.0.2.8",
    "for=unknown": proxy,
    "for=_hidden": proxy,
    "for=192.0.2.8;for=6.6.6.6": proxy,
    "for=192.0.2.8 6.6.6.6": proxy,
    "192.0.2.8": proxy,
    "proto=https": proxy,
  };
  for (const [forwarded, expected] of Object.entries(values)) {
    const headers = { forwarded, [xff]: "6.6.6.6" };
    strictEqual(key(from(proxy, headers)), expected, forwarded);
  }
  const other = RateLimit.byAddress({ trust: 1 });
  strictEqual(other(from(proxy, { forwarded: "for=6.6.6.6" })), proxy);
});

const garbage = fc.oneof(
  fc.constantFrom("6.6.6.6", "for=6.6.6.6"),
  fc.string(),
  fc.string({ unit: fc.constantFrom(...'0123456789.:,;="\\[]% for_x') }),
  fc.array(
    fc.constantFrom(
      "6.6.6.6",
      "for=6.6.6.6",
      '"',
      "\\",
      ",",
      ";",
      "unknown",
      " ",
    ),
  ).map((parts) => parts.join("")),
);

const client = fc.oneof(
  fc.constant("192.0.2.7"),
  fc.ipV4().filter((ip) => !ip.startsWith("6.") && !ip.startsWith("10.")),
);

Deno.test("RateLimit.byAddress() takes no forged header, whatever is in it", () => {
  const key = RateLimit.byAddress();
  fc.assert(fc.property(garbage, client, (forged, address) => {
    const headers = { [xff]: forged, forwarded: forged };
    strictEqual(key(from(address, headers)), address);
  }));
});

Deno.test("RateLimit.byAddress({ trust }) takes only what trusted proxies wrote, whatever a client wrote before", () => {
  const cases = fc.record({
    forged: fc.option(garbage),
    address: client,
    between: fc.array(fc.constantFrom("10.0.0.2", "10.0.0.3"), {
      maxLength: 3,
    }),
    header: fc.constantFrom(xff, "forwarded"),
    quoted: fc.boolean(),
    known: fc.boolean(),
  });
  fc.assert(
    fc.property(
      cases,
      ({ address, between, forged, header, known, quoted }) => {
        const hop = (ip: string) =>
          header === xff
            ? ip
            : quoted
            ? `proto=http;for="${ip}:80"`
            : `for=${ip}`;
        const written = [address, ...between].map(hop);
        const value = [...forged === null ? [] : [forged], ...written].join(
          ", ",
        );
        const key = RateLimit.byAddress({
          trust: known ? ["10.0.0.0/8"] : between.length + 1,
          header: header as "forwarded",
        });
        const other = header === xff ? "forwarded" : xff;
        strictEqual(
          key(from(proxy, { [header]: value, [other]: forged ?? "" })),
          address,
        );
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("RateLimit.byAddress() has a key for whatever comes", () => {
  const key = RateLimit.byAddress({ trust: 3 });
  fc.assert(fc.property(garbage, garbage, (value, address) => {
    strictEqual(typeof key(from(proxy, { [xff]: value })), "string");
    strictEqual(typeof key(from(address)), "string");
  }));
});
