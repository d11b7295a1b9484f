/**
 * Draws a run: a lane for each fiber, time downwards, and beside them what the fibers did.
 *
 * @module
 */
import type { Counterexample, Scene } from "../counterexample.ts";
import { formatSpan } from "./numbers.ts";
import { round } from "./style.ts";
import { escape, inline, textWidth, wrap } from "./text.ts";

const size = 12;
const lineHeight = 16;
const top = 28;
/** With more, lanes are too thin to be followed. */
const mostLanes = 24;

/** A scene as it is laid out. */
interface Row {
  readonly scene: Scene;
  readonly time: string;
  /** Whether its time is other than that of the row before. */
  readonly isLater: boolean;
  readonly lines: ReadonlyArray<string>;
  readonly y: number;
  readonly height: number;
}

interface Places {
  readonly width: number;
  /** Where the lanes begin. */
  readonly left: number;
  /** Where the words begin. */
  readonly textAt: number;
  readonly laneWidth: number;
  /** Where the lane of a fiber is. */
  readonly at: (fiber: number) => number;
}

/** Draws a run; nothing if there is none to draw, or too much. */
export function drawLanes(
  counterexample: Counterexample<unknown, unknown>,
  width: number,
): string {
  const { scenes, timeline } = counterexample;
  const fibers = [...new Set(scenes.map(({ fiber }) => fiber.id))]
    .sort((a, b) => a - b);
  if (scenes.length === 0 || fibers.length > mostLanes) return "";
  const times = scenes.map(({ time }) => formatSpan(time));
  const left = 8 + Math.max(...times.map((time) => textWidth(time, size)));
  const laneWidth = Math.min(20, width * 0.3 / fibers.length);
  const places: Places = {
    ...{ width, left, laneWidth },
    textAt: left + laneWidth * fibers.length + 12,
    at: (fiber) => left + laneWidth * (fibers.indexOf(fiber) + 0.5),
  };
  const rows = layOut(scenes, times, places);
  const last = rows.at(-1);
  const end = (last?.y ?? 0) + (last?.height ?? 0) + 4;
  const outcome = wrapBeside(firstLine(timeline), places);
  const height = round(end + outcome.length * lineHeight + 12);
  const title = `Fibers and what they did: ${inline(firstLine(timeline))}`;
  const waiting = new Set(waitingAtEnd(counterexample));
  return [
    `<svg class="weir-figure" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${escape(title)}</title><desc>${
      escape(scenes.map((scene, i) => `${times[i]}, ${say(scene)}`).join(". "))
    }</desc>`,
    `<rect class="weir-paper" width="${width}" height="${height}"/>`,
    ...fibers.map((fiber, i) =>
      drawLane(
        rows.filter(({ scene }) => scene.fiber.id === fiber),
        places.at(fiber),
        laneWidth < 14 && i % 2 === 1 ? "" : String(fiber),
        waiting.has(fiber) ? end : undefined,
      )
    ),
    ...rows.map((row, i) => drawRow(row, i === 0, places)),
    `<path class="weir-axis" d="M0 ${round(end)}H${width}"/>`,
    ...outcome.map((line, i) =>
      `<text class="weir-strong" x="${round(places.textAt)}" y="${
        round(end + 4 + lineHeight * (i + 0.75))
      }">${escape(line)}</text>`
    ),
    "</svg>",
  ].join("");
}

/** Which fibers still wait when the run is over. */
export function waitingAtEnd(
  { run: { sickness } }: Counterexample<unknown, unknown>,
): ReadonlyArray<number> {
  return sickness !== undefined && "fibers" in sickness
    ? sickness.fibers.map(({ id }) => id)
    : [];
}

/** The first line of a timeline, which says what went wrong. */
export function firstLine(timeline: string): string {
  return timeline.split("\n", 1).join();
}

