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
  { scenes, timeline }: Counterexample<unknown, unknown>,
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
    const span = spans.get(scene.fiber.id);
    const middle = y + lineHeight / 2;
    if (span === undefined) {
      spans.set(scene.fiber.id, { from: middle, to: y + drawn.height - 4 });
    } else span.to = y + drawn.height - 4;
    y += drawn.height;
  }
  const lanes = fibers.map((id, i) => {
    const { from = 0, to = 0 } = spans.get(id) ?? {};
    return `<text class="weir-muted weir-middle" x="${round(at(id))}" y="14">${
      laneWidth < 14 && i % 2 === 1 ? "" : id
    }</text><path class="weir-lane" d="M${round(at(id))} ${round(from)}V${
      round(to)
    }"/>`;
  });
  const height = round(y + 6);
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
  const text = lines.map((line, row) =>
    `<text x="${round(textAt)}" y="${round(y + 12 + row * lineHeight)}">${
      escape(line)
    }</text>`
  ).join("");
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

function say({ deeds, fiber: { id, name }, deviates }: Scene): string {
  return `${deviates ? "deviates: " : ""}#${id}${
    name === undefined ? "" : ` ${name}`
  } ${deeds.join("; ")}`;
}
