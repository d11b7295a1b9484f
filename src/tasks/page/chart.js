/**
 * Draws a chart of the last minutes.
 *
 * @module
 */

/** How many it shows. */
export const minutes = 10;

const margin = { top: 22, right: 12, bottom: 26, left: 44 };
const short = new Intl.NumberFormat("en", { notation: "compact" });

/**
 * `marks` is told where an age in minutes is, and where a value.
 *
 * @typedef {{
 *   box: HTMLElement,
 *   unit: string,
 *   values: readonly number[],
 *   label: string,
 *   marks: (x: (age: number) => number, y: (value: number) => number) => Element[],
 * }} Chart
 */

/** @param {Chart} chart */
export function drawChart({ box, label, marks, unit, values }) {
  const { clientHeight: height, clientWidth: width } = box;
  if (width === 0) return;
  const top = ceilingOf(Math.max(1, ...values));
  const right = width - margin.right;
  const bottom = height - margin.bottom;
  /** @param {number} age */
  const x = (age) => right - (right - margin.left) * age / minutes;
  /** @param {number} value */
  const y = (value) => bottom - (bottom - margin.top) * value / top;
  const levels = top % 2 === 0 ? [0, top / 2, top] : [0, top];
  box.replaceChildren(svg(
    "svg",
    {
      role: "img",
      "aria-label": label,
      viewBox: `0 0 ${width} ${height}`,
      height: String(height),
    },
    ...levels.flatMap((level) => [
      svg("line", {
        class: level === 0 ? "axis" : "grid",
        ...{ x1: String(margin.left), x2: String(right) },
        ...{ y1: String(y(level)), y2: String(y(level)) },
      }),
      text(margin.left - 6, y(level) + 4, "end", short.format(level)),
    ]),
    text(margin.left, 12, "start", unit),
    text(x(minutes), height - 8, "start", `${minutes} min ago`),
    text(x(minutes / 2), height - 8, "middle", `${minutes / 2} min ago`),
    text(right, height - 8, "end", "now"),
    ...values.length === 0
      ? [
        text(
          (margin.left + right) / 2,
          y(top / 2) + 4,
          "middle",
          "no sample yet",
        ),
      ]
      : marks(x, y),
  ));
}

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...Element} children
 * @returns {Element}
 */
export function svg(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) {
    node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {"start" | "middle" | "end"} anchor
 * @param {string} words
 * @returns {Element}
 */
function text(x, y, anchor, words) {
  const node = svg("text", {
    x: String(x),
    y: String(y),
    "text-anchor": anchor,
  });
  node.textContent = words;
  return node;
}

/**
 * The next of 1, 2, 3, 4, 6, 10, 20, 30, … to a value that is 1 at least.
 *
 * @param {number} value
 * @returns {number}
 */
function ceilingOf(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 3, 4, 6].find((step) => value <= step * power) ?? 10);
}
