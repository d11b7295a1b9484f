/**
 * What `Batch` infers: checked as types, nothing of it runs.
 *
 * @module
 */
import { Batch, KeyedLimiter, Limiter } from "@weir/weir";
import type { NonEmptyReadonlyArray } from "effect/Array";
import type * as Cause from "effect/Cause";
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import type * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import { sameType } from "../support/same_type.ts";

class Db extends Context.Service<Db, object>()("test/Db") {}
class Log extends Context.Service<Log, object>()("test/Log") {}

interface User {
  readonly id: number;
}

const getUser = (id: number): Effect.Effect<User, "NotFound", Db> =>
  Effect.as(Db, { id });

const plain = Batch.forEach([1, 2], getUser, { batchSize: 10, concurrency: 3 });
sameType<
  typeof plain,
  Effect.Effect<Array<User>, "NotFound", Db | Limiter.Limiter>
>();

const replaced = Batch.forEach(new Set([1, 2]), getUser, {
  retry: Schedule.exponential("1 second"),
  onFailure: (id, cause) => {
    sameType<typeof id, number>();
    sameType<typeof cause, Cause.Cause<"NotFound">>();
    return Effect.succeed(null);
  },
});
sameType<
  typeof replaced,
  Effect.Effect<Array<User | null>, never, Db | Limiter.Limiter>
>();

const translated = Batch.forEach([1], getUser, {
  onFailure: () => Effect.andThen(Log, Effect.fail("Gone" as const)),
});
sameType<
  typeof translated,
  Effect.Effect<Array<User>, "Gone", Db | Log | Limiter.Limiter>
>();

function* naturals(): Generator<number> {
  for (let n = 0;; n++) yield n;
}
const lazy = Batch.forEach(naturals(), (n) => Effect.succeed(n));
sameType<typeof lazy, Effect.Effect<Array<number>, never, Limiter.Limiter>>();

const tenant = Effect.flatMap(
  KeyedLimiter.KeyedLimiter,
  (tenants) =>
    Effect.provideService(lazy, Limiter.Limiter, tenants.for("acme")),
);
sameType<
  typeof tenant,
  Effect.Effect<Array<number>, never, KeyedLimiter.KeyedLimiter>
>();

const piped = Stream.fail("Upstream" as const).pipe(
  Stream.concat(Stream.range(1, 9)),
  Batch.mapEffect((n) => getUser(n), { concurrency: 2 }),
);
sameType<
  typeof piped,
  Stream.Stream<User, "Upstream" | "NotFound", Db | Limiter.Limiter>
>();

const streamFirst = Batch.mapEffect(Stream.range(1, 9), getUser, {
  onFailure: (id) => Effect.succeed(id),
});
sameType<
  typeof streamFirst,
  Stream.Stream<User | number, never, Db | Limiter.Limiter>
>();

const gathered = Batch.gather((ids: NonEmptyReadonlyArray<number>) =>
  Effect.forEach(ids, getUser)
);
sameType<
  typeof gathered,
  Effect.Effect<
    (request: number) => Effect.Effect<User, "NotFound">,
    never,
    Db | Scope.Scope | Limiter.Limiter
  >
>();

const windows = Stream.fail("Upstream" as const).pipe(
  Stream.concat(Stream.range(1, 9)),
  Batch.window({ size: "1 second" }),
);
sameType<typeof windows, Stream.Stream<Batch.Window<number>, "Upstream">>();

// @ts-expect-error: a misspelt option
Batch.forEach([1], getUser, { batchsize: 2 });
// @ts-expect-error: a window needs its size
Batch.window({ every: "1 second" });
