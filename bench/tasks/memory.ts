/**
 * What a task weighs that waits.
 *
 * @module
 */
import { TaskStore } from "@weir/weir/tasks";
import * as Effect from "effect/Effect";
import { heap, type Row, shown } from "../report.ts";
import { memoryPeer, memoryStore, open } from "./sites.ts";
import { delayed, fill, fillPeer, type Place } from "./work.ts";

const count = 100_000;

/** Bytes a task, its id and its event among them. */
export async function memory(): Promise<ReadonlyArray<Row>> {
  return [
    shown("pending", await weigh({}), "B"),
    shown("delayed", await weigh(delayed), "B"),
    shown("PersistedQueue", await weighPeer(), "B"),
  ];
}

async function weigh(place: Place): Promise<number> {
  const { close, service } = await open(TaskStore.TaskStore, memoryStore);
  const before = await heap();
  await Effect.runPromise(fill(service, count, place));
  const bytes = await heap() - before;
  await close();
  return bytes / count;
}

async function weighPeer(): Promise<number> {
  const { close, service } = await memoryPeer();
  const before = await heap();
  await Effect.runPromise(fillPeer(service, count));
  const bytes = await heap() - before;
  await close();
  return bytes / count;
}
