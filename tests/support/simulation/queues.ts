/**
 * Models of queues whose long-run means are known exactly.
 *
 * @module
 */
import { Limiter, WorkerPool } from "@weir/weir";
import { Monitor, Simulation, Workload } from "@weir/weir/simulation";
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Stream from "effect/Stream";

/** Customers that come once a second on average, and so many servers that are offered so much work a second. */
export interface Open {
  readonly kind: "queue" | "loss";
  readonly servers: number;
  readonly load: number;
  readonly service: "exponential" | "constant";
  /** Ends when so many were served; never if omitted. */
  readonly customers?: number;
}

/** Customers that go round: they think for so long, and are served at one station after the other. */
export interface Closed {
  readonly kind: "closed";
  readonly customers: number;
  readonly thinking: number;
  /** How long one is served at each station on average, in seconds. */
  readonly stations: readonly [number, number];
}

const gap = Workload.exponential("1 second");

const poolOf = (workers: number) =>
  WorkerPool.layer({ workers, capacity: 1_000_000 }).pipe(
    Layer.provide(Limiter.layerUnlimited),
  );

const open = ({ customers, kind, load, servers, service }: Open) => {
  const work = Workload[service](1000 * load);
  const arrivals = Workload.arrivals("customers", gap);
  return (customers === undefined ? arrivals : Stream.take(arrivals, customers))
    .pipe(
      Workload.serve(() =>
        Workload.sleep("work", work).pipe(
          WorkerPool.run(kind === "loss" ? { maxWait: 0 } : {}),
          Monitor.time("response"),
          Effect.catchTag("WaitTimeout", () => Monitor.count("lost")),
        )
      ),
      Effect.provide(poolOf(servers)),
    );
};

class First extends Context.Service<First, WorkerPool.Service>()("First") {}
class Second extends Context.Service<Second, WorkerPool.Service>()("Second") {}

const station = { workers: 1 };

const closed = ({ customers, stations, thinking }: Closed) => {
  const [one, other] = stations.map((mean) =>
    Workload.exponential(1000 * mean)
  );
  const think = Workload.exponential(1000 * thinking);
  const round = Effect.gen(function* () {
    yield* Workload.sleep("thinking", think);
    yield* (yield* First).run(Workload.sleep("first", one!));
    yield* (yield* Second).run(Workload.sleep("second", other!));
    yield* Monitor.count("rounds");
  });
  return Effect.all(
    Array.from({ length: customers }, () => Effect.forever(round)),
    { concurrency: "unbounded", discard: true },
  ).pipe(
    Effect.provide([
      Layer.effect(First, WorkerPool.make({ ...station, name: "first" })),
      Layer.effect(Second, WorkerPool.make({ ...station, name: "second" })),
    ]),
    Effect.provide(Limiter.layerUnlimited),
  );
};

/** All of them. */
export const model: Simulation.Model<Open | Closed> = Simulation.model(
  (point: Open | Closed) =>
    point.kind === "closed" ? closed(point) : open(point),
  { module: import.meta.url },
);

/** How likely a customer is to find all servers busy, of those that leave then (Erlang's B formula). */
export function erlangB(servers: number, load: number): number {
  let blocked = 1;
  for (let n = 1; n <= servers; n++) {
    blocked = load * blocked / (n + load * blocked);
  }
  return blocked;
}

/** How long customers stay on average, in seconds, with exponential service: Erlang's C formula. */
export function responseMMc(servers: number, load: number): number {
  const blocked = erlangB(servers, load);
  const waits = servers * blocked / (servers - load * (1 - blocked));
  return load + waits * load / (servers - load);
}

/** The same with one server and constant service: the formula of Pollaczek and Khinchine. */
export function responseMD1(load: number): number {
  return load + load ** 2 / (2 * (1 - load));
}

/** How many rounds a closed network makes in a second, by mean-value analysis (Reiser and Lavenberg, 1980). */
export function rounds({ customers, stations, thinking }: Closed): number {
  let queues = stations.map(() => 0);
  let rate = 0;
  for (let n = 1; n <= customers; n++) {
    const stays = stations.map((mean, i) => mean * (1 + queues[i]!));
    rate = n / (thinking + stays.reduce((sum, stay) => sum + stay, 0));
    queues = stays.map((stay) => rate * stay);
  }
  return rate;
}
