/**
 * A page in one file.
 *
 * @module
 */
import type { Counterexample } from "../counterexample.ts";
import { draw } from "./draw.ts";
import { type Figure, readFigure } from "./figure.ts";
import { type Grid, gridOfFigure, gridOfResults } from "./grid.ts";
import { drawLanes, firstLine, waitingAtEnd } from "./lanes.ts";
import type { Page, Table } from "./model.ts";
import { notesOf } from "./notes.ts";
import { formatNumber, formatSetting, formatSpan } from "./numbers.ts";
import { pageStyle } from "./page_style.ts";
import { escape, heard, inline } from "./text.ts";

const wide = 760;
const narrow = 358;

/** Writes a page. */
export function writePage<Ps extends ReadonlyArray<unknown>>(
  page: Page<Ps>,
): string {
  const { counterexamples = [], parameters = {}, summary, tables = [] } = page;
  const title = escape(heard("title", page.title));
  const charts = (page.charts ?? []).map((chart) => readFigure(chart));
  const body = [
    `<header><h1>${title}</h1>`,
    ...writeParagraphs(summary ?? ""),
    writeFacts(Object.entries(parameters)),
    "</header>",
    ...charts.map(writeFigure),
    ...tables.map(writeTable),
    ...counterexamples.map((found, i) =>
      writeCounterexample(found, counterexamples.length > 1 ? ` ${i + 1}` : "")
    ),
  ];
  return [
    "<!doctype html>",
    `<html lang="en">`,
    "<head>",
    `<meta charset="utf-8">`,
    `<meta name="viewport" content="width=device-width">`,
    `<meta name="color-scheme" content="light dark">`,
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${title}</title>`,
    `<style>${pageStyle}</style>`,
    "</head>",
    "<body>",
    "<main>",
    ...body,
    "</main>",
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

function writeParagraphs(text: string): ReadonlyArray<string> {
  return text.split(/\n\s*\n/).map((part) => inline(part))
    .filter((part) => part !== "")
    .map((part) => `<p>${escape(part)}</p>`);
}

type Facts = ReadonlyArray<readonly [string, string | number | boolean]>;

function writeFacts(facts: Facts): string {
  if (facts.length === 0) return "";
  const rows = facts.map(([name, value]) => {
    const text = typeof value === "number"
      ? formatSetting(value)
      : inline(String(value));
    return `<div><dt>${escape(inline(name))}</dt><dd>${
      escape(text)
    }</dd></div>`;
  });
  return `<dl>${rows.join("")}</dl>`;
}

function writeFigure(figure: Figure): string {
  const title = escape(figure.title);
  return [
    `<section><h2>${title}</h2>`,
    ...writeParagraphs(figure.description),
    "<figure>",
    ...twice((width) =>
      draw(figure, {
        ...{ width, height: width === wide ? 320 : 240 },
        ...{ isWhole: false, attributes: "", start: "" },
      })
    ),
    `<figcaption>${
      notesOf(figure).map((note) => escape(note)).join("<br>")
    }</figcaption>`,
    "</figure>",
    writeDetails(
      "Numbers",
      writeGrid(gridOfFigure(figure), `Numbers of ${figure.title}`),
    ),
    "</section>",
  ].join("\n");
}

/** A picture for a wide screen and for a narrow one, of which one is shown. */
function twice(
  make: (width: number) => string,
): ReadonlyArray<string> {
  return [make(wide), make(narrow)].map((svg, i) =>
    svg === "" ? "" : `<div class="${i === 0 ? "wide" : "narrow"}">${svg}</div>`
  );
}

function writeTable({ columns, results, title }: Table): string {
  const heading = heard("tables: title", title);
  return [
    `<section><h2>${escape(heading)}</h2>`,
    writeGrid(gridOfResults(results, columns), heading),
    "</section>",
  ].join("\n");
}

function writeGrid({ heads, isText, rows }: Grid, label: string): string {
  const cell = (tag: string, text: string, column: number, more = "") =>
    `<${tag}${more}${isText[column] ? ` class="text"` : ""}>${
      escape(inline(text))
    }</${tag}>`;
  const head = heads.map((text, i) =>
    cell("th", text, i, ` scope="col"`).replaceAll(".", ".<wbr>")
  );
  const body = rows.map((row) =>
    `<tr>${
      row.map((text, i) =>
        i === 0 ? cell("th", text, i, ` scope="row"`) : cell("td", text, i)
      ).join("")
    }</tr>`
  );
  return scrolling(
    label,
    `<table><thead><tr>${head.join("")}</tr></thead><tbody>${
      body.join("\n")
    }</tbody></table>`,
  );
}

/** What is wider than the page scrolls by itself, by keys too. */
function scrolling(label: string, content: string): string {
  return `<div class="scroll" role="group" tabindex="0" aria-label="${
    escape(inline(label))
  }">${content}</div>`;
}

function writeDetails(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>${content}</details>`;
}

function writeCounterexample(
  found: Counterexample<unknown, unknown>,
  number: string,
): string {
  const { deviations, run, runs, strategy, timeline } = found;
  const lanes = twice((width) => drawLanes(found, width));
  const what = inline(firstLine(timeline));
  const text = scrolling(
    `Timeline of counterexample${number}`,
    `<pre>${escape(timeline)}</pre>`,
  );
  const isDrawn = lanes.some((svg) => svg !== "");
  const key = [
    "A lane for each fiber, by its number. Time goes down.",
    ...(waitingAtEnd(found).length > 0
      ? ["Where it is dotted, a fiber still waits at the end."]
      : []),
    ...(found.scenes.some(({ deviates }) => deviates)
      ? [
        "At a triangle, another goes on than a fiber that runs until it waits.",
      ]
      : []),
  ].join(" ");
  return [
    `<section><h2>Counterexample${number}: ${escape(what)}</h2>`,
    writeFacts([
      ["strategy", showStrategy(strategy)],
      ["deviations", deviations],
      ["found after", `${formatNumber(runs)} ${runs === 1 ? "run" : "runs"}`],
      ["virtual time", formatSpan(run.time)],
      ["steps", run.steps],
      ["trace", run.trace],
    ]),
    isDrawn
      ? `<figure>${lanes.join("\n")}<figcaption>${key}</figcaption></figure>`
      : "",
    isDrawn ? writeDetails("As text", text) : text,
    "</section>",
  ].join("\n");
}

function showStrategy(
  strategy: Counterexample<unknown, unknown>["strategy"],
): string {
  return typeof strategy === "string"
    ? strategy
    : Object.entries(strategy).flat().join(" ");
}
