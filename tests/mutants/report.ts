/**
 * Bugs that reports could have.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const at = (file: string) => `src/simulation/report/${file}.ts`;
const by = (file: string) => `tests/simulation/report_${file}_test.ts`;

/** What must not come into reports. */
export const reportMutants: ReadonlyArray<Mutant> = [
  {
    name: "text of others opens tags",
    file: at("text"),
    from: "/[&<>\"']/g",
    to: "/[&>\"']/g",
    test: by("properties"),
    filter: "text as text",
  },
  {
    name: "text of others closes attributes",
    file: at("text"),
    from: "/[&<>\"']/g",
    to: "/[&<>']/g",
    test: by("properties"),
    filter: "text as text",
  },
  {
    name: "characters that XML has no place for are in pictures",
    file: at("text"),
    from: "\\u2066-\\u2069\\ufffe\\uffff]/g",
    to: "\\u2066-\\u2069]/g",
    test: by("properties"),
    filter: "svg() draws any chart byName",
  },
  {
    name: "a table in the terminal sends it commands",
    file: at("grid"),
    from: "row.map(printable)",
    to: "row.map((cell) => cell)",
    test: by("table"),
    filter: "says nothing to the terminal",
  },
  {
    name: "a table in the terminal is aligned by code units",
    file: at("grid"),
    from: '" ".repeat((widths[column] ?? 0) - stringWidth(cell))',
    to: '" ".repeat(Math.max(0, (widths[column] ?? 0) - cell.length))',
    test: by("table"),
    filter: "aligned by what is seen",
  },
  {
    name: "what was not measured is drawn at the top",
    file: at("axis"),
    from: "return Number.isFinite(value) && (!isLog || value > 0);",
    to: "return !isLog || value > 0 || Number.isNaN(value);",
    test: by("svg"),
    filter: "svg() leaves a gap",
  },
  {
    name: "an interval without end is no interval",
    file: at("marks"),
    from: "if (halfWidth === undefined || halfWidth === 0) return",
    to: "if (!halfWidth || !Number.isFinite(halfWidth)) return",
    test: by("svg"),
    filter: "interval without end with arrows",
  },
  {
    name: "a value is drawn beside its tick",
    file: at("draw"),
    from: "y: yAxis.at, top, bottom };",
    to: "y: (v) => yAxis.at(v) - 3, top, bottom };",
    test: by("svg"),
    filter: "svg() draws each value where the axis says",
  },
  {
    name: "a thinned line loses its spikes",
    file: at("thin"),
    from: "return [...new Set([least, largest])]",
    to: "return [...new Set([least])]",
    test: by("svg"),
    filter: "keeps its spikes",
  },
  {
    name: "a long line is drawn with all its points",
    file: at("thin"),
    from: "if (series.length <= most) return series;",
    to: "if (series.length > 0) return series;",
    test: by("svg"),
    filter: "at most 500 points",
  },
  {
    name: "differences are compared as if they were not paired",
    file: at("difference"),
    from: "paired(values, others)",
    to: "paired(values, values.map(() => others[0]!))",
    test: by("svg"),
    filter: "paired differences",
  },
  {
    name: "a policy is compared at other points",
    file: at("difference"),
    from: "if (show(line) !== show(base)) {",
    to: "if (show(line) === undefined) {",
    test: by("refusals"),
    filter: "a baseline at other points",
  },
  {
    name: "a count that was never seen is a gap",
    file: "src/simulation/reading.ts",
    from: "finder(measures) ?? (isCount ? never(name, replications) : nothing)",
    to: "finder(measures) ?? nothing",
    test: by("svg"),
    filter: "that a setting never saw",
  },
  {
    name: "a line has another colour where it is compared",
    file: at("figure"),
    from: "look: policy * measures.length + i,",
    to:
      "look: (policy > (without ?? policy) ? policy - 1 : policy) * measures.length + i,",
    test: by("svg"),
    filter: "keep their looks",
  },
  {
    name: "a peak that was never seen has an interval",
    file: "src/simulation/reading.ts",
    from: 'if (name.endsWith(".peak")) return { ...nothing, mean: 0 };',
    to: "",
    test: by("table"),
    filter: "a peak that a setting never saw",
  },
  {
    name: "settings are rounded",
    file: at("numbers"),
    from: "Number.isInteger(value) && Math.abs(value) < 1e4",
    to: "Number.isFinite(value)",
    test: by("table"),
    filter: "all digits of settings",
  },
  {
    name: "text turns what is around it",
    file: at("text"),
    from: "\\u202a-\\u202e\\u2066-\\u2069",
    to: "",
    test: by("table"),
    filter: "says nothing to the terminal",
  },
  {
    name: "labels of bounds lie on each other",
    file: at("bounds"),
    from: "taken.push(box);",
    to: "",
    test: by("svg"),
    filter: "keeps their labels apart",
  },
  {
    name: "a lane ends where its fiber still waits",
    file: at("lanes"),
    from: "waiting.has(fiber) ? end : undefined",
    to: "undefined",
    test: by("html"),
    filter: "draws the lanes",
  },
  {
    name: "two lines look alike",
    file: at("style"),
    from: 'line === types.length - 1 ? " rotate(180)" : ""',
    to: '""',
    test: by("svg"),
    filter: "not by colour alone",
  },
];
