/**
 * A service of tasks on a database until its input ends. Without a database it makes one, and removes it in the end.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { DenoSqlite } from "@weir/weir/deno";
import { TaskStore } from "@weir/weir/tasks";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { service } from "../../tasks/api_served.ts";

const folder = Effect.acquireRelease(
  Effect.promise(() => Deno.makeTempDir()),
  (path) => Effect.promise(() => Deno.remove(path, { recursive: true })),
);

const [given] = Deno.args;

const program = Effect.gen(function* () {
  const database = given ?? `${yield* folder}/tasks.db`;
  const store = TaskStore.layerSql().pipe(
    Layer.provide(DenoSqlite.layer({ filename: database })),
    Layer.orDie,
  );
  const { url } = yield* service({ store });
  console.log(JSON.stringify({ database, url }));
  yield* Effect.promise(() => new Response(Deno.stdin.readable).text());
});

await Effect.runPromise(Effect.scoped(program));
