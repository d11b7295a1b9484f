/**
 * Who may import whom, and what a file of the package may look like.
 *
 * @module
 */
import { deepStrictEqual } from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import config from "../deno.json" with { type: "json" };

const patterns = ["producer_consumer", "worker_pool", "batch"];
const aboveHttp = ["internal", "limiter", ...patterns, "http", "deno"];

/** The rooms that each room may import, besides itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "mod.ts": ["limiter", ...patterns],
  "preload.ts": [],
  internal: [],
  limiter: ["internal"],
  "producer_consumer": ["internal", "limiter"],
  "worker_pool": ["internal", "limiter"],
  batch: ["internal", "limiter"],
  http: ["internal", "limiter"],
  deno: ["internal"],
  tasks: aboveHttp,
  scraper: aboveHttp,
  simulation: ["internal", "preload.ts"],
  testing: ["internal", "limiter", ...patterns, "http"],
};

/** What a room or file may import from outside, besides modules of effect. */
const mayImportFromOutside: Readonly<Record<string, RegExp>> = {
  "src/internal/async_scope.ts": /^node:async_hooks$/,
  "src/preload.ts": /^node:/,
  "src/deno/": /^node:/,
  "src/internal/limit_headers.ts": /^structured-headers$/,
  "src/scraper/charset.ts": /^(?:html-encoding-sniffer|whatwg-mimetype)$/,
  "src/scraper/host_resolver.ts": /^node:dns\/promises$/,
  "src/scraper/html.ts": /^htmlparser2$/,
  "src/scraper/scope.ts": /^tldts$/,
  "src/scraper/sitemap.ts": /^htmlparser2$/,
  "src/simulation/globals.ts": /^node:async_hooks$/,
  "src/simulation/records.ts": /^@datadog\/sketches-js$/,
  "src/simulation/report/": /^(?:d3-(?:array|scale|shape)|string-width)$/,
  "src/simulation/statistics.ts": /^jstat$/,
  "src/tasks/api_guard.ts": /^node:crypto$/,
  "src/testing/": /^fast-check$/,
};

const longestFile = 400;

/** One import or re-export; paths count from the project's root. */
interface Import {
  readonly file: string;
  readonly specifier: string;
  /** The imported file, unless it is outside the package. */
  readonly target: string | undefined;
  readonly typeOnly: boolean;
}

function findImports(file: string, source: string): readonly Import[] {
  const code = source.replaceAll(/^\s*\/\*.*?\*\//gms, "");
  const found = code.matchAll(
    /^(?:import|export)\s+(type\s)?(?:[\w$*{},\s]+\sfrom\s+)?"([^"]+)"|\bimport\(\s*"([^"]+)"/gm,
  );
  return [...found].map(([, type, stated, specifier = stated ?? ""]) => ({
    file,
    specifier,
    target: specifier.startsWith(".")
      ? new URL(specifier, `file:///${file}`).pathname.slice(1)
      : undefined,
    typeOnly: type !== undefined,
  }));
}

/** `limiter` for `src/limiter/quota.ts`, `mod.ts` for the root's. */
function roomOf(file: string): string {
  return file.replace(/^src\//, "").replace(/\/.*/, "");
}

function findCycles(imports: readonly Import[]): readonly string[] {
  const importsOf = Map.groupBy(imports, ({ file }) => file);
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) {
      return [[...path.slice(path.indexOf(file)), file].join(" → ")];
    }
    if (done.has(file)) return [];
    done.add(file);
    return (importsOf.get(file) ?? []).flatMap(({ target }) =>
      target === undefined ? [] : visit(target, [...path, file])
    );
  };
  return [...importsOf.keys()].flatMap((file) => visit(file, []));
}

