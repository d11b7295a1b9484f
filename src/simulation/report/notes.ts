/**
 * What a picture cannot say by itself, in words.
 *
 * @module
 */
import { isDrawable } from "./axis.ts";
import type { Dot } from "./difference.ts";
import { type Figure, measureOf, place } from "./figure.ts";
import { findBands, runs } from "./marks.ts";
import { formatEstimate, formatNumber, formatSeconds } from "./numbers.ts";

/** What stands below a figure. */
export function notesOf(figure: Figure): ReadonlyArray<string> {
  const { against, axis, isLog, lines, spans, warmups } = figure;
  if (axis === "time") {
    return [
      "The first replication.",
      ...spans.length === 0 ? [] : [
        `Each point is the mean of the next ${
          [...new Set(spans.map(formatSeconds))].join(" or ")
        }.`,
      ],
      ...warmups.length === 0 ? [] : [
        `Shaded: the warm-up, until ${
          warmups.map(formatSeconds).join(" or ")
        }, which means, rates and quantiles leave out.`,
      ],
      ...leftOut(
        figure,
        "Gaps: not measured",
        ({ y }) => !Number.isFinite(y),
      ),
      ...leftOut(
        figure,
        "Left out, as a log scale has no place for them: values not above 0",
        ({ y }) => isLog && y <= 0,
      ),
    ];
  }
  const dots = lines.flatMap((line) => line.dots);
  const counts = dots.map(({ replications }) => replications)
    .filter((count) => count > 0);
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  const times = fewest === most ? `${most}` : `${fewest} to ${most}`;
  const hasIntervals = dots.some(({ halfWidth }) =>
    halfWidth !== undefined && Number.isFinite(halfWidth)
  );
  const hasBands = axis === "numbers" &&
    lines.some(({ dots }) => findBands(dots, isLog).length > 0);
  const shape = hasBands ? "Bands" : "Whiskers";
  const of = against === undefined
    ? "mean"
    : "mean difference, replication by replication with the same chance";
  return [
    ...hasIntervals
      ? [
        `${shape}: 95% intervals (Student’s t) of the ${of}; ${times} replications.`,
      ]
      : [],
    ...against === undefined
      ? []
      : [`Above 0 is more than ${against}, below is less.`],
    ...dots.some(({ halfWidth }) => halfWidth === undefined) &&
        counts.length === 0
      ? ["The largest of all replications, which has no interval."]
      : [],
    ...leftOut(
      figure,
      "Arrows: an interval without end, as fewer than two replications have a value",
      ({ halfWidth, y }) => halfWidth === Infinity && isDrawable(y, isLog),
    ),
    ...leftOut(
      figure,
      "Left out, as there was nothing to measure",
      ({ y }) => Number.isNaN(y),
    ),
    ...leftOut(
      figure,
      "Left out, as it has no end",
      ({ y }) => y === Infinity || y === -Infinity,
    ),
    ...leftOut(
      figure,
      "Left out, as a log scale has no place for what is not above 0",
      ({ y }) => isLog && y <= 0 && Number.isFinite(y),
    ),
  ];
}

/** A figure in words, for those who cannot see it. */
export function describe(figure: Figure): string {
  const { axis, bounds, description, isLog, lines, spans, xLabel } = figure;
  const largestOf = spans.length > 0 ? "largest mean" : "at most";
  return [
    description,
    `Up: ${measureOf(figure)}${isLog ? ", on a log scale" : ""}. Across: ${
      xLabel ?? "time"
    }.`,
    ...bounds.map(({ label, value }) => `${label}: ${formatNumber(value)}.`),
    ...lines.map(({ dots, name }) => {
      const seen = dots.filter(({ y }) => Number.isFinite(y));
      if (seen.length === 0) return `${name}: nothing was measured.`;
      const say = (dot: Dot) =>
        `${formatEstimate({ mean: dot.y, halfWidth: dot.halfWidth })} at ${
          place(figure, dot)
        }`;
      if (seen.length <= 4 || axis === "names") {
        return `${name}: ${seen.map(say).join(", ")}.`;
      }
      const [first, last] = [seen[0], seen.at(-1)];
      const largest = seen.reduce((a, b) => b.y > a.y ? b : a);
      return `${name}: ${first ? say(first) : ""}, ${
        last ? say(last) : ""
      }, ${largestOf} ${say(largest)}.`;
    }),
    ...notesOf(figure),
  ].filter((part) => part !== "").join(" ");
}

/** How many are named one by one. */
const named = 3;

function leftOut(
  figure: Figure,
  what: string,
  isMeant: (dot: Dot) => boolean,
): ReadonlyArray<string> {
  const { axis, lines } = figure;
  const all = lines.flatMap(({ dots }) => dots);
  const found = lines.flatMap(({ dots, name }) =>
    (axis === "time"
      ? runs(dots, isMeant).map((run) => spanOf(figure, run))
      : dots.filter(isMeant).map((dot) => `at ${place(figure, dot)}`))
      .map((where) => lines.length === 1 ? where : `${name} ${where}`)
  );
  if (found.length === 0) return [];
  if (all.every(isMeant)) return [`${what}.`];
  const more = found.length - named;
  return [
    `${what}: ${found.slice(0, named).join(", ")}${
      more > 0 ? ` and ${more} more` : ""
    }.`,
  ];
}

function spanOf(figure: Figure, run: ReadonlyArray<Dot>): string {
  const [first = "", last = ""] = [run[0], run.at(-1)]
    .map((dot) => place(figure, { x: dot?.x ?? NaN }));
  return first === last ? `at ${first}` : `from ${first} to ${last}`;
}
