/**
 * What happens to tasks, sent to any number of readers: the store is read once for all of them.
 *
 * No fiber waits for a reader: what comes is handed to those who have asked for it.
 *
 * @module
 */
import * as Cause from "effect/Cause";
import { Clock } from "effect/Clock";
import * as Context from "effect/Context";
import * as DateTime from "effect/DateTime";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Schedule from "effect/Schedule";
import * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import { type AsyncScope, asyncScope } from "../internal/async_scope.ts";
import type { Event, Service } from "./service.ts";
import type { TaskStoreError } from "./store_service.ts";
import { isFinal } from "./transitions.ts";

/** How many events are kept for readers that are behind; the store has older ones. */
const kept = 1024;
/** How often a reader hears that the connection lives, in milliseconds. */
const keepAlive = 15_000;

const encoder = new TextEncoder();
const alive = encoder.encode(": alive\n\n");

/** An event, and as it is sent. */
interface News {
  readonly event: Event;
  readonly bytes: Uint8Array;
}

/** Which events a reader wants, and which is its last. */
interface Interest {
  readonly wants: (event: Event) => boolean;
  readonly ends: (event: Event) => boolean;
}

/** Where the bytes of a reader go. */
export type Sink = Pick<
  ReadableStreamDefaultController<Uint8Array>,
  "close" | "enqueue" | "error"
>;

const everything: Interest = { wants: () => true, ends: () => false };

/** Reads events once, and hands them to all readers. */
export class Feed {
  /** The last events, without a gap, oldest first. */
  private readonly messages: Array<News> = [];
  /** Readers that have heard all and ask for more, by when they began to wait: who has waited longest is first. */
  private readonly waiting = new Map<Reader, number>();
  private isOver = false;
  /** A reader that is behind asks from within what gave it the page before. */
  private readonly apart: AsyncScope = asyncScope();

  private constructor(
    private readonly manager: Service,
    private readonly context: Context.Context<never>,
    private readonly scope: Scope.Scope,
    /** The last event before those. */
    private floor: number,
  ) {}

  /** Follows what happens until the scope ends, and tells `onEvent` first. */
  static start(
    manager: Service,
    onEvent: (event: Event) => void,
  ): Effect.Effect<Feed, TaskStoreError, Scope.Scope> {
    return Effect.gen(function* () {
      const scope = yield* Scope.Scope;
      const context = yield* Effect.context<never>();
      const feed = new Feed(manager, context, scope, yield* manager.lastEvent);
      const follow = Effect.suspend(() =>
        Stream.runForEachArray(
          manager.events({ after: feed.last }),
          (events) => Effect.sync(() => feed.take(events, onEvent)),
        )
      );
      yield* Effect.addFinalizer(() => Effect.sync(() => feed.end()));
      yield* Effect.forkScoped(
        Effect.retry(follow, Schedule.spaced("1 second")),
      );
      yield* Effect.forkScoped(Effect.forever(feed.keepingAlive));
      return feed;
    });
  }

  /** The number of the last event that readers were told of. */
  get last(): number {
    return this.messages.at(-1)?.event.sequence ?? this.floor;
  }

  /** What happens after an event. Keeps the connection alive, and ends with the feed. */
  all(after: number): Reader {
    return new Reader(this, after, everything, undefined);
  }

  /** Where a task stands, and then what happens to it until it has ended. */
  one(now: Event): Reader {
    const interest: Interest = {
      wants: ({ id }) => id === now.id,
      ends: ({ status }) => isFinal(status),
    };
    return new Reader(this, now.sequence, interest, newsOf(now));
  }

  /** Gives a reader what is next after an event, or lets it wait. */
  serve(reader: Reader, position: number): void {
    if (this.isOver) return reader.end();
    if (position < this.floor) return this.serveStored(reader, position);
    const news = this.messagesAfter(position);
    if (news.length > 0) return reader.take(news);
    if (!this.waiting.has(reader)) this.waiting.set(reader, this.now());
  }

  /** Lets a reader go. */
  leave(reader: Reader): void {
    this.waiting.delete(reader);
  }

  private take(
    events: ReadonlyArray<Event>,
    onEvent: (event: Event) => void,
  ): void {
    for (const event of events) {
      onEvent(event);
      this.messages.push(newsOf(event));
    }
    const gone = this.messages.splice(0, this.messages.length - kept);
    this.floor = gone.at(-1)?.event.sequence ?? this.floor;
    for (const reader of [...this.waiting.keys()]) reader.goOn();
  }

  private end(): void {
    this.isOver = true;
    for (const reader of [...this.waiting.keys()]) reader.end();
  }

