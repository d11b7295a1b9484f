/**
 * Who may begin: pending tasks by kind, and the lanes that hold some of them back.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import { Heap } from "../internal/heap.ts";
import { Quota } from "../limiter/mod.ts";
import { type Entry, Kind, Lane, Queue } from "./entry.ts";
import { isBefore } from "./line.ts";
import type { NewRow } from "./model.ts";

/**
 * A lane without room is in nobody's way: its tasks stand in queues of their own, which leave the lines of their kinds until
 * there is room again. Times are monotonic milliseconds. Each step is O(log n), and O(kinds) for the lane that it opens or
 * closes.
 */
export class Pending {
  private readonly kinds = new Map<string, Kind>();
  private readonly lanes = new Map<string, Lane>();
  /** Lanes with tasks that wait for their quota, by when it allows the next. */
  private readonly paced = new Heap<Lane>();
  /** Lanes without tasks whose quota still remembers some. */
  private readonly resting = new Heap<Lane>();

  /** How many lanes are remembered. */
  get size(): number {
    return this.lanes.size;
  }

  /** The lane of a new task, under the limits that come with it. */
  enter({ concurrency, key, quota }: NonNullable<NewRow["lane"]>): Lane {
    let lane = this.lanes.get(key);
    if (lane === undefined) {
      lane = new Lane(key);
      this.lanes.set(key, lane);
    }
    lane.tasks++;
    this.join(lane);
    lane.concurrency = concurrency ?? Infinity;
    if (lane.quota !== quota) {
      lane.quota = quota;
      this.paced.remove(lane);
    }
    this.refresh(lane);
    return lane;
  }

  /** A task of the lane is to begin anew, or is new. */
  join(lane: Lane): void {
    if (lane.members++ === 0) this.resting.remove(lane);
  }

  /** A task of the lane has ended. */
  leave(lane: Lane, now: number): void {
    if (--lane.members === 0) this.rest(lane, now);
  }

  /** A task of the lane, which had ended, was forgotten. */
  forget(lane: Lane): void {
    lane.tasks--;
    this.drop(lane);
  }

  push(entry: Entry): void {
    const { lane } = entry;
    const kind = this.kind(entry.name);
    if (lane === undefined) return kind.line.push(entry);
    let queue = lane.queue(kind);
    if (queue === undefined) {
      queue = new Queue(kind);
      lane.queues.push(queue);
    }
    queue.tasks.push(entry);
    if (!lane.isOpen) return;
    if (queue.place < 0) kind.line.push(queue);
    else if (queue.first === entry) kind.line.moved(queue);
  }

  remove(entry: Entry): void {
    const { lane } = entry;
    const kind = this.kind(entry.name);
    if (lane === undefined) return kind.line.remove(entry);
    const queue = lane.queue(kind)!;
    queue.tasks.remove(entry);
    if (queue.tasks.peek() !== undefined) {
      if (queue.place >= 0) kind.line.moved(queue);
      return;
    }
    kind.line.remove(queue);
    lane.queues.splice(lane.queues.indexOf(queue), 1);
    if (lane.queues.length === 0) {
      this.paced.remove(lane);
      this.refresh(lane);
    }
  }

  /** Takes the first task of these kinds that may begin. It counts as running in its lane, and has used up its quota. */
  take(names: ReadonlyArray<string>, now: number): Entry | undefined {
    for (;;) {
      const entry = this.first(names);
      const lane = entry?.lane;
      if (entry === undefined) return undefined;
      if (lane !== undefined && !this.charge(lane, now)) continue;
      this.remove(entry);
      if (lane !== undefined) {
        lane.running++;
        this.refresh(lane);
      }
      return entry;
    }
  }

  /** A task of the lane runs no more. */
  stop(lane: Lane): void {
    lane.running--;
    this.refresh(lane);
  }

  /** Lets lanes go on whose quota allows it, and forgets those that have nothing to remember. */
  step(now: number): void {
    for (;;) {
      const lane = this.paced.peek();
      if (lane === undefined || lane.at > now) break;
      this.paced.remove(lane);
      this.refresh(lane);
    }
    for (;;) {
      const lane = this.resting.peek();
      if (lane === undefined || lane.at > now) break;
      this.resting.remove(lane);
      this.rest(lane, now);
    }
  }

  /** When the next lane may go on by its quota. */
  get nextAt(): number {
    return this.paced.peek()?.at ?? Infinity;
  }

  /** Has the quota of a lane without tasks that wait or run remember no longer than it must. */
  private rest(lane: Lane, now: number): void {
    const { quota, state } = lane;
    if (
      quota !== undefined && state !== undefined &&
      !Quota.isIdle(quota, state, now)
    ) {
      // What is known is when its narrowest tier will be whole: another may take longer.
      lane.at = lane.wholeAt > now ? lane.wholeAt : now + second;
      this.resting.push(lane);
      return;
    }
    lane.state = undefined;
    this.drop(lane);
  }

  /** Forgets a lane that has no tasks and remembers nothing. */
  private drop(lane: Lane): void {
    if (lane.tasks === 0 && lane.state === undefined) {
      this.lanes.delete(lane.key);
    }
  }

  /** The first of these kinds in rank. */
  private first(names: ReadonlyArray<string>): Entry | undefined {
    let best: Entry | Queue | undefined;
    for (const name of names) {
      const head = this.kinds.get(name)?.line.peek();
      if (head === undefined) continue;
      if (best === undefined || isBefore(head, best)) best = head;
    }
    return best instanceof Queue ? best.first : best;
  }

  /** Uses up quota for one task, or closes the lane until there is some. */
  private charge(lane: Lane, now: number): boolean {
    if (lane.quota === undefined) return true;
    const [decision, state] = Quota.decide(lane.quota, lane.state, now);
    if (decision._tag === "Allowed") {
      lane.state = state;
      lane.wholeAt = now + Duration.toMillis(decision.resetAfter);
      return true;
    }
    lane.at = now + Duration.toMillis(decision.retryAfter);
    this.paced.push(lane);
    this.refresh(lane);
    return false;
  }

  /** Puts the queues of a lane in line if it has room, and takes them out if it has none. */
  private refresh(lane: Lane): void {
    const isOpen = lane.running < lane.concurrency && lane.place < 0;
    if (isOpen === lane.isOpen) return;
    lane.isOpen = isOpen;
    for (const queue of lane.queues) {
      if (isOpen) queue.kind.line.push(queue);
      else queue.kind.line.remove(queue);
    }
  }

  private kind(name: string): Kind {
    let kind = this.kinds.get(name);
    if (kind === undefined) {
      kind = new Kind();
      this.kinds.set(name, kind);
    }
    return kind;
  }
}

const second = 1000;
