/**
 * A small column chart of events over time, in block characters.
 *
 * @module
 */
const blocks = " ▁▂▃▄▅▆▇█";
const height = 3;
const columnMillis = 100;
const columnsPerTick = 10;

/** How many of the moments, in milliseconds, fall into each tenth of a second. */
export function perColumn(
  moments: readonly number[],
  columns: number,
): readonly number[] {
  const counts = new Array<number>(columns).fill(0);
  for (const moment of moments) {
    const column = Math.floor(moment / columnMillis);
    if (column in counts) counts[column]! += 1;
  }
  return counts;
}

/** Draws one column for each count, an eighth of a line for each event, over an axis in seconds. */
export function chart(counts: readonly number[]): readonly string[] {
  const rows: string[] = [];
  for (let row = height - 1; row >= 0; row--) {
    const cells = counts.map((count) => block(count - row * 8));
    rows.push(`│${cells.join("")}`.trimEnd());
  }
  const ticks = counts.map((_, i) => i % columnsPerTick === 0 ? "┬" : "─");
  const labels = counts
    .filter((_, i) => i % columnsPerTick === 0)
    .map((_, i) => `${i} s`.padEnd(columnsPerTick));
  return [...rows, `└${ticks.join("")}`, ` ${labels.join("")}`.trimEnd()];
}

function block(eighths: number): string {
  return blocks[Math.max(0, Math.min(8, eighths))]!;
}
