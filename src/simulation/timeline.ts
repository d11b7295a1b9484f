/**
 * A run as a person can read it.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import type { Scene as PublicScene } from "./counterexample.ts";
import { ready } from "./fibers.ts";
import type { FiberInfo, Run, Sickness } from "./model.ts";
import { ending, formatMillis, type Recorder, type Scene } from "./recorder.ts";

const width = 100;

/** What happened in a run, one fiber and moment after the other. */
export function drawScenes({ gap, scenes, titles }: Recorder): string {
  const afterGap = gap > 0 ? scenes.length / 2 : 0;
  const times = column(scenes.map(({ time }) => formatMillis(time)), afterGap);
  const fibers = column(
    scenes.map(({ fiber }) => describeFiber(fiber.id, titles.get(fiber))),
    afterGap,
  );
  const lines = scenes.map((scene, i) =>
    wrap(
      `${scene.deviates ? "► " : "  "}${times[i]}  ${fibers[i]}  `,
      listDeeds(scene).join("; "),
    )
  );
  if (gap > 0) lines.splice(afterGap, 0, `    … ${gap} more …`);
  return lines.join("\n");
}

/** The same as data. */
export function listScenes(
  { gap, scenes, titles }: Recorder,
): ReadonlyArray<PublicScene> {
  return scenes.map((scene, i) => {
    const { deviates, fiber, time } = scene;
    const name = titles.get(fiber);
    return {
      time: Duration.millis(time),
      fiber: { id: fiber.id, ...name === undefined ? {} : { name } },
      deviates,
      deeds: listDeeds(scene),
      leftOut: gap > 0 && i === scenes.length / 2 ? gap : 0,
    };
  });
}

function listDeeds({ deeds, gap }: Scene): ReadonlyArray<string> {
  const words = deeds.map(({ text, times }) =>
    times > 1 ? `${text} ×${times}` : text
  );
  if (gap > 0) words.splice(deeds.length / 2, 0, `… ${gap} more …`);
  return words;
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
        "a livelock: steps without end",
        sickness,
      );
    case "TimeLimit":
      return list("the program was not done in time", sickness);
    case "NonDeterminism":
      return `not deterministic: ${sickness.detail}`;
    case "RealAsync": {
      const { api, fiber, stack } = sickness;
      const what = `${
        describeFiber(fiber.id, fiber.name)
      } reached out of the simulation: ${api}`;
      return stack === ""
        ? what
        : `${what}\n${stack.replaceAll(/^/gm, "    ")}`;
    }
  }
}

function list(
  what: string,
  { fibers }: { readonly fibers: ReadonlyArray<FiberInfo> },
): string {
  const shown = fibers.slice(0, 10).map(({ id, name, since, waitsIn }) => {
    const state = waitsIn === ready ? "is ready" : `waits in ${waitsIn}`;
    const start = formatMillis(Duration.toMillis(since));
    return `    ${describeFiber(id, name)} ${state}, since ${start}`;
  });
  const more = fibers.length - shown.length;
  return [what, ...shown, ...(more > 0 ? [`    and ${more} more`] : [])].join(
    "\n",
  );
}

function describeFiber(id: number, name: string | undefined): string {
  return name === undefined ? `#${id}` : `#${id} ${name}`;
}

/** Of equal width, and empty where a word is the same as above, but for one after a gap. */
function column(
  words: ReadonlyArray<string>,
  afterGap: number,
): ReadonlyArray<string> {
  const longest = Math.max(...words.map((word) => word.length));
  return words.map((word, i) =>
    (word === words[i - 1] && i !== afterGap ? "" : word).padEnd(longest)
  );
}

/** Text in lines that are not too long, where it can be, with a start before the first and room before the others. */
function wrap(start: string, text: string): string {
  const lines = [start];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line.length + word.length > width && line.length > start.length) {
      lines.push(`${" ".repeat(start.length)}${word} `);
    } else {
      lines[lines.length - 1] = `${line}${word} `;
    }
  }
  return lines.map((line) => line.trimEnd()).join("\n");
}
