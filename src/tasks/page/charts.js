/**
 * How deep the queue is, and what ended each minute.
 *
 * @module
 */
/** @import { Sample } from "./model.js" */
import { drawChart, minutes, svg } from "./chart.js";
import { element } from "./dom.js";
import { call } from "./server.js";

/** @type {readonly Sample[] | undefined} */
let history;

new ResizeObserver(drawCharts).observe(element("depth"));

export async function loadHistory() {
  try {
    const response = await call("history");
    history = await response.json();
    drawCharts();
  } catch {
    // The next one may succeed; that the server is away is shown already.
  }
}

function drawCharts() {
  if (history === undefined) return;
  const end = Date.parse(history.at(-1)?.at ?? "");
  const ages = history.map(({ at }) => (end - Date.parse(at)) / 60_000);
  drawDepth(history, ages);
  drawEnded(history, ages);
}

/**
 * @param {readonly Sample[]} samples
 * @param {readonly number[]} ages of the samples, in minutes
 */
function drawDepth(samples, ages) {
  const latest = samples.at(-1);
  const now = latest === undefined
    ? "no sample yet"
    : `now ${latest.waiting} waiting and ${latest.running} running`;
  drawChart({
    box: element("depth"),
    unit: "tasks",
    values: samples.flatMap(({ running, waiting }) => [running, waiting]),
    label: `Queue depth over ${minutes} minutes, ${now}`,
    marks: (x, y) =>
      /** @type {const} */ (["waiting", "running"]).map((key) =>
        svg("polyline", {
          class: `line ${key}`,
          points: samples.map((sample, i) =>
            `${x(ages[i] ?? 0).toFixed(1)},${y(sample[key]).toFixed(1)}`
          ).join(" "),
        })
      ),
  });
}

/**
 * @param {readonly Sample[]} samples
 * @param {readonly number[]} ages
 */
function drawEnded(samples, ages) {
  const bars = Array.from(
    { length: samples.length === 0 ? 0 : minutes },
    () => ({ completed: 0, failed: 0 }),
  );
  samples.forEach(({ completed, failed }, i) => {
    const bar = bars[Math.floor(ages[i] ?? 0)];
    if (bar === undefined) return;
    bar.completed += completed;
    bar.failed += failed;
  });
  const [last] = bars;
  const now = last === undefined
    ? "no sample yet"
    : `in the last one ${last.completed} completed and ${last.failed} failed`;
  drawChart({
    box: element("ended"),
    unit: "tasks / min",
    values: bars.flatMap(({ completed, failed }) => [completed, failed]),
    label: `Ended per minute over ${minutes} minutes, ${now}`,
    marks: (x, y) =>
      bars.flatMap((bar, age) => {
        const width = (x(0) - x(1)) * 0.36;
        return /** @type {const} */ (["completed", "failed"]).map((key, i) =>
          svg("rect", {
            class: `bar ${key}`,
            x: String(x(age + 0.5) + (i - 1) * (width + 0.5) + i),
            y: String(y(bar[key])),
            width: String(width),
            height: String(y(0) - y(bar[key])),
          })
        );
      }),
  });
}
