/**
 * What the command line prints.
 *
 * @module
 */
import * as DateTime from "effect/DateTime";
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { progressOf } from "./cli_table.ts";
import { visible } from "./cli_text.ts";
import { Info } from "./info.ts";
import type { Event } from "./service.ts";

const encodeInfo = Schema.encodeEffect(Schema.toCodecJson(Info));

/** One line of JSON. Of what is no sign of its own nothing but an escape is in it. */
export function json(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A task as one line of JSON, as the service sends it. */
export function infoJson(info: Info): Effect.Effect<string> {
  return Effect.orDie(Effect.map(encodeInfo(info), json));
}

/** An event as one line of JSON, as the service sends it. */
export function eventJson({ at, ...rest }: Event): string {
  return json({ at: DateTime.formatIso(at), ...rest });
}

/** An event on one line. */
export function eventLine({ at, id, name, progress, status }: Event): string {
  return [
    DateTime.formatIso(at),
    status.padEnd(9),
    visible(name),
    visible(id),
    ...(progress === undefined ? [] : [visible(progressOf(progress))]),
  ].join("  ");
}

/** All that is known about a task, a line each. */
export function infoLines(info: Info): ReadonlyArray<string> {
  const time = (at: DateTime.Utc | undefined) => at && DateTime.formatIso(at);
  const entries: ReadonlyArray<readonly [string, string | undefined]> = [
    ["id", info.id],
    ["name", info.name],
    ["status", info.status],
    ["attempts", String(info.attempts)],
    ["priority", String(info.priority)],
    ["lane", info.lane],
    ["created", time(info.createdAt)],
    ["runs at", time(info.runAt)],
    ["started", time(info.startedAt)],
    ["finished", time(info.finishedAt)],
    ["progress", info.progress && progressOf(info.progress)],
    ["payload", JSON.stringify(info.payload)],
    ["result", JSON.stringify(info.result)],
    ["error", info.error],
  ];
  return entries.flatMap(([label, value]) =>
    value === undefined ? [] : [`${label.padEnd(9)}${visible(value)}`]
  );
}

/** Where a task stands, on one line. */
export function infoLine({ id, name, status }: Info): string {
  return `${visible(id)}  ${visible(name)}  ${status}`;
}
