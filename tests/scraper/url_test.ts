import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  hostOf,
  longestUrl,
  normalForm,
  parseUrl,
} from "../../src/scraper/url.ts";

const formOf = (input: string, sortQuery = false) => {
  const url = parseUrl(input);
  return url && normalForm(url, { sortQuery });
};

/** URLs of odd spelling, of all that is in them. */
const spellings = FastCheck.tuple(
  FastCheck.constantFrom("http", "HTTPS"),
  FastCheck.constantFrom("", "me@", "me:secret@", ":@"),
  FastCheck.constantFrom(
    ...["EXAMPLE.com", "example.com.", "ex%61mple.com", "1.2.3.4.", "0x7f.1"],
    ...["bücher.example", "[::1]", "a..b", ".", "%2e", "a.%2e", "localhost"],
  ),
  FastCheck.constantFrom("", ":", ":80", ":443", ":8080"),
  FastCheck.string({
    unit: FastCheck.constantFrom(
      ...["/", "?", "#", "%", "%2", "%2e", "%2F", "%7E", "%25", "%c3%a9"],
      ...["41", "a", "Z", ".", "~", "é", "\u{1F577}", "\uD800", " ", "&", "="],
      ...["+", "'", '"', "\\", "|", "^", "{", "[", "\t", ";"],
    ),
    maxLength: 12,
  }),
).map(([scheme, who, host, port, rest]) =>
  `${scheme}://${who}${host}${port}${rest === "" ? "" : `/${rest}`}`
);

Deno.test("normalForm() gives one name to what differs in spelling alone", () => {
  const forms = {
    "http://example.com/": [
      ...["http://example.com", "HTTP://EXAMPLE.COM/", "http://example.com:80"],
      ...[
        "http://example.com./",
        "http://example.com/?",
        "http://example.com#a",
      ],
      ...[
        "http://a:b@example.com/",
        "http:example.com",
        " http://example.com ",
      ],
      ...["http://ex%61mple.com/./a/..", "http://example.com/%2e%2E/%2e/?#a"],
    ],
    "https://example.com/~a-b_c.d/1?q=Z~": [
      "https://example.com/%7ea%2Db%5fc%2ed/%31?q=%5A%7E",
      "https://example.com:443/x/../~a-b_c.d/1?q=Z~#top",
    ],
    "http://example.com/%C3%A9%2F%3F?%26=%3D": [
      "http://example.com/é%2f%3f?%26=%3d",
      "http://example.com/%c3%A9%2F%3F?%26=%3D",
    ],
    "http://xn--bcher-kva.example:8080/": [
      "http://bücher.example:8080",
      "http://xn--bcher-kva.EXAMPLE.:8080/",
    ],
    "http://127.0.0.1/": ["http://0x7f.1", "http://2130706433/"],
    "http://[::1]/": ["http://[0:0:0:0:0:0:0:1]:80"],
  };
  for (const [form, inputs] of Object.entries(forms)) {
    for (const input of inputs) strictEqual(formOf(input), form, input);
  }
});

Deno.test("normalForm() keeps apart what a server may tell apart", () => {
  const distinct = [
    ...[
      "http://example.com/a",
      "http://example.com/a/",
      "http://example.com/A",
    ],
    ...[
      "http://example.com//a",
      "http://example.com/a%2Fb",
      "https://example.com/a",
    ],
    ...[
      "http://example.com/a/b",
      "http://example.com/a%3Fb",
      "http://www.example.com/a",
    ],
    ...[
      "http://example.com/a?b",
      "http://example.com/a?b=",
      "http://example.com/a?b&",
    ],
    ...["http://example.com/a?b=1&a=2", "http://example.com/a?a=2&b=1"],
    ...[
      "http://example.com/a?a+b",
      "http://example.com/a?a%20b",
      "http://example.com/a?a%2Bb",
    ],
    ...[
      "http://example.com/a%26b",
      "http://example.com/a&b",
      "http://example.com:8080/a",
    ],
  ];
  deepStrictEqual(distinct.map((input) => formOf(input)), distinct);
});

Deno.test("normalForm() leaves a part with a stray % as it is", () => {
  for (
    const rest of ["/%%41", "/%4%31", "/100%/%41", "/?a=%%32%65", "/%zz%7e"]
  ) {
    strictEqual(formOf(`http://a.example${rest}`), `http://a.example${rest}`);
  }
  strictEqual(formOf("http://a.example/%?%7e"), "http://a.example/%?~");
});

