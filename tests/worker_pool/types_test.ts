import { Limiter, Quota, WorkerPool } from "@weir/weir";
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { strictEqual } from "node:assert/strict";
import { sameType } from "../support/same_type.ts";

class Service extends Context.Service<Service, string>()("test/Service") {}

const job: Effect.Effect<number, "Failed", Service> = Effect.as(Service, 1);

class Upstream extends Limiter.Service<Upstream>()("test/Upstream") {}
class Mail extends Context.Service<Mail, WorkerPool.Service>()("test/Mail") {
  static readonly layer = Layer.effect(this, WorkerPool.make({ workers: 2 }));
}

Deno.test("run() and submit() infer value, errors and services, and add the errors of their options alone", () => {
  const run = job.pipe(WorkerPool.run());
  sameType<
    typeof run,
    Effect.Effect<number, "Failed", Service | WorkerPool.WorkerPool>
  >();
  const patient = job.pipe(WorkerPool.run({ maxWait: 0, priority: 2 }));
  sameType<
    typeof patient,
    Effect.Effect<
      number,
      "Failed" | Limiter.WaitTimeout,
      Service | WorkerPool.WorkerPool
    >
  >();
  const submitted = WorkerPool.submit(job, { cost: 2 });
  sameType<
    typeof submitted,
    Effect.Effect<
      WorkerPool.Job<number, "Failed" | Limiter.CostExceedsLimit>,
      Limiter.CostExceedsLimit,
      Service | WorkerPool.WorkerPool
    >
  >();
  const plain = job.pipe(WorkerPool.submit());
  sameType<
    typeof plain,
    Effect.Effect<
      WorkerPool.Job<number, "Failed">,
      never,
      Service | WorkerPool.WorkerPool
    >
  >();
});

Deno.test("run() refuses a misspelt option", () => {
  // @ts-expect-error -- the option is called maxWait
  job.pipe(WorkerPool.run({ maxwait: 1, cost: 1 }));
  // @ts-expect-error -- the option is called maxWait
  WorkerPool.run(job, { maxwait: 1 });
});

Deno.test("layer() asks for a limiter, whichever it is, and make() serves further keys", async () => {
  const ofUpstream = WorkerPool.layer({ workers: 8 }).pipe(
    Layer.provide(Layer.effect(Limiter.Limiter, Upstream)),
  );
  sameType<
    typeof ofUpstream,
    Layer.Layer<WorkerPool.WorkerPool, never, Upstream>
  >();
  sameType<typeof Mail.layer, Layer.Layer<Mail, never, Limiter.Limiter>>();

  const both = Effect.zipWith(
    Effect.flatMap(Mail, (mail) => mail.run(Effect.succeed("mail"))),
    WorkerPool.run(Effect.succeed("upstream")),
    (a, b) => `${a}, ${b}`,
  );
  const live = Layer.merge(
    Mail.layer.pipe(Layer.provide(Limiter.layerUnlimited)),
    ofUpstream.pipe(
      Layer.provide(
        Upstream.layer(Quota.slidingWindow({ limit: 1, window: "1 second" })),
      ),
    ),
  );
  strictEqual(
    await Effect.runPromise(Effect.provide(both, live)),
    "mail, upstream",
  );
});
