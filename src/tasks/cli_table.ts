/**
 * Tasks as a table, and as a screen.
 *
 * @module
 */
import * as DateTime from "effect/DateTime";
import { columnsOf, cut, fill, visible } from "./cli_text.ts";
import type { Info } from "./info.ts";
import type { Stats } from "./service.ts";
import type { Progress, Status } from "./status.ts";

/** How to draw. */
export interface Look {
  /** How many columns there are; as many as it takes if infinite. */
  readonly width: number;
  /** What time it is. */
  readonly now: DateTime.Utc;
  /** Whether status is told by colours, too. */
  readonly colors: boolean;
}

/** What a screen shows. */
export interface View {
  /** How many tasks stand where; unknown at first, or of no interest. */
  readonly stats: Stats | undefined;
  /** The newest tasks, newest first. */
  readonly tasks: ReadonlyArray<Info>;
  /** What there is to say besides. */
  readonly note: string;
}

const headings = ["STATUS", "NAME", "ID", "TRIES", "AGE", "PROGRESS"] as const;
/** The narrowest that a column gets when there is little room; the others are not cut before all are that narrow. */
const narrowest = [9, 8, 8, 5, 5, 8] as const;
const gap = "  ";
/** How much of a text is looked at, in code units, if the width does not say. */
const longest = 500;

const colors: Readonly<Record<Status, number>> = {
  scheduled: 35,
  pending: 33,
  running: 36,
  completed: 32,
  failed: 31,
  cancelled: 90,
};

/** Lines of tasks under headings. No line is wider than the look, and none holds a control character but those of colours. */
export function table(
  tasks: ReadonlyArray<Info>,
  look: Look,
): ReadonlyArray<string> {
  const rows = tasks.map((task) => cellsOf(task, look));
  const widths = widthsOf([headings, ...rows], look.width);
  const line = (cells: ReadonlyArray<string>) =>
    cut(
      cells.map((cell, i) => fill(cell, widths[i]!)).join(gap).trimEnd(),
      look.width,
    );
  return [
    line(headings),
    ...rows.map((cells, i) => painted(line(cells), tasks[i]!.status, look)),
  ];
}

/** The lines of a whole screen, at most `height` of them: counts, a note, and as many tasks as there is room for. */
export function screen(
  { note, stats, tasks }: View,
  look: Look,
  height: number,
): ReadonlyArray<string> {
  const counts = stats === undefined ? [] : [cut(countsOf(stats), look.width)];
  const head = [...counts, cut(visible(note), look.width)];
  const room = Math.max(0, height - head.length - 1);
  return [...head, ...table(tasks.slice(0, room), look)].slice(0, height);
}

/** How many tasks stand where, on one line. */
export function countsOf(stats: Stats): string {
  return Object.entries(stats).map(([status, n]) => `${status} ${n}`)
    .join(gap);
}

/** How far a task is, as it said it. */
export function progressOf({ done, message, total }: Progress): string {
  const parts = total === undefined ? `${done}` : `${done}/${total}`;
  return message === undefined ? parts : `${parts} ${message}`;
}

/** A span of time in its largest unit. */
export function spanOf(millis: number): string {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  if (seconds < 100) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 100) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 100 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}

function cellsOf(task: Info, { now, width }: Look): ReadonlyArray<string> {
  const { attempts, id, name, status } = task;
  return [status, name, id, `${attempts}`, ageOf(task, now), wordsOf(task)]
    .map((text) => shown(text, width));
}

function ageOf({ createdAt, runAt, status }: Info, now: DateTime.Utc): string {
  const millis = (from: DateTime.Utc) =>
    DateTime.toEpochMillis(now) - DateTime.toEpochMillis(from);
  return status === "scheduled" && runAt !== undefined
    ? `in ${spanOf(-millis(runAt))}`
    : spanOf(millis(createdAt));
}

function wordsOf({ error, progress, status }: Info): string {
  if (status === "failed" && error !== undefined) return error;
  return progress === undefined ? "" : progressOf(progress);
}

/** As much of a text as a line may need. */
function shown(text: string, width: number): string {
  const limit = Math.min(longest, width);
  return visible(text.length > limit ? `${text.slice(0, limit)}…` : text);
}

/** As wide as what stands in them, or less, the widest first, so that all have room. */
function widthsOf(
  rows: ReadonlyArray<ReadonlyArray<string>>,
  width: number,
): ReadonlyArray<number> {
  const widths = headings.map((_, i) =>
    rows.reduce((widest, cells) => Math.max(widest, columnsOf(cells[i]!)), 0)
  );
  let excess = widths.reduce((sum, one) => sum + one, 0) +
    gap.length * (widths.length - 1) - width;
  while (excess > 0) {
    const spare = widths.map((one, i) => one - narrowest[i]!);
    const widest = spare.indexOf(Math.max(...spare));
    const next = Math.max(0, ...spare.filter((_, i) => i !== widest));
    const less = Math.min(excess, Math.max(1, spare[widest]! - next));
    if (spare[widest]! <= 0) break;
    widths[widest] = widths[widest]! - less;
    excess -= less;
  }
  return widths;
}

/** The status stands first. */
function painted(line: string, status: Status, look: Look): string {
  if (!look.colors) return line;
  const length = Math.min(status.length, line.length);
  return `\x1b[${colors[status]}m${line.slice(0, length)}\x1b[39m${
    line.slice(length)
  }`;
}