  /** Tells who has waited too long, then sleeps until somebody else can have: one timer for all. */
  private readonly keepingAlive: Effect.Effect<void> = Effect.suspend(() => {
    const now = this.now();
    for (const [reader, since] of this.waiting) {
      const left = since + keepAlive - now;
      if (left > 0) return Effect.sleep(left);
      reader.give(alive);
    }
    return Effect.sleep(keepAlive);
  });

  /** Reads some of the events that are kept no more. */
  private serveStored(reader: Reader, position: number): void {
    const page = this.manager.events({ after: position }).pipe(
      Stream.takeUntil(({ sequence }) => sequence >= this.floor),
      Stream.take(kept),
      Stream.map(newsOf),
      Stream.runCollect,
    );
    const fiber = this.apart(() => Effect.runForkWith(this.context)(page));
    reader.await(Fiber.runIn(fiber, this.scope));
  }

  private messagesAfter(position: number): ReadonlyArray<News> {
    let from = this.messages.length;
    while (from > 0 && this.messages[from - 1]!.event.sequence > position) {
      from--;
    }
    return this.messages.slice(from);
  }

  private now(): number {
    return Context.get(this.context, Clock).currentTimeMillisUnsafe();
  }
}

/** One who reads: the source of a `ReadableStream`, which asks for more when what was given has been read. */
export class Reader implements UnderlyingDefaultSource<Uint8Array> {
  /** Where what is next goes, if it was asked for. */
  private sink: Sink | undefined;
  private isDone = false;
  private page: Fiber.Fiber<ReadonlyArray<News>, TaskStoreError> | undefined;

  constructor(
    private readonly feed: Feed,
    private position: number,
    private readonly interest: Interest,
    private first: News | undefined,
  ) {}

  /** Says where it begins: who loses the connection before anything happens goes on from there. */
  start(sink: Sink): void {
    sink.enqueue(encoder.encode(`id: ${this.position}\n\n`));
  }

  /** Asks for what is next. */
  pull(sink: Sink): void {
    // What ends it is given already, and the end follows.
    if (this.isDone) return;
    this.sink = sink;
    const { first } = this;
    this.first = undefined;
    if (first === undefined) this.goOn();
    else this.take([first]);
  }

  /** Asks for no more. */
  cancel(): void {
    this.release();
    this.page?.interruptUnsafe();
  }

  /** Looks for what is next. */
  goOn(): void {
    this.feed.serve(this, this.position);
  }

  /** Gives what is wanted of some news, or looks for more. */
  take(news: ReadonlyArray<News>): void {
    this.position = news.at(-1)?.event.sequence ?? this.position;
    const wanted = news.filter(({ event }) => this.interest.wants(event));
    const end = wanted.findIndex(({ event }) => this.interest.ends(event));
    const given = end < 0 ? wanted : wanted.slice(0, end + 1);
    if (given.length === 0) return this.goOn();
    this.isDone = end >= 0;
    const sink = this.give(joined(given));
    if (this.isDone) sink?.close();
  }

  /** Takes what is read from the store, when it is there. */
  await(page: Fiber.Fiber<ReadonlyArray<News>, TaskStoreError>): void {
    this.page = page;
    page.addObserver((exit) => {
      this.page = undefined;
      if (this.sink === undefined) return;
      if (Exit.isSuccess(exit)) this.take(exit.value);
      else if (Cause.hasInterruptsOnly(exit.cause)) this.end();
      else this.release()?.error(Cause.squash(exit.cause));
    });
  }

  /** Gives some bytes, and waits no more. */
  give(bytes: Uint8Array): Sink | undefined {
    const sink = this.release();
    sink?.enqueue(bytes);
    return sink;
  }

  /** Says that there is no more. */
  end(): void {
    this.release()?.close();
  }

  private release(): Sink | undefined {
    const { sink } = this;
    this.sink = undefined;
    this.feed.leave(this);
    return sink;
  }
}

function newsOf(event: Event): News {
  const { at, ...rest } = event;
  const data = JSON.stringify({ at: DateTime.formatIso(at), ...rest });
  return {
    event,
    bytes: encoder.encode(`id: ${event.sequence}\ndata: ${data}\n\n`),
  };
}

function joined(news: ReadonlyArray<News>): Uint8Array {
  if (news.length === 1) return news[0]!.bytes;
  const length = news.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const all = new Uint8Array(length);
  let at = 0;
  for (const { bytes } of news) {
    all.set(bytes, at);
    at += bytes.length;
  }
  return all;
}
