/**
 * Servers with and without a limit, beside what people use today. Every server is a process of its own; they take turns
 * under one load tool, round after round.
 * Permissions: --allow-run
 *
 * @module
 */
import { contest, hasLoadTool, load } from "./http/contest.ts";
import { atLeast, header, median, ratio, shown, table } from "./report.ts";

header({
  "hono 4.13.19": "with hono-rate-limiter 0.5.4, in memory",
  "express 5.3.0": "on node:http, with express-rate-limit 8.7.5, in memory",
  [load]: "a limit of 1e9 a minute for each client, fields of the draft",
});
const directory = new URL("http/servers/", import.meta.url).pathname;
const server = (name: string) => [`${directory}${name}.ts`];

if (await hasLoadTool()) {
  const { byProcessor: gets } = await contest([
    ...["bare", "bare_fields", "to_web_handler"] as const,
    ...["weir", "weir_limited", "weir_handler"] as const,
    ...["hono", "hono_limited", "express", "express_limited"] as const,
  ], { server });
  table("GET of JSON, requests a second of processor time", [
    ...Object.entries(gets).map(([name, score]) =>
      shown(name, median(score), "/s")
    ),
    atLeast(0.42, "server ÷ bare", ratio(gets.weir, gets.bare), "×"),
    atLeast(
      0.9,
      "server with a limit ÷ without",
      ratio(gets.weir_limited, gets.weir),
      "×",
    ),
    atLeast(0.85, "handler ÷ bare", ratio(gets.weir_handler, gets.bare), "×"),
    shown(
      "two more fields ÷ bare",
      ratio(gets.bare_fields, gets.bare),
      "×",
    ),
    shown(
      "handler ÷ bare with two more fields",
      ratio(gets.weir_handler, gets.bare_fields),
      "×",
    ),
    shown(
      "hono with a limit ÷ without",
      ratio(gets.hono_limited, gets.hono),
      "×",
    ),
    shown(
      "express with a limit ÷ without",
      ratio(gets.express_limited, gets.express),
      "×",
    ),
  ]);
  const { byProcessor: posts } = await contest(["bare_post", "weir_post"], {
    server,
    script: `${directory}post.lua`,
  });
  table("POST of JSON, requests a second of processor time", [
    ...Object.entries(posts).map(([name, score]) =>
      shown(name, median(score), "/s")
    ),
    atLeast(
      0.35,
      "server with bounds ÷ bare",
      ratio(posts.weir_post, posts.bare_post),
      "×",
    ),
  ]);
} else {
  table("Skipped: there is no wrk on this machine (apt-get install wrk)", []);
}
