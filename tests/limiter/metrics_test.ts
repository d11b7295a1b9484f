import { KeyedLimiter, Limiter, LimiterStore, Quota } from "@weir/weir";
import { testEffect, testProperty } from "@weir/weir/testing";
import * as ConfigProvider from "effect/ConfigProvider";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as HttpClient from "effect/http/HttpClient";
import type { HttpClientRequest } from "effect/http/HttpClientRequest";
import * as HttpClientResponse from "effect/http/HttpClientResponse";
import * as Layer from "effect/Layer";
import * as Metric from "effect/Metric";
import * as OtlpMetrics from "effect/observability/OtlpMetrics";
import * as OtlpSerialization from "effect/observability/OtlpSerialization";
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics";
import * as Scope from "effect/Scope";
import * as TestClock from "effect/testing/TestClock";
import * as FastCheck from "fast-check";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { aWhile, start, sweepTest } from "../support/interrupt_sweep.ts";
import { monitored } from "../support/metrics.ts";

class Api extends Limiter.Service<Api>()("app/Api") {}
class Mail extends Limiter.Service<Mail>()("app/Mail") {}

const perSecond = (limit: number) =>
  Quota.slidingWindow({ limit, window: "1 second" });

/** Runs under a registry that nobody else has. */
const alone = Effect.provideServiceEffect(
  Metric.MetricRegistry,
  Effect.sync(() => new Map()),
);

/** What the registry shows, by name and limiter; of the waits, how many there were and their sum. */
const shown = Effect.map(
  Metric.snapshot,
  (snapshot) =>
    Object.fromEntries(snapshot.map((metric) => {
      const name = metric.id.replace("weir_limiter_", "");
      const limiter = metric.attributes?.["limiter"];
      const { state } = metric;
      return [
        `${name} ${limiter}`,
        "value" in state
          ? state.value
          : "sum" in state
          ? [state.count, state.sum]
          : "incremental" in state
          ? state.count
          : NaN,
      ];
    })),
);

const of = (
  limiter: string,
  ...[waiting, running, admitted, denied, waits]: [
    ...[number, number | undefined, number, number],
    readonly [number, number],
  ]
) => ({
  [`waiting ${limiter}`]: waiting,
  // Nobody counts it where nothing bounds it.
  ...(running !== undefined && { [`running ${limiter}`]: running }),
  [`admitted_total ${limiter}`]: admitted,
  [`denied_total ${limiter}`]: denied,
  [`wait_seconds ${limiter}`]: waits,
});

/** Builds a layer whose limiter lives until the scope closes that comes with it. */
const opened = <A>(layer: Layer.Layer<A>) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make();
    const context = yield* Layer.buildWithScope(Layer.fresh(layer), scope);
    return { context, close: Scope.close(scope, Exit.void) };
  });

testEffect(
  "a layer's limiter is in the metrics while it lives",
  Effect.gen(function* () {
    yield* Effect.gen(function* () {
      deepStrictEqual(yield* shown, of("app/Api", 0, 0, 0, 0, [0, 0]));
      const calls = Effect.sleep("5 seconds").pipe(Api.limit());
      const fiber = yield* Effect.forkChild(
        Effect.all([calls, calls, calls], { concurrency: 3 }),
      );
      yield* TestClock.adjust("1500 millis");
      const limiter = yield* Api;
      yield* Effect.exit(limiter.acquire({ cost: 3 }));
      deepStrictEqual(yield* shown, of("app/Api", 0, 3, 3, 1, [3, 1]));
      const fourth = yield* Effect.forkChild(Effect.void.pipe(Api.limit()));
      yield* Effect.yieldNow;
      deepStrictEqual(yield* shown, of("app/Api", 1, 3, 3, 1, [3, 1]));
      yield* Fiber.interrupt(fourth);
      yield* TestClock.adjust("10 seconds");
      yield* Fiber.join(fiber);
      deepStrictEqual(yield* shown, of("app/Api", 0, 0, 3, 1, [3, 1]));
    }).pipe(Effect.provide(Api.layer(perSecond(2), { concurrency: 3 })));
    deepStrictEqual(yield* shown, {});
  }).pipe(alone),
);

