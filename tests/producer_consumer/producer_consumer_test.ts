import { ProducerConsumer, Quota } from "@weir/weir";
import { recordingLimiter, testEffect } from "@weir/weir/testing";
import * as Context from "effect/Context";
import * as Deferred from "effect/Deferred";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Layer from "effect/Layer";
import * as Logger from "effect/Logger";
import * as Stream from "effect/Stream";
import * as TestClock from "effect/testing/TestClock";
import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { finished } from "../support/effects.ts";
import {
  counting,
  free,
  limited,
  naturals,
  Source,
  unlimited,
} from "../support/producer_consumer.ts";

testEffect(
  "run() ends by itself when all is produced and consumed, and says what happened",
  Effect.gen(function* () {
    const seen: Array<number> = [];
    const fiber = yield* ProducerConsumer.run({
      producers: [
        Stream.range(1, 20).pipe(Stream.tap(() => Effect.sleep(100))),
      ],
      consumer: (n) => Effect.delay(Effect.sync(() => seen.push(n)), 250),
    }).pipe(
      Effect.provide(free({ capacity: 10, consumers: 3 })),
      Effect.forkChild,
    );
    yield* TestClock.adjust(2249);
    strictEqual(finished(fiber), false);
    yield* TestClock.adjust(1);
    deepStrictEqual(yield* Fiber.join(fiber), {
      produced: 20,
      consumed: 20,
      failed: 0,
      dropped: 0,
      peakPending: 1,
      elapsed: Duration.millis(2250),
    });
    deepStrictEqual(seen, Array.from({ length: 20 }, (_, i) => i + 1));
  }),
);

for (
  const [what, producers] of [
    ["no producers", []],
    ["empty producers", [Stream.empty, Stream.empty]],
  ] as const
) {
  testEffect(
    `run() of ${what} ends at once`,
    Effect.gen(function* () {
      const report = yield* ProducerConsumer.run({
        producers,
        consumer: () => Effect.never,
      });
      strictEqual(report.produced, 0);
      strictEqual(report.peakPending, 0);
    }).pipe(Effect.provide(free({ consumers: 2 }))),
  );
}

testEffect(
  "run() of a producer that gives nothing ends with it",
  Effect.gen(function* () {
    const fiber = yield* ProducerConsumer.run({
      producers: [Stream.drain(Stream.fromEffect(Effect.sleep(50)))],
      consumer: () => Effect.never,
    }).pipe(Effect.provide(free({ consumers: 2 })), Effect.forkChild);
    yield* TestClock.adjust(50);
    strictEqual((yield* Fiber.join(fiber)).produced, 0);
  }),
);

testEffect(
  "run() waits for the last item, wherever it is",
  Effect.gen(function* () {
    const fiber = yield* ProducerConsumer.run({
      producers: [Stream.range(1, 3), Stream.fromEffect(Effect.sleep(50))],
      consumer: () => Effect.sleep(100),
    }).pipe(Effect.provide(free({ consumers: 4 })), Effect.forkChild);
    yield* TestClock.adjust(149);
    strictEqual(finished(fiber), false);
    yield* TestClock.adjust(1);
    strictEqual((yield* Fiber.join(fiber)).consumed, 4);
  }),
);

testEffect(
  "run() can run again, and runs side by side do not see each other",
  Effect.gen(function* () {
    const run = ProducerConsumer.run({
      producers: [Stream.range(1, 30)],
      consumer: () => Effect.yieldNow,
    });
    for (const { consumed } of yield* Effect.all([run, run])) {
      strictEqual(consumed, 30);
    }
    const both = yield* Effect.all([run, run], { concurrency: 2 });
    deepStrictEqual(both.map(({ consumed }) => consumed), [30, 30]);
  }).pipe(Effect.provide(free({ capacity: 2, consumers: 2 }))),
);

