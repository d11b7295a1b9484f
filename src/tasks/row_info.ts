/**
 * What a stored task tells people.
 *
 * @module
 */
import * as DateTime from "effect/DateTime";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { detailOf } from "./ending.ts";
import { TaskNotFound } from "./errors.ts";
import type { Info } from "./info.ts";
import type { Row } from "./model.ts";
import type { Service } from "./service.ts";
import type { TaskStoreError } from "./store_service.ts";

/** What a task that is there tells people. */
export function infoFor(
  manager: Pick<Service, "get">,
  id: string,
): Effect.Effect<Info, TaskNotFound | TaskStoreError> {
  return Effect.flatMap(
    manager.get(id),
    Option.match({
      onNone: () => Effect.fail(new TaskNotFound({ id })),
      onSome: Effect.succeed,
    }),
  );
}

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