testEffect(
  "layerUnlimited() is in the metrics, make() is not",
  Effect.gen(function* () {
    const limiter = yield* Limiter.make(perSecond(2));
    yield* limiter.acquire();
    yield* KeyedLimiter.make(perSecond(2)).pipe(
      Effect.provide(LimiterStore.layerMemory()),
    );
    deepStrictEqual(yield* shown, {});
    yield* Effect.gen(function* () {
      yield* Effect.void.pipe(Mail.limit());
      deepStrictEqual(yield* shown, of("app/Mail", 0, undefined, 1, 0, [1, 0]));
    }).pipe(Effect.provide(Mail.layerUnlimited));
    deepStrictEqual(yield* shown, {});
  }).pipe(alone),
);

testEffect(
  "a keyed limiter is in the metrics under its name, all keys together",
  Effect.gen(function* () {
    yield* Effect.gen(function* () {
      const { for: by } = yield* KeyedLimiter.KeyedLimiter;
      const calls = Effect.sleep("1 minute");
      yield* Effect.forkChild(by("a").limit(calls));
      yield* Effect.forkChild(by("a").limit(calls));
      yield* Effect.forkChild(by("b").limit(calls));
      yield* TestClock.adjust("2 seconds");
      yield* by("b").tryAcquire();
      yield* by("b").tryAcquire();
      deepStrictEqual(
        yield* shown,
        of(KeyedLimiter.KeyedLimiter.key, 0, 3, 4, 1, [4, 1]),
      );
      deepStrictEqual(
        new Set(
          (yield* Metric.snapshot).map(({ attributes }) =>
            attributes?.["name"]
          ),
        ),
        new Set(["clients"]),
      );
    }).pipe(Effect.provide(
      KeyedLimiter.layer(perSecond(1), { name: "clients", concurrency: 2 })
        .pipe(Layer.provide(LimiterStore.layerMemory())),
    ));
    deepStrictEqual(yield* shown, {});
  }).pipe(alone),
);

testEffect(
  "what runs is in the metrics of limiters that bound it, and of no others",
  Effect.gen(function* () {
    const open = yield* opened(Api.layer(perSecond(1)));
    const bounded = yield* opened(
      Api.layer(Quota.unlimited, { concurrency: 2 }),
    );
    const call = Effect.sleep("5 seconds").pipe(Api.limit());
    yield* Effect.forkChild(Effect.provide(call, open.context));
    yield* Effect.forkChild(Effect.provide(call, bounded.context));
    yield* TestClock.adjust("1 second");
    deepStrictEqual(yield* shown, of("app/Api", 0, 1, 2, 0, [2, 0]));
    yield* bounded.close;
    deepStrictEqual(yield* shown, of("app/Api", 0, undefined, 2, 0, [2, 0]));
    yield* open.close;
    yield* Effect.gen(function* () {
      const { for: by } = yield* KeyedLimiter.KeyedLimiter;
      yield* Effect.forkChild(by("a").limit(Effect.sleep("5 seconds")));
      yield* TestClock.adjust("1 second");
      deepStrictEqual(
        yield* shown,
        of(KeyedLimiter.KeyedLimiter.key, 0, undefined, 1, 0, [1, 0]),
      );
    }).pipe(Effect.provide(KeyedLimiter.layerUnlimited));
    deepStrictEqual(yield* shown, {});
  }).pipe(alone),
);

testEffect(
  "monitors know what runs where a limiter bounds it, and nothing of it elsewhere",
  Effect.gen(function* () {
    const levels = (options?: Limiter.Options) => {
      const program = Effect.sleep("5 seconds").pipe(
        Api.limit(),
        Effect.andThen(Effect.sleep("5 seconds")),
        Effect.provide(Api.layer(perSecond(1), options)),
      );
      return Effect.map(monitored(program), ({ levels }) => levels);
    };
    const open = yield* levels();
    strictEqual(open["limiter[app/Api].waiting"]?.mean.mean, 0);
    strictEqual(open["limiter[app/Api].running"], undefined);
    const bounded = yield* levels({ concurrency: 2 });
    strictEqual(bounded["limiter[app/Api].running"]?.mean.mean, 0.5);
  }),
);

