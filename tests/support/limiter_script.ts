import type { Limiter } from "@weir/weir";
import * as Cause from "effect/Cause";
import * as Clock from "effect/Clock";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";

interface Options {
  readonly cost: number;
  readonly priority: number;
  readonly maxWait: number | undefined;
}

/** Something that is done to a limiter; `nth` counts the calls and permits so far. */
export type Operation =
  | { readonly _tag: "acquire"; readonly options: Options }
  | {
    readonly _tag: "limit";
    readonly options: Options;
    readonly millis: number;
  }
  | { readonly _tag: "tryAcquire" | "peek"; readonly cost: number }
  | { readonly _tag: "settle"; readonly nth: number; readonly cost: number }
  | { readonly _tag: "interrupt"; readonly nth: number }
  | { readonly _tag: "pause" | "adjust"; readonly millis: number }
  | { readonly _tag: "resume" | "reset" };

const cost = FastCheck.integer({ min: 1, max: 4 });

const options: FastCheck.Arbitrary<Options> = FastCheck.record({
  cost: FastCheck.oneof(FastCheck.constant(1), cost, FastCheck.constant(9)),
  priority: FastCheck.constantFrom(0, 0, 0, 1),
  maxWait: FastCheck.constantFrom(
    undefined,
    undefined,
    0,
    300,
    512,
    1000,
    2500,
  ),
});

function tagged<Tag extends string, A>(
  _tag: Tag,
  rest: { [K in keyof A]: FastCheck.Arbitrary<A[K]> },
): FastCheck.Arbitrary<{ _tag: Tag } & A> {
  return FastCheck.record(rest).map((rest) => ({ _tag, ...rest as A }));
}

const nth = FastCheck.nat(20);

/** Scripts that use everything a limiter offers. */
export const scripts: FastCheck.Arbitrary<ReadonlyArray<Operation>> = FastCheck
  .array(
    FastCheck.oneof(
      { arbitrary: tagged("acquire", { options }), weight: 5 },
      {
        arbitrary: tagged("limit", {
          options,
          millis: FastCheck.constantFrom(0, 0, 203, 1007),
        }),
        weight: 4,
      },
      { arbitrary: tagged("tryAcquire", { cost }), weight: 2 },
      { arbitrary: tagged("peek", { cost }), weight: 1 },
      {
        arbitrary: tagged("settle", { nth, cost: FastCheck.nat(6) }),
        weight: 2,
      },
      { arbitrary: tagged("interrupt", { nth }), weight: 2 },
      {
        arbitrary: tagged("pause", {
          millis: FastCheck.constantFrom(0, 250, 800, Infinity),
        }),
        weight: 1,
      },
      { arbitrary: tagged("resume", {}), weight: 1 },
      { arbitrary: tagged("reset", {}), weight: 1 },
      {
        arbitrary: tagged("adjust", {
          millis: FastCheck.constantFrom(1, 64, 100, 256, 512, 1000),
        }),
        weight: 6,
      },
    ),
    { minLength: 5, maxLength: 40, size: "max" },
  );

const settled = Effect.replicateEffect(Effect.yieldNow, 12, { discard: true });

/** Does what a script says, and writes down what came of it, and when. */
export const play: (
  limiter: Limiter.Service,
  script: ReadonlyArray<Operation>,
  settle?: Effect.Effect<unknown>,
) => Effect.Effect<ReadonlyArray<string>> = Effect.fnUntraced(
  function* (limiter, script, quiet = settled) {
    const log: Array<string> = [];
    const fibers: Array<Fiber.Fiber<unknown, unknown>> = [];
    const permits: Array<{ permit: Limiter.Permit; most: number }> = [];
    const note = (text: string) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        log.push(`${now}: ${text}`);
      });
    const call = <A>(
      n: number,
      effect: Effect.Effect<A, unknown>,
    ) =>
      Effect.onExit(effect, (exit) => note(`${n} ${outcome(exit)}`)).pipe(
        Effect.exit,
        Effect.forkChild,
        Effect.map((fiber) => void fibers.push(fiber)),
      );
    for (const [n, operation] of script.entries()) {
      switch (operation._tag) {
        case "acquire":
          yield* call(
            n,
            Effect.tap(limiter.acquire(operation.options), (permit) => {
              permits.push({ permit, most: Infinity });
              return note(`${n} ${answer(permit)}`);
            }),
          );
          break;
        case "limit":
          yield* call(
            n,
            limiter.limit(
              Effect.andThen(note(`${n} begins`), pause(operation.millis)),
              operation.options,
            ),
          );
          break;
        case "tryAcquire": {
          const given = yield* limiter.tryAcquire({ cost: operation.cost });
          yield* note(`${n} ${answer(given)}`);
          if (given._tag === "Allowed") {
            permits.push({ permit: given, most: Infinity });
          }
          break;
        }
        case "peek":
          yield* note(
            `${n} ${answer(yield* limiter.peek({ cost: operation.cost }))}`,
          );
          break;
        case "settle": {
          const given = permits.at(operation.nth % (permits.length || 1));
          if (given === undefined) break;
          yield* given.permit.settle(Math.min(given.most, operation.cost));
          break;
        }
        case "interrupt": {
          const fiber = fibers.at(operation.nth % (fibers.length || 1));
          if (fiber !== undefined) yield* Fiber.interrupt(fiber);
          break;
        }
        case "pause":
          yield* limiter.pause(operation.millis);
          break;
        case "adjust":
          yield* TestClock.adjust(operation.millis);
          break;
        case "reset":
          yield* limiter.reset;
          // How long the excess of an older charge stays void is the limiter's own affair.
          for (const given of permits) given.most = 0;
          break;
        case "resume":
          yield* limiter.resume;
      }
      yield* quiet;
      yield* note(`${n} ${JSON.stringify(yield* limiter.stats)}`);
    }
    yield* limiter.resume;
    for (let n = 0; n < 40; n++) yield* TestClock.adjust("1 second");
    yield* Fiber.awaitAll(fibers);
    yield* note(JSON.stringify(yield* limiter.stats));
    // Who is sent away in one moment is so in no order.
    const away = (line: string) => line.includes("WaitTimeout");
    return [
      ...log.filter((line) => !away(line)),
      ...log.filter(away).toSorted(),
    ];
  },
);

function pause(millis: number): Effect.Effect<void> {
  return millis === 0 ? Effect.void : Effect.sleep(millis);
}

function answer(
  given: Limiter.Permit | Effect.Success<ReturnType<Limiter.Service["peek"]>>,
): string {
  if (given._tag === "Denied") {
    return `denied by ${given.tier} for ${
      Duration.toMillis(given.retryAfter).toFixed(5)
    }`;
  }
  const waited = "waited" in given ? Duration.toMillis(given.waited) : 0;
  return `${given.tier} has ${given.remaining.toFixed(5)} whole in ${
    Duration.toMillis(given.resetAfter).toFixed(5)
  } after ${waited}`;
}

function outcome(exit: Exit.Exit<unknown, unknown>): string {
  return Exit.isSuccess(exit)
    ? "ends"
    : Cause.pretty(exit.cause).split("\n")[0]!;
}