testEffect(
  "a full queue holds the producers up: nothing is pulled but what is queued, in hand, and one item waiting",
  Effect.gen(function* () {
    const source = new Source(naturals());
    const fiber = yield* ProducerConsumer.run({
      producers: [source.stream],
      consumer: () => Effect.sleep("1 second"),
    }).pipe(
      Effect.provide(free({ capacity: 5, consumers: 2 })),
      Effect.forkChild,
    );
    yield* TestClock.adjust("1 milli");
    strictEqual(source.pulled, 5 + 2 + 1);
    yield* TestClock.adjust("1 second");
    strictEqual(source.pulled, 5 + 2 + 1 + 2);
    yield* Fiber.interrupt(fiber);
    strictEqual(source.closed, 1);
  }).pipe(Effect.provide(Logger.layer([]))),
);

for (
  const [capacity, instant, work, expected] of [
    [1, false, Effect.yieldNow, "aabcabcabcabcbc"],
    [3, true, Effect.void, "aaaabcabcbcbcbc"],
  ] as const
) {
  testEffect(
    `producers that wait put their items in turn, whatever chunks they give, capacity ${capacity}`,
    Effect.gen(function* () {
      const order: Array<string> = [];
      const { limiter } = yield* counting(() => instant);
      yield* ProducerConsumer.run({
        producers: ["a", "b", "c"].map((name) =>
          Stream.fromArray(Array.from({ length: 5 }, () => name))
        ),
        consumer: (name) => {
          order.push(name);
          return work;
        },
      }).pipe(
        Effect.provide(limited({ capacity, consumers: 1 }, limiter, limiter)),
      );
      strictEqual(order.join(""), expected);
    }),
  );
}

testEffect(
  "who waits for room is not overtaken by a newcomer",
  Effect.gen(function* () {
    const gate = yield* Deferred.make<string>();
    const order: Array<number | string> = [];
    yield* ProducerConsumer.run({
      producers: [
        Stream.range(1, 4),
        Stream.fromEffect(Deferred.await(gate)),
      ],
      consumer: (item) => {
        order.push(item);
        return Deferred.succeed(gate, "newcomer");
      },
    }).pipe(Effect.provide(free({ capacity: 1, consumers: 1 })));
    deepStrictEqual(order, [1, 2, "newcomer", 3, 4]);
  }),
);

testEffect(
  "a slow item holds up one consumer, and no other item",
  Effect.gen(function* () {
    const done: Array<number> = [];
    const gate = yield* Deferred.make<void>();
    const fiber = yield* ProducerConsumer.run({
      producers: [Stream.range(1, 100)],
      consumer: (n) =>
        Effect.andThen(
          n === 1 ? Deferred.await(gate) : Effect.void,
          Effect.sync(() => done.push(n)),
        ),
    }).pipe(Effect.provide(free({ consumers: 2 })), Effect.forkChild);
    yield* TestClock.adjust("1 milli");
    strictEqual(done.length, 99);
    yield* Deferred.succeed(gate, undefined);
    yield* Fiber.join(fiber);
    strictEqual(done.at(-1), 1);
  }),
);

for (
  const [overflow, kept] of [
    ["dropping", [1, 2, 3]],
    ["sliding", [8, 9, 10]],
  ] as const
) {
  testEffect(
    `overflow "${overflow}" keeps ${kept} of 1 to 10, and counts the others`,
    Effect.gen(function* () {
      const seen: Array<number> = [];
      const report = yield* ProducerConsumer.run({
        producers: [Stream.range(1, 10)],
        consumer: (n) => Effect.sync(() => seen.push(n)),
      });
      deepStrictEqual(seen, kept);
      strictEqual(report.produced, 10);
      strictEqual(report.consumed, 3);
      strictEqual(report.dropped, 7);
      strictEqual(report.peakPending, 3);
    }).pipe(Effect.provide(free({ capacity: 3, consumers: 1, overflow }))),
  );
}

