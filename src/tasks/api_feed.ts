/**
 * What happens to tasks, sent to any number of readers: the store is read once for all of them.
 *
 * @module
 */
import { Clock } from "effect/Clock";
import * as DateTime from "effect/DateTime";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import * as Schedule from "effect/Schedule";
import type * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import type { Event, Service } from "./service.ts";
import type { TaskStoreError } from "./store_service.ts";
import { isFinal } from "./transitions.ts";

/** How many events are kept for readers that are behind; the store has older ones. */
const kept = 1024;
/** How often a reader hears that the connection lives, in milliseconds. */
const keepAlive = 15_000;

const encoder = new TextEncoder();

/** What is sent: an event, or a comment. */
interface Message {
  readonly event?: Event;
  readonly bytes: Uint8Array;
}

/** An event as it is sent. */
type News = Required<Message>;

const alive: Message = { bytes: encoder.encode(": alive\n\n") };

/** Which events a reader wants. */
type Wants = (event: Event) => boolean;

/** Reads events once, and hands them to all readers. */
export class Feed {
  /** The last events, without a gap, oldest first. */
  private readonly messages: Array<News> = [];
  /** Readers that have heard all, by when they began to wait: who has waited longest is first. */
  private readonly sleepers = new Map<() => void, number>();

  private constructor(
    private readonly manager: Service,
    /** The last event before those. */
    private floor: number,
  ) {}

  /** Follows what happens until the scope ends, and tells `onEvent` first. */
  static start(
    manager: Service,
    onEvent: (event: Event) => void,
  ): Effect.Effect<Feed, TaskStoreError, Scope.Scope> {
    return Effect.flatMap(manager.lastEvent, (last) => {
      const feed = new Feed(manager, last);
      const follow = Effect.suspend(() =>
        Stream.runForEachArray(
          manager.events({ after: feed.last }),
          (events) => Effect.sync(() => feed.take(events, onEvent)),
        )
      );
      return Effect.forkScoped(
        Effect.retry(follow, Schedule.spaced("1 second")),
      ).pipe(
        Effect.andThen(Effect.forkScoped(Effect.forever(feed.keepingAlive))),
        Effect.as(feed),
      );
    });
  }

  /** The number of the last event that readers were told of. */
  get last(): number {
    return this.messages.at(-1)?.event.sequence ?? this.floor;
  }

  /** What happens after an event. Keeps the connection alive, and never ends by itself. */
  all(after: number): Stream.Stream<Uint8Array, TaskStoreError> {
    return Stream.map(this.after(after, () => true), bytesOf);
  }

  /** Where a task stands, and then what happens to it until it has ended. */
  one(now: Event): Stream.Stream<Uint8Array, TaskStoreError> {
    const first = Stream.succeed(encoded(now));
    if (isFinal(now.status)) return first;
    const rest = this.after(now.sequence, ({ id }) => id === now.id).pipe(
      Stream.takeUntil(({ event }) =>
        event !== undefined && isFinal(event.status)
      ),
      Stream.map(bytesOf),
    );
    return Stream.concat(first, rest);
  }

  private take(
    events: ReadonlyArray<Event>,
    onEvent: (event: Event) => void,
  ): void {
    for (const event of events) {
      onEvent(event);
      this.messages.push({ event, bytes: encoded(event) });
    }
    const gone = this.messages.splice(0, this.messages.length - kept);
    this.floor = gone.at(-1)?.event.sequence ?? this.floor;
    for (const wake of [...this.sleepers.keys()]) wake();
  }

  private after(
    position: number,
    wants: Wants,
  ): Stream.Stream<Message, TaskStoreError> {
    return Stream.paginate(
      position,
      (at) =>
        Effect.map(this.next(at), (messages) => {
          const last = messages.at(-1)?.event.sequence ?? at;
          const wanted = messages.filter(({ event }) => wants(event));
          return [
            messages.length === 0 ? [alive] : wanted,
            Option.some(last),
          ] as const;
        }),
    );
  }

  /** Waits for the next events, or until it is time for a comment. */
  private readonly come: Effect.Effect<void> = Effect.withFiber((fiber) =>
    Effect.callback((resume) => {
      const wake = () => {
        this.sleepers.delete(wake);
        resume(Effect.void);
      };
      this.sleepers.set(wake, fiber.getRef(Clock).currentTimeMillisUnsafe());
      return Effect.sync(() => this.sleepers.delete(wake));
    })
  );

  /** Wakes who has waited too long, then sleeps until somebody else can have: one timer for all. */
  private readonly keepingAlive: Effect.Effect<void> = Effect.withFiber(
    (fiber) => {
      const now = fiber.getRef(Clock).currentTimeMillisUnsafe();
      for (const [wake, since] of this.sleepers) {
        const left = since + keepAlive - now;
        if (left > 0) return Effect.sleep(left);
        wake();
      }
      return Effect.sleep(keepAlive);
    },
  );

  /** What is next after an event, or nothing if it does not come soon. */
  private next(
    position: number,
  ): Effect.Effect<ReadonlyArray<News>, TaskStoreError> {
    const wait = this.last > position ? Effect.void : this.come;
    return Effect.flatMap(
      wait,
      () =>
        position < this.floor
          ? this.stored(position)
          : Effect.succeed(this.messagesAfter(position)),
    );
  }

  /** Some of the events that are kept no more. */
  private stored(
    position: number,
  ): Effect.Effect<ReadonlyArray<News>, TaskStoreError> {
    return this.manager.events({ after: position }).pipe(
      Stream.takeUntil(({ sequence }) => sequence >= this.floor),
      Stream.take(kept),
      Stream.map((event) => ({ event, bytes: encoded(event) })),
      Stream.runCollect,
    );
  }

  private messagesAfter(position: number): ReadonlyArray<News> {
    let from = this.messages.length;
    while (from > 0 && this.messages[from - 1]!.event.sequence > position) {
      from--;
    }
    return this.messages.slice(from);
  }
}

function bytesOf({ bytes }: Message): Uint8Array {
  return bytes;
}

function encoded(event: Event): Uint8Array {
  const { at, ...rest } = event;
  const data = JSON.stringify({ at: DateTime.formatIso(at), ...rest });
  return encoder.encode(`id: ${event.sequence}\ndata: ${data}\n\n`);
}