const root = new URL("../", import.meta.url);
const files = [
  "mod.ts",
  ...(await readdir(new URL("src", root), { recursive: true }))
    .filter((file) => /\.(?:ts|js|css)$/.test(file))
    .map((file) => `src/${file.replaceAll("\\", "/")}`),
];
const sources = await Promise.all(
  files.map((file) => readFile(new URL(file, root), "utf8")),
);
const imports = files.flatMap((file, i) => findImports(file, sources[i] ?? ""));

/** Fails with the imports that break a rule. */
function expectNone(isWrong: (imported: Import) => boolean): void {
  deepStrictEqual(
    imports.filter(isWrong).map((i) => `${i.file} imports ${i.specifier}`),
    [],
  );
}

Deno.test("each room imports only the rooms that its row names", () => {
  expectNone(({ file, target }) => {
    if (target === undefined) return false;
    const [from, to] = [roomOf(file), roomOf(target)];
    return from !== to && mayImport[from]?.includes(to) !== true;
  });
});

Deno.test("each room has its row", () => {
  deepStrictEqual(
    files.map(roomOf).filter((room) => mayImport[room] === undefined),
    [],
  );
});

Deno.test("another room is imported by its mod.ts, the own one never is", () => {
  expectNone(({ file, target }) => {
    if (target === undefined || file === "mod.ts") return false;
    const room = roomOf(target);
    if (room === roomOf(file)) return target === `src/${room}/mod.ts`;
    return !["internal", "preload.ts"].includes(room) &&
      target !== `src/${room}/mod.ts`;
  });
});

Deno.test("nothing imports the root mod.ts", () => {
  expectNone(({ target }) => target === "mod.ts");
});

Deno.test("only modules of effect are imported from outside", () => {
  const allowed = Object.entries(mayImportFromOutside);
  expectNone(({ file, specifier, target }) =>
    target === undefined &&
    !/^effect\/([\w-]+\/)*[A-Z]\w*$/.test(specifier) &&
    !allowed.some(([start, pattern]) =>
      file.startsWith(start) && pattern.test(specifier)
    )
  );
});

Deno.test("files do not import each other in a cycle, not for types either", () => {
  deepStrictEqual(findCycles(imports), []);
});

Deno.test(`no file is longer than ${longestFile} lines`, () => {
  deepStrictEqual(
    files.filter((_, i) =>
      (sources[i] ?? "").trimEnd().split("\n").length > longestFile
    ),
    [],
  );
});

Deno.test("every export of deno.json is a file", async () => {
  for (const path of Object.values(config.exports)) {
    await stat(new URL(path, root));
  }
});

Deno.test("findImports() sees every form of import, and none in comments", () => {
  const source = `/**
 * import { A } from "./comment.ts";
 */
// import { A } from "./comment.ts";
import * as Effect from "effect/Effect";
import type { B } from "../internal/b.ts";
import {
  c,
  type D,
} from "./c.ts";
import "./e.ts";
export * from "./f.ts";
export * as G from "./g.ts";
export type { H } from "./h.ts";
const i = await import("./i.ts");
`;
  deepStrictEqual(
    findImports("src/batch/x.ts", source)
      .map((i) => `${i.typeOnly ? "type " : ""}${i.target ?? i.specifier}`),
    [
      "effect/Effect",
      "type src/internal/b.ts",
      ...["src/batch/c.ts", "src/batch/e.ts", "src/batch/f.ts"],
      ...["src/batch/g.ts", "type src/batch/h.ts", "src/batch/i.ts"],
    ],
  );
});

Deno.test("findCycles() follows values and types", () => {
  const cyclic = ["a b", "b c", "c a", "c d"].map((edge) => edge.split(" "));
  const edges = (graph: typeof cyclic) =>
    graph.map(([file = "", target]) => ({
      ...{ file, target, specifier: "" },
      typeOnly: target === "a",
    }));
  deepStrictEqual(findCycles(edges(cyclic)), ["a → b → c → a"]);
  deepStrictEqual(findCycles(edges(cyclic.slice(0, 2))), []);
});
