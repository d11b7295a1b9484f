/**
 * Prints the nanoseconds that a suspension takes, of each kind, as JSON.
 *
 * @module
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";

const times = 20_000;
const handoff = Effect.suspend(() => {
  const door = Deferred.makeUnsafe<void>();
  return Effect.all([Deferred.await(door), Deferred.succeed(door, undefined)], {
    concurrency: 2,
    discard: true,
  });
});

async function nanos(effect: Effect.Effect<unknown>): Promise<number> {
  const program = Effect.forEach(Array.from({ length: times }), () => effect, {
    discard: true,
  });
  await Effect.runPromise(program);
  const start = performance.now();
  await Effect.runPromise(program);
  return (performance.now() - start) * 1e6 / times;
}

// deno-lint-ignore no-console -- the bench reads it
console.log(JSON.stringify({
  yields: await nanos(Effect.yieldNow),
  promise: await nanos(Effect.promise(() => Promise.resolve())),
  "Deferred handoff": await nanos(handoff),
}));
