import { Simulation } from "@weir/weir/simulation";
import { testEffect } from "@weir/weir/testing";
import { TaskManager } from "@weir/weir/tasks";
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Layer from "effect/Layer";
import type * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Feed, type Reader, type Sink } from "../../src/tasks/api_feed.ts";
import { managed, pass, settle, Work } from "./managed.ts";

interface Fed {
  readonly feed: Feed;
  readonly manager: TaskManager.Service;
  /** How many read the store now. */
  readonly readers: () => number;
}

/** A feed over a manager that runs nothing, and was given so many tasks before. */
function fed(
  body: (fed: Fed) => Effect.Effect<void, unknown, Scope.Scope>,
  before = 0,
): Effect.Effect<void, unknown, Scope.Scope> {
  return managed(
    Effect.gen(function* () {
      const manager = yield* TaskManager.TaskManager;
      let readers = 0;
      const counting: TaskManager.Service = Object.create(manager, {
        events: {
          value: (options: TaskManager.EventOptions) => {
            readers++;
            const left = Effect.sync(() => {
              readers--;
            });
            return Stream.ensuring(manager.events(options), left);
          },
        },
      });
      if (before > 0) yield* submit(manager, before);
      const feed = yield* Feed.start(counting, () => {});
      yield* body({ feed, manager, readers: () => readers });
    }),
    Layer.empty,
  );
}

const submit = (manager: TaskManager.Service, count: number) =>
  Effect.andThen(
    manager.submitMany(Work, Array.from({ length: count }, (_, n) => ({ n }))),
    settle,
  );

type Piece = Effect.Effect<
  readonly [string, ...Array<string>],
  Cause.Done | { readonly error: unknown }
>;

/** What a reader gets, piece by piece, as a `ReadableStream` asks for it. */
const piecesOf = (reader: Reader): Stream.Stream<string, unknown> => {
  let isClosed = false;
  let give: (piece: Piece) => void = () => {};
  const sink: Sink = {
    enqueue: (bytes) => {
      const [first, ...rest] = new TextDecoder().decode(bytes)
        .split(/(?<=\n\n)/);
      give(Effect.succeed([first!, ...rest]));
    },
    close: () => {
      isClosed = true;
      give(Cause.done());
    },
    error: (error) => give(Effect.fail({ error })),
  };
  const next: Piece = Effect.callback((resume) => {
    if (isClosed) return resume(Cause.done());
    give = resume;
    reader.pull(sink);
  });
  return Stream.fromPull(Effect.succeed(next)).pipe(
    Stream.ensuring(Effect.sync(() => reader.cancel())),
  );
};

/** What the first `count` pieces are that a reader gets. */
const reading = <E>(pieces: Stream.Stream<string, E>, count: number) =>
  Effect.forkChild(Stream.runCollect(Stream.take(pieces, count)));

const numberOf = (piece: string) =>
  Number(/^id: (\d+)\ndata: \{.*\}\n\n$/.exec(piece)?.[1]);

const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n);

testEffect(
  "Feed.all() gives two hundred readers every event, and asks the store for one",
  fed(({ feed, manager, readers }) =>
    Effect.gen(function* () {
      yield* settle;
      const fibers = yield* Effect.forEach(
        upTo(200),
        () => reading(piecesOf(feed.all(feed.last)), 30),
      );
      for (let n = 0; n < 3; n++) yield* submit(manager, 10);
      strictEqual(readers(), 1);
      for (const reader of fibers) {
        const pieces = yield* Fiber.join(reader);
        deepStrictEqual(pieces.map(numberOf), upTo(30));
      }
    })
  ),
);

testEffect(
  "Feed.all() goes on after any event that the store has, and then with what comes, from the feed",
  fed(({ feed, manager, readers }) =>
    Effect.gen(function* () {
      yield* submit(manager, 3000);
      for (const after of [0, 1, 1975, 1976, 1977, 2999, 3000]) {
        const last = feed.last + 5;
        const reader = yield* reading(piecesOf(feed.all(after)), last - after);
        yield* settle;
        strictEqual(readers(), 1);
        yield* submit(manager, 5);
        const pieces = yield* Fiber.join(reader);
        deepStrictEqual(pieces.map(numberOf), upTo(last, after + 1));
      }
    })
  ),
);