testEffect(
  "ProducerLimiter lets each item through in its turn, and pulls nothing meanwhile",
  Effect.gen(function* () {
    const source = new Source([[1], [2], [3], [4]]);
    const fiber = yield* ProducerConsumer.run({
      producers: [source.stream],
      consumer: () => Effect.void,
    }).pipe(
      Effect.provide(
        ProducerConsumer.layer({ consumers: 1 }).pipe(
          Layer.provide([
            ProducerConsumer.ProducerLimiter.layer(
              Quota.slidingWindow({ limit: 1, window: "1 second" }),
            ),
            ProducerConsumer.ConsumerLimiter.layerUnlimited,
          ]),
        ),
      ),
      Effect.forkChild,
    );
    for (const pulled of [2, 3, 4]) {
      yield* TestClock.adjust(1);
      strictEqual(source.pulled, pulled);
      yield* TestClock.adjust(999);
    }
    strictEqual((yield* Fiber.join(fiber)).consumed, 4);
  }),
);

testEffect(
  "ConsumerLimiter runs each item in its turn, and in its slot",
  Effect.gen(function* () {
    let running = 0;
    let most = 0;
    const fiber = yield* ProducerConsumer.run({
      producers: [Stream.range(1, 10)],
      consumer: () => {
        most = Math.max(most, ++running);
        return Effect.delay(Effect.sync(() => running--), "1 second");
      },
    }).pipe(
      Effect.provide(
        ProducerConsumer.layer({ consumers: 8 }).pipe(
          Layer.provide([
            ProducerConsumer.ProducerLimiter.layerUnlimited,
            ProducerConsumer.ConsumerLimiter.layer(Quota.unlimited, {
              concurrency: 2,
            }),
          ]),
        ),
      ),
      Effect.forkChild,
    );
    yield* TestClock.adjust("5 seconds");
    strictEqual((yield* Fiber.join(fiber)).consumed, 10);
    strictEqual(most, 2);
  }),
);

testEffect(
  "each item asks both limiters once",
  Effect.gen(function* () {
    const producing = yield* recordingLimiter();
    const consuming = yield* recordingLimiter();
    yield* ProducerConsumer.run({
      producers: [Stream.range(1, 50), Stream.range(1, 50, 1)],
      consumer: () => Effect.void,
    }).pipe(Effect.provide(limited(
      { capacity: 3, consumers: 2 },
      producing.limiter,
      consuming.limiter,
    )));
    strictEqual((yield* producing.turns).length, 100);
    const turns = yield* consuming.turns;
    deepStrictEqual(turns.map(({ by }) => by), Array(100).fill("limit"));
  }),
);

class Name extends Context.Service<Name, string>()("test/Name") {}

testEffect(
  "producers and consumers see the caller's services",
  Effect.gen(function* () {
    const seen: Array<string> = [];
    yield* ProducerConsumer.run({
      producers: [Stream.fromEffect(Name)],
      consumer: (item) =>
        Effect.map(Name, (name) => void seen.push(item, name)),
    }).pipe(
      Effect.provideService(Name, "Ada"),
      Effect.provide(free({ consumers: 1 })),
    );
    deepStrictEqual(seen, ["Ada", "Ada"]);
  }),
);

Deno.test("make() and layer() refuse bad options, and name them", () => {
  const refused = (
    options: Partial<Record<keyof ProducerConsumer.Options, unknown>>,
    message: string,
  ) => {
    for (const build of [ProducerConsumer.make, ProducerConsumer.layer]) {
      throws(
        () =>
          // What JavaScript may pass.
          build({ consumers: 1, ...options } as ProducerConsumer.Options),
        { name: "RangeError", message },
      );
    }
  };
  for (const capacity of [0, -1, 1.5, NaN, Infinity]) {
    const must = `must be a whole number, at least 1, was ${capacity}`;
    refused({ capacity }, `"capacity" ${must}`);
    refused({ consumers: capacity }, `"consumers" ${must}`);
  }
  refused(
    { drain: -1 },
    `"drain" must be a duration such as 1000 or "1 second", not negative, was -1`,
  );
  refused(
    { overflow: "grow" },
    `"overflow" must be "suspend", "dropping" or "sliding", was "grow"`,
  );
});

testEffect(
  "run() needs no more than its own layer once that is built",
  Effect.gen(function* () {
    const service = yield* ProducerConsumer.make({ consumers: 1 });
    const { consumed } = yield* service.run({
      producers: [Stream.make(1)],
      consumer: () => Effect.void,
    });
    strictEqual(consumed, 1);
  }).pipe(Effect.provide(unlimited)),
);