Deno.test("normalForm() sorts parameters by name, keeping those of one name in order", () => {
  const sorted = (query: string) => formOf(`http://a.example/${query}`, true);
  strictEqual(
    sorted("?b=2&a=2&b=1&a&c%3d=3&a=1&&"),
    "http://a.example/?&&a=2&a&a=1&b=2&b=1&c%3D=3",
  );
  strictEqual(sorted("?%62&a"), sorted("?a&b"));
  strictEqual(sorted("?"), "http://a.example/");
});

Deno.test("parseUrl() reads http and https alone, against a base", () => {
  for (
    const input of [
      ...["mailto:a@b.example", "javascript:alert(1)", "data:,a", "file:///a"],
      ...["ftp://a.example", "about:blank", "blob:http://a.example/1", "//a"],
      ...["", "/a", "http://", "http://a b/", "http://[::1", "http://a:99999/"],
      ...["http://./", "http://a..b/", "http://.a/", "http://1.2.3.4../"],
    ]
  ) {
    strictEqual(parseUrl(input)?.href, undefined, input);
  }
  const base = "https://a.example/b/c?d#e";
  const links = {
    "": "https://a.example/b/c?d",
    "#f": "https://a.example/b/c?d",
    "?g": "https://a.example/b/c?g",
    "../h": "https://a.example/h",
    "//b.example/": "https://b.example/",
    "http:i": "http://i/",
    "\n\tj\n": "https://a.example/b/j",
    "https://u:p@a.example/k#l": "https://a.example/k",
  };
  for (const [input, href] of Object.entries(links)) {
    strictEqual(parseUrl(input, base)?.href, href);
    strictEqual(parseUrl(input, new URL(base))?.href, href);
  }
  strictEqual(parseUrl("mailto:a@b.example", base), undefined);
  strictEqual(parseUrl("a", "mailto:a@b.example"), undefined);
});

Deno.test("parseUrl() reads no URL of more than 8,192 characters, written or escaped", () => {
  const start = "http://a.example/";
  const room = longestUrl - start.length;
  strictEqual(parseUrl(start + "a".repeat(room))?.href.length, longestUrl);
  strictEqual(parseUrl(start + "a".repeat(room + 1)), undefined);
  strictEqual(parseUrl(start + "é".repeat(room / 2)), undefined);
  strictEqual(parseUrl("a".repeat(room + 1), start), undefined);
});

Deno.test("normalForm() is its own, and what asks for the same to browsers", () => {
  let read = 0;
  FastCheck.assert(
    FastCheck.property(spellings, FastCheck.boolean(), (input, sortQuery) => {
      const url = parseUrl(input);
      if (url === undefined) return;
      read++;
      const form = normalForm(url, { sortQuery });
      const again = parseUrl(form);
      strictEqual(again?.href, form);
      strictEqual(again && normalForm(again, { sortQuery }), form);
      strictEqual(again && hostOf(again), hostOf(url));
      deepStrictEqual([url.username, url.password, url.hash], ["", "", ""]);
      strictEqual(decoded(again.pathname), decoded(url.pathname));
      if (!sortQuery) strictEqual(decoded(again.search), decoded(url.search));
    }),
    { numRuns: 3000 },
  );
  ok(read > 500);
});

Deno.test("parseUrl() and normalForm() never throw", () => {
  const text = FastCheck.string({ unit: "binary" });
  FastCheck.assert(
    FastCheck.property(text, spellings, (input, base) => {
      for (const url of [parseUrl(input), parseUrl(input, base)]) {
        if (url !== undefined) normalForm(url, { sortQuery: true });
      }
    }),
  );
  FastCheck.assert(
    FastCheck.property(
      FastCheck.webUrl({ withFragments: true, withQueryParameters: true }),
      (input) => {
        const form = formOf(input);
        strictEqual(form && formOf(form), form);
      },
    ),
  );
});

Deno.test("hostOf() is the host, with a port that is not the usual one", () => {
  const hosts = {
    "http://Example.com/a": "example.com",
    "https://example.com.:443/": "example.com",
    "https://example.com.:80/": "example.com:80",
    "http://[::1]:8080/": "[::1]:8080",
  };
  for (const [input, host] of Object.entries(hosts)) {
    strictEqual(hostOf(new URL(input)), host);
  }
});

/** What a server reads that unescapes all but what is reserved. */
function decoded(part: string): string {
  if (/%(?![\da-f]{2})/i.test(part)) return part;
  return part.replace(/%[\da-f]{2}/gi, (escape) => {
    const code = parseInt(escape.slice(1), 16);
    return code > 127 || /[^\w.~-]/.test(String.fromCharCode(code))
      ? escape.toLowerCase()
      : String.fromCharCode(code);
  });
}