testEffect(
  "limiters of one key are one series: their sum, which never goes down while one is alive",
  Effect.gen(function* () {
    const first = yield* opened(Api.layer(perSecond(1)));
    const second = yield* opened(Api.layer(perSecond(1)));
    const call = Effect.void.pipe(Api.limit());
    const twice = yield* Effect.forkChild(
      Effect.andThen(call, call).pipe(Effect.provide(first.context)),
    );
    yield* call.pipe(Effect.provide(second.context));
    yield* Effect.yieldNow;
    deepStrictEqual(yield* shown, of("app/Api", 1, undefined, 2, 0, [2, 0]));
    yield* TestClock.adjust("1 second");
    yield* Fiber.join(twice);
    deepStrictEqual(yield* shown, of("app/Api", 0, undefined, 3, 0, [3, 1]));
    yield* first.close;
    deepStrictEqual(yield* shown, of("app/Api", 0, undefined, 3, 0, [3, 1]));
    yield* second.close;
    deepStrictEqual(yield* shown, {});
    const third = yield* opened(Api.layer(perSecond(1)));
    deepStrictEqual(yield* shown, of("app/Api", 0, undefined, 0, 0, [0, 0]));
    yield* third.close;
  }).pipe(alone),
);

/** Builds a limiter and calls it; gives what closes it. */
const called = <I, Id extends string>(
  key: Limiter.ServiceClass<I, Id>,
  calls: number,
) =>
  Effect.gen(function* () {
    const { close, context } = yield* opened(key.layerUnlimited);
    const call = Effect.void.pipe(key.limit(), Effect.provide(context));
    yield* Effect.replicateEffect(call, calls);
    return close;
  });

testProperty(
  "limiters that come and go add up, key by key, and leave nothing behind",
  FastCheck.array(
    FastCheck.record({
      key: FastCheck.constantFrom("app/Api", "app/Mail"),
      calls: FastCheck.nat({ max: 3 }),
      closes: FastCheck.boolean(),
    }),
    { maxLength: 12 },
  ),
  (steps) =>
    Effect.gen(function* () {
      const total = { "app/Api": 0, "app/Mail": 0 };
      const open: Array<
        { key: keyof typeof total; close: Effect.Effect<void> }
      > = [];
      for (const { calls, closes, key } of steps) {
        const close = yield* key === "app/Api"
          ? called(Api, calls)
          : called(Mail, calls);
        total[key] += calls;
        open.push({ key, close });
        if (closes) {
          const oldest = open.shift()!;
          yield* oldest.close;
          if (open.every(({ key }) => key !== oldest.key)) {
            total[oldest.key] = 0;
          }
        }
        const alive = [...new Set(open.map(({ key }) => key))];
        deepStrictEqual(
          yield* shown,
          Object.assign(
            {},
            ...alive.map((key) =>
              of(key, 0, undefined, total[key], 0, [total[key], 0])
            ),
          ),
        );
      }
      yield* Effect.all(open.map(({ close }) => close));
      deepStrictEqual(yield* shown, {});
    }).pipe(alone),
);

testEffect(
  "metrics take the attributes and the registry that the layer was built under",
  Effect.gen(function* () {
    const tagged = (region: string) =>
      Effect.provideService(
        opened(Api.layer(perSecond(1))),
        Metric.CurrentMetricAttributes,
        { region },
      );
    const one = yield* tagged("north");
    yield* Effect.void.pipe(Api.limit(), Effect.provide(one.context));
    yield* tagged("south");
    const counts = (yield* Metric.snapshot).flatMap((metric) =>
      metric.type === "Counter" && metric.id.includes("admitted")
        ? [[metric.attributes?.["region"], metric.state.count]]
        : []
    );
    deepStrictEqual(counts, [["north", 1], ["south", 0]]);
    deepStrictEqual(yield* alone(shown), {});
  }).pipe(alone),
);

