/**
 * Suspending with and without the preload, in processes that take turns.
 * Permissions: --allow-run
 *
 * @module
 */
import { header, median, ratio, type Row, shown, table } from "./report.ts";

const rounds = 7;
const kinds = ["yields", "promise", "Deferred handoff"];

type Nanos = Readonly<Record<string, number>>;

async function measure(...options: readonly string[]): Promise<Nanos> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...options, `${import.meta.dirname}/preload/jobs.ts`],
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

const preload = `--preload=${import.meta.dirname}/../src/preload.ts`;
const results: Array<{ without: Nanos; preloaded: Nanos }> = [];
for (let round = 0; round < rounds; round++) {
  results.push({ without: await measure(), preloaded: await measure(preload) });
}
header({});
table(
  "A suspension, and its end",
  kinds.flatMap((kind): ReadonlyArray<Row> => {
    const without = results.map((round) => round.without[kind] ?? NaN);
    const preloaded = results.map((round) => round.preloaded[kind] ?? NaN);
    return [
      shown(kind, median(without), "ns"),
      shown(`${kind}, preloaded`, median(preloaded), "ns"),
      shown(`${kind}, without ÷ preloaded`, ratio(without, preloaded), "×"),
    ];
  }),
);
