/**
 * All that a run depends on besides its program, read from options, and as a trace.
 *
 * @module
 */
import type * as Duration from "effect/Duration";
import { millis, refuse, whole } from "../internal/check.ts";
import { Chance } from "./chance.ts";
import {
  type Deviation,
  Exploration,
  PriorityWay,
  RandomWay,
  SteeredWay,
} from "./exploration.ts";
import type { Faults, Limits, Options, Strategy, Trace } from "./model.ts";
import { LiveOrder, type Order } from "./order.ts";

/** Which way a run takes. */
export type Steering =
  | { readonly by: "live" }
  | { readonly by: "random" | "preemptive" }
  | { readonly by: "pct"; readonly depth: number; readonly length: number }
  | { readonly by: "steps"; readonly deviations: ReadonlyArray<Deviation> };

/** What leads to a run. Times are in milliseconds. */
export interface Plan {
  readonly seed: number;
  readonly steering: Steering;
  readonly timerJitter: number;
  readonly stepCost: number;
  readonly faults:
    | { readonly chance: number; readonly until: number }
    | undefined;
}

/** Where a run is stopped. */
export interface Bounds {
  readonly maxTime: number;
  readonly maxSteps: number;
  readonly leaksFail: boolean;
}

const day = 86_400_000;
const preemption = 0.1;
/** How many operations a run has, as long as nobody knows. */
const usualLength = 1000;

export function readBounds(limits: Limits): Bounds {
  const { leaks = "fail", maxSteps = 100_000, maxTime = day } = limits;
  if (leaks !== "fail" && leaks !== "allow") {
    refuse("leaks", '"fail" or "allow"', leaks);
  }
  return {
    maxTime: millis("maxTime", maxTime),
    maxSteps: whole("maxSteps", maxSteps, 1),
    leaksFail: leaks === "fail",
  };
}

export function readPlan(options: Options): Plan {
  const { seed = 1, strategy = "live", timerJitter = 0, stepCost = 0 } =
    options;
  return {
    seed: whole("seed", seed, 0),
    steering: readStrategy("strategy", strategy),
    timerJitter: finiteMillis("timerJitter", timerJitter),
    stepCost: finiteMillis("stepCost", stepCost),
    faults: options.faults && readFaults(options.faults),
  };
}

/** The way of a single run. Of all ways with few deviations it is the one without any. */
export function readStrategy(option: string, strategy: Strategy): Steering {
  switch (strategy) {
    case "live":
    case "random":
    case "preemptive":
      return { by: strategy };
  }
  if (typeof strategy === "object" && strategy !== null) {
    if ("pct" in strategy) {
      const depth = whole(`${option}.pct`, strategy.pct, 1);
      return { by: "pct", depth, length: usualLength };
    }
    if ("exhaustive" in strategy) {
      whole(`${option}.exhaustive`, strategy.exhaustive, 0);
      return { by: "steps", deviations: [] };
    }
  }
  return refuse(
    option,
    '"live", "random", "preemptive", { pct } or { exhaustive }',
    typeof strategy === "string" ? strategy : JSON.stringify(strategy),
  );
}

function readFaults({ chance = 0.25, until = Infinity }: Faults) {
  if (!(chance >= 0 && chance <= 1)) {
    refuse("faults.chance", "a number from 0 to 1", chance);
  }
  return { chance, until: millis("faults.until", until) };
}

function finiteMillis(option: string, value: Duration.Input): number {
  const ms = millis(option, value);
  return ms < Infinity ? ms : refuse(option, "finite", value);
}

/** The order that a way leads to. */
export function orderOf(
  { seed, steering }: Plan,
  offer?: (deviation: Deviation) => void,
): { readonly order: Order; readonly way?: SteeredWay } {
  const chance = () => new Chance(seed, "order");
  switch (steering.by) {
    case "live":
      return { order: new LiveOrder() };
    case "random":
      return { order: new Exploration(new RandomWay(chance(), 0)) };
    case "preemptive":
      return { order: new Exploration(new RandomWay(chance(), preemption)) };
    case "pct": {
      const { depth, length } = steering;
      return {
        order: new Exploration(new PriorityWay(chance(), depth, length)),
      };
    }
    case "steps": {
      const way = new SteeredWay(steering.deviations, offer);
      return { order: new Exploration(way), way };
    }
  }
}

/** A plan as text: `random?seed=7`, `steps?seed=7&preempt=2:3&pick=4:1`. */
export function writeTrace(plan: Plan): Trace {
  const { faults, seed, steering, stepCost, timerJitter } = plan;
  const words = [`seed=${seed}`];
  if (steering.by === "pct") {
    words.push(`depth=${steering.depth}`, `length=${steering.length}`);
  }
  if (steering.by === "steps") {
    for (const deviation of steering.deviations) {
      words.push(
        "choice" in deviation
          ? `pick=${deviation.decision}:${deviation.choice}`
          : `preempt=${deviation.fiber}:${deviation.operation}`,
      );
    }
  }
  if (timerJitter > 0) words.push(`timerJitter=${timerJitter}`);
  if (stepCost > 0) words.push(`stepCost=${stepCost}`);
  if (faults) {
    words.push(`faults=${faults.chance}`);
    if (faults.until < Infinity) words.push(`until=${faults.until}`);
  }
  return `${steering.by}?${words.join("&")}`;
}

/** Reads what {@linkcode writeTrace} has written. */
export function readTrace(trace: Trace): Plan {
  const fail = (): never => refuse("trace", "the trace of a run", trace);
  const [by, text] = String(trace).split("?");
  if (text === undefined) fail();
  const words = new URLSearchParams(text);
  const number = (name: string, otherwise?: number): number => {
    const word = words.get(name);
    if (word === null) return otherwise ?? fail();
    const value = Number(word);
    return word !== "" && value >= 0 ? value : fail();
  };
  const pair = (word: string): readonly [number, number] => {
    const [, a, b] = /^(\d+):(\d+)$/.exec(word) ?? fail();
    return [Number(a), Number(b)];
  };
  const steering = (): Steering => {
    switch (by) {
      case "live":
      case "random":
      case "preemptive":
        return { by };
      case "pct":
        return { by, depth: number("depth"), length: number("length") };
      case "steps":
        return {
          by,
          deviations: [...words].flatMap(([name, word]): Array<Deviation> => {
            if (name === "pick") {
              const [decision, choice] = pair(word);
              return [{ decision, choice }];
            }
            if (name !== "preempt") return [];
            const [fiber, operation] = pair(word);
            return [{ fiber, operation }];
          }),
        };
      default:
        return fail();
    }
  };
  return {
    seed: number("seed"),
    steering: steering(),
    timerJitter: number("timerJitter", 0),
    stepCost: number("stepCost", 0),
    faults: words.has("faults")
      ? { chance: number("faults"), until: number("until", Infinity) }
      : undefined,
  };
}