function layOut(
  scenes: ReadonlyArray<Scene>,
  times: ReadonlyArray<string>,
  places: Places,
): ReadonlyArray<Row> {
  let end = top;
  return scenes.map((scene, i) => {
    const isLater = i > 0 && times[i] !== times[i - 1];
    const lines = wrapBeside(say(scene), places);
    const y = end + (isLater ? 6 : 0) +
      (scene.leftOut > 0 ? lineHeight + 8 : 0);
    const height = lines.length * lineHeight + 6;
    end = y + height;
    return { scene, time: times[i] ?? "", isLater, lines, y, height };
  });
}

function wrapBeside(
  text: string,
  { textAt, width }: Places,
): ReadonlyArray<string> {
  return wrap(text, size, width - textAt - 4);
}

/** A fiber from its first scene to its last, and to the end if it still waits there. */
function drawLane(
  rows: ReadonlyArray<Row>,
  x: number,
  label: string,
  end: number | undefined,
): string {
  const [from = 0, to = 0] = [rows[0], rows.at(-1)]
    .map((row) => (row?.y ?? 0) + lineHeight / 2);
  const at = round(x);
  return [
    `<text class="weir-muted weir-middle" x="${at}" y="14">${label}</text>`,
    `<path class="weir-lane" d="M${at} ${round(from)}V${round(to)}"/>`,
    ...end === undefined ? [] : [
      `<path class="weir-lane weir-open" d="M${at} ${round(to)}V${
        round(end)
      }"/>`,
    ],
  ].join("");
}

function drawRow(row: Row, isFirst: boolean, places: Places): string {
  const { height, isLater, scene: { deviates, leftOut, fiber }, time, y } = row;
  const { at, left, textAt, width } = places;
  const gapTop = y - lineHeight - 8;
  const ruleAt = round((leftOut > 0 ? gapTop : y) - 4);
  return [
    isLater ? `<path class="weir-grid" d="M0 ${ruleAt}H${width}"/>` : "",
    leftOut > 0
      ? `<text class="weir-muted" x="${round(textAt)}" y="${
        round(gapTop + 12)
      }">… ${leftOut} more …</text>`
      : "",
    isFirst || isLater || leftOut > 0
      ? `<text class="weir-muted weir-end" x="${round(left - 8)}" y="${
        round(y + 12)
      }">${escape(time)}</text>`
      : "",
    deviates
      ? `<rect class="weir-deviates" x="0" y="${
        round(y - 2)
      }" width="${width}" height="${round(height - 1)}" rx="3"/>`
      : "",
    drawStep(row, at(fiber.id)),
    drawWords(row, textAt),
  ].join("");
}

function drawStep({ height, scene, y }: Row, x: number): string {
  const middle = y + lineHeight / 2;
  return scene.deviates
    ? `<path class="weir-turn" d="M${round(x - 5)} ${round(middle - 6)}L${
      round(x + 6)
    } ${round(middle)}L${round(x - 5)} ${round(middle + 6)}Z"/>`
    : `<rect class="weir-step" x="${round(x - 4)}" y="${
      round(middle - 5)
    }" width="8" height="${round(height - 10)}" rx="3"/>`;
}

function drawWords({ lines, scene, y }: Row, x: number): string {
  const who = nameOf(scene);
  return lines.map((line, i) => {
    const isNamed = i === 0 && line.startsWith(who);
    const words = isNamed
      ? `<tspan class="weir-strong">${escape(who)}</tspan>${
        escape(line.slice(who.length))
      }`
      : escape(line);
    return `<text x="${round(x)}" y="${
      round(y + 12 + i * lineHeight)
    }">${words}</text>`;
  }).join("");
}

function say(scene: Scene): string {
  return `${nameOf(scene)} ${scene.deeds.join("; ")}`;
}

function nameOf({ deviates, fiber: { id, name } }: Scene): string {
  const who = name === undefined ? `#${id}` : `#${id} ${inline(name)}`;
  return deviates ? `${who}, out of order:` : who;
}
