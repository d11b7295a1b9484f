/**
 * Kills a crawler again and again while it visits a site, and prints what the site's server and the file of visits say in the
 * end.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { TextLineStream } from "../lines.ts";

const [pages = 0, kills = 0] = Deno.args.map(Number);
const directory = await Deno.makeTempDir();
const database = `${directory}/frontier.db`;
const visits = `${directory}/visits.jsonl`;

/** By which runs each page was asked for. */
const asked = new Map<string, Array<number>>();

const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen() {} },
  async ({ headers, url }) => {
    const { pathname } = new URL(url);
    if (pathname === "/robots.txt") return new Response("", { status: 404 });
    const [, run] = /run (\d+)/.exec(headers.get("user-agent") ?? "") ?? [];
    const runs = asked.get(pathname) ?? [];
    asked.set(pathname, runs);
    runs.push(Number(run));
    await new Promise((resolve) => setTimeout(resolve, 10 * Math.random()));
    const page = Number(pathname.slice(1));
    const links = [2 * page + 1, 2 * page + 2, page * 7 % pages]
      .filter((to) => to < pages)
      .map((to) => `<a href="/${to}">on</a>`);
    return new Response(`<title>${page}</title>${links.join("")}`, {
      headers: { "content-type": "text/html" },
    });
  },
);
const start = `http://127.0.0.1:${server.addr.port}/0`;

function crawler(run: number): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-check", "--allow-read", "--allow-write"],
      "--allow-net=127.0.0.1",
      `${import.meta.dirname}/crawler.ts`,
      ...[start, database, visits, `${run}`],
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

let killed = 0;
while (killed < kills) {
  const child = crawler(killed);
  const lines = child.stdout
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream())
    .getReader();
  await lines.read();
  await new Promise((resolve) => setTimeout(resolve, 250 * Math.random()));
  child.kill("SIGKILL");
  const { signal } = await child.status;
  await lines.cancel();
  // It came to its end by itself.
  if (signal !== "SIGKILL") break;
  killed++;
}
const { code } = await crawler(killed).output();
await server.shutdown();

interface Line {
  readonly run: number;
  readonly url: string;
}
const lines: ReadonlyArray<Line> = (await Deno.readTextFile(visits))
  .trimEnd().split("\n").map((line) => JSON.parse(line));
/** In which run each page was finished: a later one was asked for in the same run. */
const finished = new Map<string, number>();
for (const [place, { run, url }] of lines.entries()) {
  if (lines[place + 1]?.run === run) finished.set(new URL(url).pathname, run);
}
const inFile = new Set(lines.map(({ url }) => new URL(url).pathname));
const again = [...asked].filter(([, runs]) => runs.length > 1);
console.log(JSON.stringify({
  ended: code,
  kills: killed,
  asked: asked.size,
  inFile: inFile.size,
  finished: finished.size,
  askedAfterTheirEnd: [...asked].filter(([path, runs]) =>
    runs.some((run) =>
      run > (finished.get(path) ?? Infinity)
    )
  ).length,
  twiceInOneRun: again.filter(([, runs]) =>
    new Set(runs).size < runs.length
  ).length,
  askedAgain: again.length,
  visitedAgain: lines.length - inFile.size,
}));
await Deno.remove(directory, { recursive: true });
