/**
 * With and without the preload, in processes that take turns.
 *
 * @module
 */
import { median, ratio, type Row, shown } from "../report.ts";

const rounds = 5;
const directory = import.meta.dirname;

type Nanos = Readonly<Record<string, number>>;

async function measure(...options: ReadonlyArray<string>): Promise<Nanos> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...options, `${directory}/costs.ts`],
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** What Effect's capture of the asynchronous context costs in a simulation. */
export async function preloaded(): Promise<ReadonlyArray<Row>> {
  const preload = `--preload=${directory}/../../src/preload.ts`;
  const without: Array<Nanos> = [];
  const preloaded: Array<Nanos> = [];
  for (let round = 0; round < rounds; round++) {
    without.push(await measure());
    preloaded.push(await measure(preload));
  }
  return Object.keys(without[0]!).flatMap((name) => {
    const scores = [without, preloaded].map((rounds) =>
      rounds.map((nanos) => nanos[name] ?? NaN)
    );
    const [as, bs] = [scores[0]!, scores[1]!];
    return [
      shown(name, median(as), "ns"),
      shown(`${name}, preloaded`, median(bs), "ns"),
      shown(`${name}, without ÷ preloaded`, ratio(as, bs), "×"),
    ];
  });
}