testEffect(
  "Feed.all() goes on after events of before it began, and does not stay with the store",
  fed(({ feed, manager, readers }) =>
    Effect.gen(function* () {
      const reader = yield* reading(piecesOf(feed.all(3)), 10);
      yield* settle;
      strictEqual(readers(), 1);
      yield* submit(manager, 3);
      const pieces = yield* Fiber.join(reader);
      deepStrictEqual(pieces.map(numberOf), upTo(13, 4));
    }), 10),
);

testEffect(
  "Feed.all() lets a reader that is slow miss nothing",
  fed(({ feed, manager }) =>
    Effect.gen(function* () {
      let isFirst = true;
      const slow = Stream.tap(piecesOf(feed.all(0)), () => {
        const wait = isFirst ? Effect.sleep(10_000) : Effect.void;
        isFirst = false;
        return wait;
      });
      const reader = yield* reading(slow, 2500);
      yield* settle;
      for (let n = 0; n < 5; n++) yield* submit(manager, 500);
      yield* pass(10_000);
      const pieces = yield* Fiber.join(reader);
      deepStrictEqual(pieces.map(numberOf), upTo(2500));
    })
  ),
);

testEffect(
  "Feed.all() sends a comment each 15 seconds of silence",
  fed(({ feed, manager }) =>
    Effect.gen(function* () {
      const reader = yield* reading(piecesOf(feed.all(0)), 3);
      yield* pass(14_999);
      yield* submit(manager, 1);
      yield* pass(15_000);
      yield* pass(15_000);
      const [first, ...rest] = yield* Fiber.join(reader);
      strictEqual(numberOf(first!), 1);
      deepStrictEqual(rest, [": alive\n\n", ": alive\n\n"]);
    })
  ),
);

testEffect(
  "Feed.one() sends a comment after 15 seconds of silence, whatever other tasks do",
  fed(({ feed, manager }) =>
    Effect.gen(function* () {
      const mine = yield* manager.submit(Work, { n: 1 });
      yield* settle;
      const now = { id: mine.id, name: "work", status: "pending" } as const;
      const { createdAt: at } = yield* mine.info;
      const reader = yield* reading(
        piecesOf(feed.one({ ...now, at, sequence: feed.last })),
        2,
      );
      for (let n = 0; n < 3; n++) {
        yield* pass(5000);
        yield* submit(manager, 1);
      }
      const [, second] = yield* Fiber.join(reader);
      strictEqual(second, ": alive\n\n");
    })
  ),
);

/** Asks once, and says what comes. */
const asking = (reader: Reader): ReadonlyArray<string> => {
  const log: Array<string> = [];
  reader.pull({
    enqueue: (bytes) => void log.push(new TextDecoder().decode(bytes)),
    close: () => void log.push("closed"),
    error: (error) => void log.push(String(error)),
  });
  return log;
};

testEffect(
  "Feed.all() gives what is next once for each time that it is asked, and nothing to who has left",
  fed(({ feed, manager }) =>
    Effect.gen(function* () {
      const [one, other, early] = [feed.all(0), feed.all(0), feed.all(-1)];
      const log = asking(one);
      const left = asking(other);
      const stored = asking(early);
      other.cancel();
      early.cancel();
      yield* submit(manager, 1);
      yield* submit(manager, 1);
      yield* pass(60_000);
      deepStrictEqual(log.map(numberOf), [1]);
      deepStrictEqual(asking(one).map(numberOf), [2]);
      deepStrictEqual([left, stored], [[], []]);
    })
  ),
);

testEffect(
  "Feed.all() ends with the feed, whether a reader waits, reads the store, or asks later",
  Effect.gen(function* () {
    const logs: Array<ReadonlyArray<string>> = [];
    const late: Array<Reader> = [];
    yield* Effect.scoped(fed(({ feed }) =>
      Effect.sync(() => {
        logs.push(asking(feed.all(0)), asking(feed.all(-1)));
        late.push(feed.all(0));
      })
    ));
    logs.push(asking(late[0]!));
    deepStrictEqual(logs, [["closed"], ["closed"], ["closed"]]);
  }),
);

