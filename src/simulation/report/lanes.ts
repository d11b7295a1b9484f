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
/** With more, lanes are too thin to be followed. */
const mostLanes = 24;

/** Draws a run; nothing if there is none to draw, or too much. */
export function drawLanes(
  { run, scenes, timeline }: Counterexample<unknown, unknown>,
  width: number,
): string {
  const fibers = [...new Set(scenes.map(({ fiber }) => fiber.id))]
    .sort((a, b) => a - b);
  if (scenes.length === 0 || fibers.length > mostLanes) return "";
  const times = scenes.map(({ time }) => formatSpan(time));
  const left = 8 + Math.max(...times.map((time) => textWidth(time, size)));
  const laneWidth = Math.min(20, width * 0.3 / fibers.length);
  const at = (id: number) => left + laneWidth * (fibers.indexOf(id) + 0.5);
  const textAt = left + laneWidth * fibers.length + 12;
  const spans = new Map<number, { from: number; to: number }>();
  const rows: Array<string> = [];
  let y = 28;
  for (const [i, scene] of scenes.entries()) {
    if (scene.leftOut > 0) {
      rows.push(
        `<text class="weir-muted" x="${round(textAt)}" y="${
          round(y + 12)
        }">… ${scene.leftOut} more …</text>`,
      );
      y += lineHeight + 8;
    }
    const isLater = i > 0 && times[i] !== times[i - 1];
    if (isLater) {
      rows.push(
        `<path class="weir-grid" d="M0 ${round(y)}H${round(width)}"/>`,
      );
      y += 6;
    }
    if (i === 0 || isLater || scene.leftOut > 0) {
      rows.push(
        `<text class="weir-muted weir-end" x="${round(left - 8)}" y="${
          round(y + 12)
        }">${escape(times[i] ?? "")}</text>`,
      );
    }
    const drawn = drawScene(scene, { x: at(scene.fiber.id), y, textAt, width });
    rows.push(drawn.svg);
    const to = y + lineHeight / 2;
    const { from = to } = spans.get(scene.fiber.id) ?? {};
    spans.set(scene.fiber.id, { from, to });
    y += drawn.height;
  }
  const end = y + 4;
  rows.push(`<path class="weir-axis" d="M0 ${round(end)}H${round(width)}"/>`);
  const waiting = new Set(
    (run.sickness !== undefined && "fibers" in run.sickness
      ? run.sickness.fibers
      : []).map(({ id }) => id),
  );
  for (const line of wrap(firstLine(timeline), size, width - textAt - 4)) {
    y += lineHeight + 4;
    rows.push(
      `<text class="weir-strong" x="${round(textAt)}" y="${round(y)}">${
        escape(line)
      }</text>`,
    );
  }
  const lanes = fibers.map((id, i) => {
    const { from = 0, to = 0 } = spans.get(id) ?? {};
    return `<text class="weir-muted weir-middle" x="${round(at(id))}" y="14">${
      laneWidth < 14 && i % 2 === 1 ? "" : id
    }</text><path class="weir-lane" d="M${round(at(id))} ${round(from)}V${
      round(to)
    }"/>${
      waiting.has(id)
        ? `<path class="weir-lane weir-open" d="M${round(at(id))} ${
          round(to)
        }V${round(end)}"/>`
        : ""
    }`;
  });
  const height = round(y + 8);
  const title = `Fibers and what they did: ${inline(firstLine(timeline))}`;
  return [
    `<svg class="weir-figure" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${escape(title)}</title><desc>${
      escape(scenes.map((scene, i) => `${times[i]}, ${say(scene)}`).join(". "))
    }</desc>`,
    `<rect class="weir-paper" width="${width}" height="${height}"/>`,
    ...lanes,
    ...rows,
    "</svg>",
  ].join("");
}

/** The first line of a timeline, which says what went wrong. */
export function firstLine(timeline: string): string {
  return timeline.split("\n", 1).join();
}

function drawScene(
  scene: Scene,
  { textAt, width, x, y }: {
    readonly x: number;
    readonly y: number;
    readonly textAt: number;
    readonly width: number;
  },
): { readonly svg: string; readonly height: number } {
  const lines = wrap(say(scene), size, width - textAt - 4);
  const height = lines.length * lineHeight + 6;
  const who = nameOf(scene);
  const text = lines.map((line, row) => {
    const isNamed = row === 0 && line.startsWith(who);
    return `<text x="${round(textAt)}" y="${
      round(y + 12 + row * lineHeight)
    }">${isNamed ? `<tspan class="weir-strong">${escape(who)}</tspan>` : ""}${
      escape(isNamed ? line.slice(who.length) : line)
    }</text>`;
  }).join("");
  const back = scene.deviates
    ? `<rect class="weir-deviates" x="0" y="${round(y - 2)}" width="${
      round(width)
    }" height="${round(height - 1)}" rx="3"/>`
    : "";
  const middle = y + lineHeight / 2;
  const mark = scene.deviates
    ? `<path class="weir-turn" d="M${round(x - 5)} ${round(middle - 6)}L${
      round(x + 6)
    } ${round(middle)}L${round(x - 5)} ${round(middle + 6)}Z"/>`
    : `<rect class="weir-step" x="${round(x - 4)}" y="${
      round(middle - 5)
    }" width="8" height="${round(Math.max(10, height - 10))}" rx="3"/>`;
  return { svg: back + mark + text, height };
}

function say(scene: Scene): string {
  return `${nameOf(scene)} ${scene.deeds.join("; ")}`;
}

function nameOf({ deviates, fiber: { id, name } }: Scene): string {
  const who = name === undefined ? `#${id}` : `#${id} ${inline(name)}`;
  return deviates ? `${who}, out of order:` : who;
}
