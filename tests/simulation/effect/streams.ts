/**
 * Programs on Effect's own streams, that lose nothing and leave nothing open.
 *
 * @module
 */
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Schedule from "effect/Schedule";
import * as Stream from "effect/Stream";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Simulated } from "../../support/simulated.ts";
import { moment, range, Room } from "./crowd.ts";

type Numbers = Stream.Stream<number>;

const length = 5;

/** Gives the numbers from 0 up to so many, each after a moment, and is in a room as long as it is open. */
const numbersIn = (room: Room): Numbers =>
  Stream.unwrap(Effect.as(
    Effect.acquireRelease(
      Effect.sync(() => room.inside++),
      () => Effect.map(moment, () => room.inside--),
    ),
    Stream.tap(Stream.fromIterable(range(length)), () => moment),
  ));

/** Runs a stream to its end, to its first element, and to some moment. */
const streamProgram = Effect.fnUntraced(function* (
  make: (numbers: Numbers) => Numbers,
  claim: (out: ReadonlyArray<number>) => void,
) {
  const room = new Room();
  const stream = make(numbersIn(room));
  claim(yield* Stream.runCollect(stream));
  strictEqual(room.inside, 0);
  ok((yield* Stream.runCollect(Stream.take(stream, 1))).length <= 1);
  strictEqual(room.inside, 0);
  const fiber = yield* Effect.forkChild(Stream.runDrain(stream));
  yield* moment;
  yield* moment;
  yield* Fiber.interrupt(fiber);
  strictEqual(room.inside, 0);
});

const all = (out: ReadonlyArray<number>) => deepStrictEqual(out, range(length));
const inAnyOrder = (out: ReadonlyArray<number>) => all(out.toSorted());
const some = (out: ReadonlyArray<number>) =>
  deepStrictEqual(out, [...new Set(out)].toSorted());
const last = (out: ReadonlyArray<number>) => {
  some(out);
  strictEqual(out.at(-1), length - 1);
};

/** A stream in two parts. */
const parts = (numbers: Numbers) => {
  const rest = Stream.filter(numbers, (n: number) => n >= 2);
  return [Stream.take(numbers, 2), rest] as const;
};

const programs: Readonly<
  Record<
    string,
    readonly [
      make: (numbers: Numbers) => Numbers,
      claim: (out: ReadonlyArray<number>) => void,
    ]
  >
> = {
  "buffer()": [Stream.buffer({ capacity: 2 }), all],
  "merge()": [(numbers) => Stream.merge(...parts(numbers)), inAnyOrder],
  "interleave()": [
    (numbers) => Stream.interleave(...parts(numbers)),
    inAnyOrder,
  ],
  "zip()": [(numbers) => Stream.zipLeft(numbers, numbers), all],
  "groupedWithin()": [
    (numbers) =>
      Stream.groupedWithin(numbers, 2, 3).pipe(
        Stream.tap((group) => Effect.sync(() => ok(group.length <= 2))),
        Stream.flatMap(Stream.fromIterable),
      ),
    all,
  ],
  "debounce()": [Stream.debounce(2), last],
  'throttle() to "shape"': [
    Stream.throttle({ cost: (chunk) => chunk.length, units: 1, duration: 3 }),
    all,
  ],
  'throttle() to "enforce"': [
    Stream.throttle({
      ...{ cost: (chunk) => chunk.length, units: 1, duration: 3 },
      strategy: "enforce",
    }),
    some,
  ],
  "timeout()": [Stream.timeout("1 second"), all],
  "interruptWhen()": [
    Stream.interruptWhen(Effect.andThen(moment, moment)),
    some,
  ],
  "haltWhen()": [Stream.haltWhen(Effect.andThen(moment, moment)), some],
  "drainFork()": [
    (numbers) => Stream.drainFork(numbers, Stream.forever(numbers)),
    all,
  ],
  "race()": [(numbers) => Stream.race(numbers, numbers), all],
  "toQueue()": [
    (numbers) =>
      Stream.unwrap(
        Effect.map(Stream.toQueue(numbers, { capacity: 2 }), Stream.fromQueue),
      ),
    all,
  ],
};

const others: ReadonlyArray<Simulated> = [
  {
    name: "Stream.mapEffect() keeps order and concurrency",
    program: Effect.gen(function* () {
      for (const unordered of [false, true]) {
        const room = new Room();
        const out = yield* numbersIn(new Room()).pipe(
          Stream.mapEffect((n) => Effect.as(room.visit, n), {
            concurrency: 2,
            unordered,
          }),
          Stream.runCollect,
        );
        (unordered ? inAnyOrder : all)(out);
        strictEqual(room.inside, 0);
        ok(room.most <= 2, `${room.most} at once`);
      }
    }),
  },
  {
    name: "Stream.merge() closes both if one fails",
    program: Effect.gen(function* () {
      const room = new Room();
      const failing = Stream.mapEffect(
        numbersIn(room),
        (n) => n === 2 ? Effect.fail("no") : Effect.succeed(n),
      );
      const exit = yield* Effect.exit(
        Stream.runDrain(Stream.merge(failing, numbersIn(room))),
      );
      ok(Exit.isFailure(exit) && Cause.hasFails(exit.cause));
      strictEqual(room.inside, 0);
    }),
  },
  {
    name: "Stream.retry() begins anew as its schedule has it",
    program: Effect.gen(function* () {
      let tries = 0;
      const room = new Room();
      const out = yield* Stream.suspend(() =>
        ++tries < 3
          ? Stream.concat(numbersIn(room), Stream.fail("no"))
          : numbersIn(room)
      ).pipe(Stream.retry(Schedule.spaced(2)), Stream.runCollect);
      deepStrictEqual(out, [
        ...range(length),
        ...range(length),
        ...range(length),
      ]);
      strictEqual(room.inside, 0);
    }),
  },
];

/** What they are. */
export const streams: ReadonlyArray<Simulated> = [
  ...Object.entries(programs).map(([how, [make, claim]]): Simulated => ({
    name: `Stream.${how} loses nothing and leaves nothing open`,
    program: streamProgram(make, claim),
  })),
  ...others,
];
