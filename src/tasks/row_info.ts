/**
 * What a stored task tells people.
 *
 * @module
 */
import * as DateTime from "effect/DateTime";
import { detailOf } from "./ending.ts";
import type { Info } from "./info.ts";
import type { Row } from "./model.ts";

/** What a row tells people. */
export function infoOf(row: Row): Info {
  const { attempts, createdAt, id, name, payload, priority, status } = row;
  return {
    ...{ id, name, status, priority, attempts, payload },
    createdAt: DateTime.makeUnsafe(createdAt),
    ...(status === "scheduled"
      ? { runAt: DateTime.makeUnsafe(row.runAt) }
      : {}),
    ...(row.startedAt === undefined
      ? {}
      : { startedAt: DateTime.makeUnsafe(row.startedAt) }),
    ...(row.finishedAt === undefined
      ? {}
      : { finishedAt: DateTime.makeUnsafe(row.finishedAt) }),
    ...(row.lane === undefined ? {} : { lane: row.lane }),
    ...(row.progress === undefined ? {} : { progress: row.progress }),
    ...(status === "completed" ? { result: row.result } : {}),
    ...(row.error === undefined ? {} : { error: detailOf(row.error) }),
  };
}
