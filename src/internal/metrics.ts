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
import { CurrentMonitors, type Monitors } from "./monitors.ts";

type Attributes = Metric.Metric.AttributeSet;

/** One metric of a kind of service. */
export type Measure<in S> = (place: Place, alive: ReadonlySet<S>) => Series<S>;

/** Where the metrics of services of one name are shown. */
interface Place {
  readonly attributes: Attributes;
  readonly context: Context.Context<never>;
  readonly monitors: Monitors | undefined;
  /** What monitors call a metric. */
  readonly called: (id: string) => string;
}

/** One metric of the services of one name. */
interface Series<in S> {
  /** A service begins. */
  readonly add?: (begun: S) => void;
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
  return (place, alive) => {
    const { attributes, called, context, monitors } = place;
    const metric = Metric.gauge(id, { description, attributes });
    const value = () => {
      let value = 0;
      for (const service of alive) value += read(service);
      return value;
    };
    const unregister = register(metric, context, () => ({ value: value() }));
    const unwatch = monitors?.watchLevel(called(id), value);
    return { keep: constVoid, remove: both(unregister, unwatch) };
  };
}

/** A number that only goes up. */
export function counter<S>(
  id: string,
  description: string,
  read: (service: S) => number,
): Measure<S> {
  return (place, alive) => {
    const { attributes, called, context, monitors } = place;
    const incremental = true;
    const metric = Metric.counter(id, { description, attributes, incremental });
    let kept = 0;
    const count = () => {
      let count = kept;
      for (const service of alive) count += read(service);
      return count;
    };
    const keep = (ended: S) => {
      kept += read(ended);
    };
    const unregister = register(
      metric,
      context,
      () => ({ count: count(), incremental }),
    );
    const unwatch = monitors?.watchCount(called(id), count);
    return { keep, remove: both(unregister, unwatch) };
  };
}

/** Times in seconds, in a histogram of these bounds, and how often it was no time at all, which nobody recorded. */
export function times<S>(
  id: string,
  description: string,
  boundaries: ReadonlyArray<number>,
  recorded: (service: S) => Histogram,
  zerosOf: (service: S) => number = () => 0,
): Measure<S> {
  return (place, alive) => {
    const { attributes, called, context, monitors } = place;
    const metric = Metric.histogram(id, {
      description,
      // Exporters take the unit from here; Prometheus has it in the name.
      attributes: { ...attributes, unit: "seconds" },
      boundaries,
    });
    let kept = new Histogram(boundaries).state(0);
    let zeros = 0;
    const stateOf = (service: S) => recorded(service).state(zerosOf(service));
    const get = () => {
      let state = kept;
      for (const service of alive) state = merged(state, stateOf(service));
      return state;
    };
    const keep = (ended: S) => {
      kept = merged(kept, stateOf(ended));
      zeros += zerosOf(ended);
    };
    const unregister = register(metric, context, get);
    if (monitors === undefined) return { keep, remove: unregister };
    const name = called(id);
    const unwatch = monitors.watchZeros(name, () => {
      let sum = zeros;
      for (const service of alive) sum += zerosOf(service);
      return sum;
    });
    const add = (service: S) => {
      recorded(service).onRecord = (value) => monitors.tally(name, value);
    };
    return { add, keep, remove: both(unregister, unwatch) };
  };
}

/** The metrics of a kind of service. */
export class Metrics<S> {
  private readonly groups = new WeakMap<
    Metric.MetricRegistry,
    Map<string, Group<S>>
  >();

  /** Their names begin with `weir_` and the name of the room. */
  constructor(
    private readonly room: string,
    private readonly measures: ReadonlyArray<Measure<S>>,
  ) {}

  /**
   * Shows what a service counts, in the registry of its context, until its scope closes. Monitors know it by its room, and by
   * what tells it from others there.
   */
  show(
    service: S,
    attributes: Attributes,
    label?: string,
  ): Effect.Effect<void, never, Scope.Scope> {
    return Effect.acquireRelease(
      Effect.withFiber((fiber) =>
        Effect.succeed(this.join(service, attributes, fiber.context, label))
      ),
      (leave) => Effect.sync(leave),
    );
  }

  private join(
    service: S,
    attributes: Attributes,
    context: Context.Context<never>,
    label: string | undefined,
  ): () => void {
    const groups = this.groupsIn(Context.get(context, Metric.MetricRegistry));
    const current = Context.get(context, Metric.CurrentMetricAttributes);
    const key = JSON.stringify(
      Object.entries({ ...attributes, ...current }).sort(),
    );
    const group = groups.get(key) ?? this.group(attributes, context, label);
    const { alive, series } = group;
    groups.set(key, group);
    for (const { add } of series) add?.(service);
    alive.add(service);
    return () => {
      if (alive.size > 1) {
        for (const { keep } of series) keep(service);
      } else {
        groups.delete(key);
        for (const { remove } of series) remove();
      }
      alive.delete(service);
    };
  }

  private group(
    attributes: Attributes,
    context: Context.Context<never>,
    label: string | undefined,
  ): Group<S> {
    const alive = new Set<S>();
    const { room } = this;
    const service = label === undefined ? room : `${room}[${label}]`;
    const place = {
      attributes,
      context,
      monitors: Context.get(context, CurrentMonitors),
      called: (id: string) => `${service}.${bare(id, room)}`,
    };
    return {
      alive,
      series: this.measures.map((measure) => measure(place, alive)),
    };
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

/** `wait` for `weir_pool_wait_seconds`. */
function bare(id: string, room: string): string {
  return id.slice(`weir_${room}_`.length).replace(/_(?:seconds|total)$/, "");
}

function both(one: () => void, other: (() => void) | undefined): () => void {
  if (other === undefined) return one;
  return () => {
    one();
    other();
  };
}
