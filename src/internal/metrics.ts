/**
 * What services count, as metrics of Effect.
 *
 * A service counts in plain fields. They are read when somebody takes a snapshot, and cost nothing until then. Services of one
 * name and registry are one series: the sum of those that are alive, and of what those counted that ended meanwhile. It is
 * gone with the last of them, so a registry holds what is alive and no more.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import { constVoid } from "effect/Function";
import * as Metric from "effect/Metric";
import type * as Scope from "effect/Scope";
import { Histogram, merged } from "./histogram.ts";

type Attributes = Metric.Metric.AttributeSet;

/** One metric of a kind of service. */
export type Measure<in S> = (
  attributes: Attributes,
  context: Context.Context<never>,
  alive: ReadonlySet<S>,
) => Series<S>;

/** One metric of the services of one name. */
interface Series<in S> {
  /** Keeps what a service counted that ends while others go on. */
  readonly keep: (ended: S) => void;
  /** Takes the metric out of its registry. */
  readonly remove: () => void;
}

/** The services of one name. */
interface Group<S> {
  readonly alive: Set<S>;
  readonly series: ReadonlyArray<Series<S>>;
}

/** A number that goes up and down. */
export function gauge<S>(
  id: string,
  description: string,
  read: (service: S) => number,
): Measure<S> {
  return (attributes, context, alive) => {
    const metric = Metric.gauge(id, { description, attributes });
    const get = () => {
      let value = 0;
      for (const service of alive) value += read(service);
      return { value };
    };
    return { keep: constVoid, remove: register(metric, context, get) };
  };
}

/** A number that only goes up. */
export function counter<S>(
  id: string,
  description: string,
  read: (service: S) => number,
): Measure<S> {
  return (attributes, context, alive) => {
    const incremental = true;
    const metric = Metric.counter(id, { description, attributes, incremental });
    let kept = 0;
    const get = () => {
      let count = kept;
      for (const service of alive) count += read(service);
      return { count, incremental };
    };
    const keep = (ended: S) => {
      kept += read(ended);
    };
    return { keep, remove: register(metric, context, get) };
  };
}

/** Times in seconds, in a histogram of these bounds. */
export function times<S>(
  id: string,
  description: string,
  boundaries: ReadonlyArray<number>,
  read: (service: S) => Metric.HistogramState,
): Measure<S> {
  return (attributes, context, alive) => {
    const metric = Metric.histogram(id, {
      description,
      // Exporters take the unit from here; Prometheus has it in the name.
      attributes: { ...attributes, unit: "seconds" },
      boundaries,
    });
    let kept = new Histogram(boundaries).state(0);
    const get = () => {
      let state = kept;
      for (const service of alive) state = merged(state, read(service));
      return state;
    };
    const keep = (ended: S) => {
      kept = merged(kept, read(ended));
    };
    return { keep, remove: register(metric, context, get) };
  };
}

/** The metrics of a kind of service. */
export class Metrics<S> {
  private readonly groups = new WeakMap<
    Metric.MetricRegistry,
    Map<string, Group<S>>
  >();

  constructor(private readonly measures: ReadonlyArray<Measure<S>>) {}

  /** Shows what a service counts, in the registry of its context, until its scope closes. */
  show(
    service: S,
    attributes: Attributes,
  ): Effect.Effect<void, never, Scope.Scope> {
    return Effect.acquireRelease(
      Effect.withFiber((fiber) =>
        Effect.succeed(this.join(service, attributes, fiber.context))
      ),
      (leave) => Effect.sync(leave),
    );
  }

  private join(
    service: S,
    attributes: Attributes,
    context: Context.Context<never>,
  ): () => void {
    const groups = this.groupsIn(Context.get(context, Metric.MetricRegistry));
    const current = Context.get(context, Metric.CurrentMetricAttributes);
    const key = JSON.stringify(
      Object.entries({ ...attributes, ...current }).sort(),
    );
    const group = groups.get(key) ?? this.group(attributes, context);
    const { alive, series } = group;
    groups.set(key, group);
    alive.add(service);
    return () => {
      alive.delete(service);
      if (alive.size > 0) {
        for (const { keep } of series) keep(service);
      } else {
        groups.delete(key);
        for (const { remove } of series) remove();
      }
    };
  }

  private group(
    attributes: Attributes,
    context: Context.Context<never>,
  ): Group<S> {
    const alive = new Set<S>();
    const series = this.measures.map((measure) =>
      measure(attributes, context, alive)
    );
    return { alive, series };
  }

  private groupsIn(registry: Metric.MetricRegistry): Map<string, Group<S>> {
    let groups = this.groups.get(registry);
    if (groups === undefined) this.groups.set(registry, groups = new Map());
    return groups;
  }
}

function register<State>(
  metric: Metric.Metric<number, State>,
  context: Context.Context<never>,
  get: () => State,
): () => void {
  const hooks = { get, update: constVoid, modify: constVoid };
  return Metric.registerUnsafe(metric, context, hooks).remove;
}
