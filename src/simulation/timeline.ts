/**
 * A run as a person can read it.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import type { FiberInfo, Run, Sickness } from "./model.ts";
import { ending, formatMillis, type Recorder, type Scene } from "./recorder.ts";

const mostScenes = 60;
const width = 100;

/** The scenes of a run, one fiber and moment after the other. */
export function drawScenes({ scenes, titles }: Recorder): string {
  const shown = shorten(scenes);
  const times = column(shown.map((scene) => scene && formatMillis(scene.time)));
  const fibers = column(
    shown.map((scene) =>
      scene && describeFiber(scene.fiber.id, titles.get(scene.fiber))
    ),
  );
  const lines: Array<string> = [];
  for (const [i, scene] of shown.entries()) {
    if (scene === undefined) {
      lines.push(`    … ${scenes.length - mostScenes} more …`);
      continue;
    }
    const mark = scene.deviates ? "► " : "  ";
    const start = `${mark}${times[i]}  ${fibers[i]}  `;
    lines.push(...wrap(start, countRepeats(scene.deeds).join("; ")));
  }
  return lines.join("\n");
}

/** How a run ended. */
export function drawEnd({ exit, sickness }: Run<unknown, unknown>): string {
  return sickness === undefined
    ? `the program ${ending(exit)}`
    : drawSickness(sickness);
}

function drawSickness(sickness: Sickness): string {
  switch (sickness._tag) {
    case "Deadlock":
      return list("a deadlock: nothing is ready, no timer is set", sickness);
    case "LeakedFibers":
      return list("the program has ended, and left fibers behind", sickness);
    case "Livelock":
      return list(
        "a livelock: steps without end, and no time passes",
        sickness,
      );
    case "TimeLimit":
      return list("the program was not done in time", sickness);
    case "NonDeterminism":
      return `not deterministic: ${sickness.detail}`;
    case "RealAsync":
      return `${
        describeFiber(sickness.fiber.id, sickness.fiber.name)
      } reached out of the simulation: ${sickness.api}\n${
        sickness.stack.replaceAll(/^/gm, "    ")
      }`;
  }
}

function list(
  what: string,
  { fibers }: { readonly fibers: ReadonlyArray<FiberInfo> },
): string {
  const shown = fibers.slice(0, 10).map((fiber) =>
    `    ${
      describeFiber(fiber.id, fiber.name)
    } waits in ${fiber.waitsIn}, since ${
      formatMillis(Duration.toMillis(fiber.since))
    }`
  );
  const more = fibers.length - shown.length;
  return [what, ...shown, ...(more > 0 ? [`    and ${more} more`] : [])].join(
    "\n",
  );
}

function describeFiber(id: number, name: string | undefined): string {
  return name === undefined ? `#${id}` : `#${id} ${name}`;
}

/** `yields ×3` for three in a row. */
function countRepeats(deeds: ReadonlyArray<string>): ReadonlyArray<string> {
  const counted: Array<string> = [];
  for (let i = 0; i < deeds.length;) {
    const start = i;
    while (deeds[i] === deeds[start]) i++;
    counted.push(
      i - start > 1 ? `${deeds[start]} ×${i - start}` : deeds[start]!,
    );
  }
  return counted;
}

/** The first and the last scenes, with a gap if there are too many. */
function shorten(
  scenes: ReadonlyArray<Scene>,
): ReadonlyArray<Scene | undefined> {
  if (scenes.length <= mostScenes) return scenes;
  const half = mostScenes / 2;
  return [...scenes.slice(0, half), undefined, ...scenes.slice(-half)];
}

/** Of equal width, and empty where it says what the line above says. */
function column(
  words: ReadonlyArray<string | undefined>,
): ReadonlyArray<string> {
  const longest = Math.max(...words.map((word = "") => word.length));
  return words.map((word = "", i) =>
    (word === words[i - 1] ? "" : word).padEnd(longest)
  );
}

function wrap(start: string, text: string): ReadonlyArray<string> {
  const indent = " ".repeat(start.length);
  const lines: Array<string> = [];
  let line = start;
  for (const word of text.split(" ")) {
    if (
      line.length + word.length > width && line.trimEnd() !== start.trimEnd()
    ) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
