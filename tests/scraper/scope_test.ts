import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { inScope } from "../../src/scraper/scope.ts";
import type { Scope } from "../../src/scraper/service.ts";

/** Those of `links` that are in the scope of `start`. */
function followed(
  scope: Scope,
  start: string | readonly string[],
  links: readonly string[],
): readonly string[] {
  const allows = inScope(scope, [start].flat().map((url) => new URL(url)));
  return links.filter((link) => allows(new URL(link)));
}

Deno.test("inScope() of an origin is its scheme, host and port", () => {
  const inside = [
    ...[
      "https://a.example/",
      "https://A.example:443/b?c",
      "https://a.example./",
    ],
  ];
  const outside = [
    ...["http://a.example/", "https://a.example:8443/", "https://b.a.example/"],
    ...["https://example/", "https://a.example.evil.example/"],
  ];
  deepStrictEqual(
    followed("origin", "https://a.example/x", [...inside, ...outside]),
    inside,
  );
});

Deno.test("inScope() of a site is what somebody registered, of any scheme and port", () => {
  const sites = {
    "https://www.shop.co.uk/": {
      inside: [
        ...["http://shop.co.uk/", "https://a.b.shop.co.uk:8080/"],
        "https://SHOP.co.uk./",
      ],
      outside: [
        ...["https://other.co.uk/", "https://co.uk/", "https://myshop.co.uk/"],
        "https://shop.co.uk.evil.example/",
      ],
    },
    "https://me.github.io/": {
      inside: ["https://me.github.io/a", "https://a.me.github.io/"],
      outside: ["https://you.github.io/", "https://github.io/"],
    },
    "https://github.io/": {
      inside: ["https://github.io/a"],
      outside: ["https://me.github.io/"],
    },
    "http://192.0.2.1/": {
      inside: ["https://192.0.2.1:8080/"],
      outside: ["http://192.0.2.2/", "http://2.192.0.2.1.example/"],
    },
    "http://[2001:db8::1]/": {
      inside: ["http://[2001:db8:0::1]:80/"],
      outside: ["http://[2001:db8::2]/"],
    },
    "http://localhost:8000/": {
      inside: ["http://localhost/", "https://localhost.:1/"],
      outside: ["http://a.localhost.example/", "http://local/"],
    },
    "https://www.xn--bcher-kva.example/": {
      inside: ["https://bücher.example/"],
      outside: ["https://bucher.example/"],
    },
  };
  for (const [start, { inside, outside }] of Object.entries(sites)) {
    deepStrictEqual(
      followed("site", start, [...inside, ...outside]),
      inside,
      start,
    );
  }
});

Deno.test("inScope() is that of any of the first URLs, and of none without", () => {
  const links = ["https://a.example/1", "https://b.test/2", "https://c.dev/3"];
  for (const scope of ["origin", "site"] as const) {
    deepStrictEqual(
      followed(scope, ["https://a.example", "https://b.test"], links),
      links.slice(0, 2),
    );
    deepStrictEqual(followed(scope, [], links), []);
  }
});

Deno.test("inScope() of a function is the function, as for a URLPattern", () => {
  const docs = new URLPattern({ pathname: "/docs/*" });
  const links = ["https://a.example/docs/1", "https://b.test/blog/2"];
  const scope = (url: URL) => docs.test(url);
  deepStrictEqual(followed(scope, "https://c.dev/", links), links.slice(0, 1));
  strictEqual(inScope(scope, []), scope);
});