let undone = 0;
sweepTest(
  "a turn that an interrupt gives back stays in its counter, which never goes down",
  Effect.fnUntraced(function* (watch) {
    const limiter = yield* Api;
    yield* limiter.acquire();
    const calls = Effect.replicateEffect(limiter.limit(Effect.void), 6);
    const fiber = yield* start(calls, watch);
    yield* aWhile;
    yield* TestClock.adjust("6 seconds");
    yield* Fiber.await(fiber);
    const { [`admitted_total app/Api`]: total } = yield* shown;
    const { admitted } = yield* limiter.stats;
    undone += Number(total) - admitted;
    ok(Number(total) >= admitted);
  }, (test) =>
    test.pipe(
      Effect.provide(Api.layer(perSecond(1), { concurrency: 1 })),
      alone,
    )),
  { claim: () => ok(undone > 0) },
);

testEffect(
  "Prometheus reads them",
  Effect.gen(function* () {
    const api = yield* Api;
    yield* api.acquire();
    const later = yield* Effect.forkChild(api.acquire());
    yield* TestClock.adjust("3 seconds");
    yield* Fiber.join(later);
    const text = yield* PrometheusMetrics.format();
    const lines = text.split("\n").filter((line) => !line.startsWith("# HELP"));
    const expected = [
      "# TYPE weir_limiter_waiting gauge",
      'weir_limiter_waiting{limiter="app/Api"} 0',
      "# TYPE weir_limiter_admitted_total counter",
      'weir_limiter_admitted_total{limiter="app/Api"} 2',
      "# TYPE weir_limiter_wait_seconds histogram",
      'weir_limiter_wait_seconds_bucket{limiter="app/Api",le="0"} 1',
      'weir_limiter_wait_seconds_bucket{limiter="app/Api",le="1"} 1',
      'weir_limiter_wait_seconds_bucket{limiter="app/Api",le="2.5"} 2',
      'weir_limiter_wait_seconds_bucket{limiter="app/Api",le="+Inf"} 2',
      'weir_limiter_wait_seconds_sum{limiter="app/Api"} 2',
      'weir_limiter_wait_seconds_count{limiter="app/Api"} 2',
    ];
    deepStrictEqual(expected.filter((line) => !lines.includes(line)), []);
  }).pipe(
    Effect.provide(
      Api.layer(Quota.tokenBucket({ rate: 1, per: "2 seconds", burst: 1 })),
    ),
    alone,
  ),
);

testEffect(
  "OTLP exports them, to the last where the exporter is built upon the limiter",
  Effect.gen(function* () {
    const bodies: Array<string> = [];
    const client = HttpClient.make((request) =>
      Effect.sync(() => {
        bodies.push(textOf(request));
        return HttpClientResponse.fromWeb(request, new Response("{}"));
      })
    );
    const Exporter = OtlpMetrics.layer({
      url: "http://localhost/v1/metrics",
      exportInterval: "10 seconds",
      resource: { serviceName: "tests" },
    }).pipe(
      Layer.provide(OtlpSerialization.layerJson),
      Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({}))),
      Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
    );
    yield* Effect.gen(function* () {
      yield* Effect.replicateEffect(Effect.void.pipe(Api.limit()), 2);
      yield* TestClock.adjust("10 seconds");
      yield* Effect.void.pipe(Api.limit());
    }).pipe(
      Effect.provide(
        Exporter.pipe(Layer.provideMerge(Api.layer(perSecond(2)))),
      ),
    );
    const exported = (body = "") => {
      const [{ scopeMetrics: [{ metrics }] }] = JSON.parse(body)
        .resourceMetrics;
      return Object.fromEntries(
        metrics.map((metric: { name: string }) => [metric.name, metric]),
      );
    };
    const first = exported(bodies[0]);
    const last = exported(bodies.at(-1));
    const { sum } = first.weir_limiter_admitted_total;
    strictEqual(sum.isMonotonic, true);
    strictEqual(sum.dataPoints[0].asDouble, 2);
    strictEqual(first.weir_limiter_waiting.gauge.dataPoints[0].asDouble, 0);
    const waits = first.weir_limiter_wait_seconds;
    strictEqual(waits.unit, "s");
    strictEqual(waits.histogram.dataPoints[0].count, 2);
    strictEqual(waits.histogram.dataPoints[0].bucketCounts[0], 2);
    strictEqual(last.weir_limiter_admitted_total.sum.dataPoints[0].asDouble, 3);
  }).pipe(alone),
);

function textOf({ body }: HttpClientRequest): string {
  return body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : "";
}