testEffect(
  "Feed.all() fails for a reader of the store when that does",
  fed(({ feed, manager }) =>
    Effect.gen(function* () {
      const failing: TaskManager.Service = Object.create(manager, {
        events: { value: () => Stream.die("no store") },
      });
      strictEqual(feed.last, 10);
      const other = yield* Feed.start(failing, () => {});
      const log = asking(other.all(3));
      yield* settle;
      deepStrictEqual(log, ["no store"]);
    }), 10),
);

testEffect(
  "Feed.one() says where a task stands, and ends with it",
  fed(({ feed, manager }) =>
    Effect.gen(function* () {
      const [mine, other] = yield* manager.submitMany(Work, [{ n: 1 }, {
        n: 2,
      }]);
      yield* settle;
      const at = (yield* mine!.info).createdAt;
      const now = { id: mine!.id, name: "work", status: "pending" } as const;
      const reader = yield* reading(
        piecesOf(feed.one({ ...now, at, sequence: feed.last })),
        10,
      );
      yield* settle;
      yield* other!.cancel;
      yield* mine!.cancel;
      yield* settle;
      const pieces = yield* Fiber.join(reader);
      deepStrictEqual(pieces.map(numberOf), [2, 4]);
      const ended = yield* reading(
        piecesOf(feed.one({ ...now, at, sequence: 4, status: "cancelled" })),
        10,
      );
      strictEqual((yield* Fiber.join(ended)).length, 1);
    })
  ),
);

testEffect(
  "Feed.one() gives all that came to pass until its end, even at once",
  fed(({ feed, manager }) =>
    Effect.gen(function* () {
      const mine = yield* manager.submit(Work, { n: 1 });
      yield* settle;
      const { createdAt: at } = yield* mine.info;
      const now = { id: mine.id, name: "work", status: "pending" } as const;
      yield* mine.cancel;
      yield* manager.retry(mine.id);
      yield* mine.cancel;
      yield* settle;
      const reader = yield* reading(
        piecesOf(feed.one({ ...now, at, sequence: 0 })),
        10,
      );
      const pieces = yield* Fiber.join(reader);
      deepStrictEqual(pieces.map(numberOf), [0, 1, 2]);
      const rest = yield* reading(
        piecesOf(feed.one({ ...now, at, sequence: 2 })),
        10,
      );
      deepStrictEqual((yield* Fiber.join(rest)).map(numberOf), [2, 3, 4]);
    })
  ),
);

testEffect(
  "Feed.all() lets a reader that is always behind go on without end",
  fed(({ feed, manager }) =>
    Effect.gen(function* () {
      const slow = Stream.tap(
        piecesOf(feed.all(0)),
        () => Effect.sleep(1000),
      );
      const reader = yield* reading(slow, 300);
      yield* settle;
      for (let n = 0; n < 300; n++) {
        yield* submit(manager, 40);
        yield* pass(1000);
      }
      const pieces = yield* Fiber.join(reader);
      deepStrictEqual(pieces.map(numberOf), upTo(300));
    })
  ),
);

testEffect(
  "Feed.all() gives each reader all events once and in order, in whatever order fibers go on",
  Simulation.check(
    Effect.scoped(fed(({ feed, manager }) =>
      Effect.gen(function* () {
        const reader = Effect.map(
          Stream.runCollect(
            Stream.take(Stream.suspend(() => piecesOf(feed.all(0))), 4),
          ),
          (pieces) => pieces.map(numberOf),
        );
        const [one, other] = yield* Effect.all([
          reader,
          Effect.delay(reader, 1),
          Effect.forEach(
            [1, 2, 3, 4],
            (n) => Effect.andThen(manager.submit(Work, { n }), Effect.yieldNow),
            {
              concurrency: 2,
            },
          ),
        ], { concurrency: "unbounded" });
        deepStrictEqual([one, other], [upTo(4), upTo(4)]);
      })
    )),
    { runs: 200 },
  ),
);
