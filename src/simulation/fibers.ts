/**
 * What a run knows of its fibers.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import type * as Fiber from "effect/Fiber";
import type * as References from "effect/References";
import type { FiberInfo } from "./model.ts";
import { type Part, waitOf } from "./labels.ts";

/** What a fiber waits in that is ready. */
export const ready = "nothing, it is ready";

/** Any fiber. */
export type AnyFiber = Fiber.Fiber<unknown, unknown>;

/** What a run knows of a fiber. */
export class FiberState {
  /** The run's count of operations when this fiber made its last one. */
  op = -1;
  /** How many operations it has made. */
  operations = 0;
  /** What it waits in, unless it is ready. */
  waitsIn: Part | undefined;
  /** Since when it is so, in milliseconds. */
  since: number;
  /** Its place under priorities; set by those who use it. */
  priority: number | undefined;
  /** What it made ready last, while that is. */
  latest: ReadyTask | undefined;
  private readonly bornIn: unknown;
  private readonly bornUnder: unknown;

  constructor(
    readonly id: number,
    readonly fiber: AnyFiber,
    now: number,
  ) {
    this.since = now;
    this.bornIn = fiber.cache.stackFrame;
    this.bornUnder = fiber.cache.span;
  }

  get hasEnded(): boolean {
    return this.fiber.pollUnsafe() !== undefined;
  }

  /** The functions and spans that it entered itself, outermost first. */
  get name(): string | undefined {
    const { stackFrame, span } = this.fiber.cache;
    const names: Array<string> = [];
    let frame: References.StackFrame | undefined = stackFrame;
    for (; frame && frame !== this.bornIn; frame = frame.parent) {
      if (!frame.name.endsWith(definition)) names.unshift(frame.name);
    }
    if (
      span?._tag === "Span" && span !== this.bornUnder &&
      !names.includes(span.name)
    ) names.push(span.name);
    return names.length === 0 ? undefined : names.join(" > ");
  }

  /** Where the functions and spans that it is in were called, innermost first, one a line. */
  get places(): string {
    const lines: Array<string> = [];
    for (
      let frame = this.fiber.cache.stackFrame;
      frame !== undefined && lines.length < mostPlaces;
      frame = frame.parent
    ) {
      const [place] = /\w+:[^\s()]+:\d+:\d+/.exec(frame.stack() ?? "") ?? [];
      if (place !== undefined) lines.push(`at ${frame.name} (${place})`);
    }
    return lines.join("\n");
  }

  get info(): FiberInfo {
    const { name } = this;
    return {
      id: this.id,
      ...(name !== undefined && { name }),
      waitsIn: this.waitsIn === undefined ? ready : waitOf(this.waitsIn),
      since: Duration.millis(this.since),
    };
  }
}

/** Ends the name of the frame that says where an `Effect.fn` was defined. */
const definition = " (definition)";

const mostPlaces = 5;

/** Something that is ready, and what is known of where it came from. */
export class ReadyTask {
  /** Its place under priorities; set by those who use it. */
  priority: number | undefined;

  constructor(
    readonly run: () => void,
    private readonly owner: FiberState | undefined,
    private readonly from: FiberState | undefined,
    private readonly fromOperation: number,
  ) {}

  /**
   * The fiber that it lets go on, as far as it is known: it may be some that wait for the same. What a fiber made ready by its
   * last operation before it went to wait is itself.
   */
  get fiber(): FiberState | undefined {
    if (this.owner !== undefined) return this.owner;
    const { from } = this;
    return from?.op === this.fromOperation && !from.hasEnded ? from : undefined;
  }
}

const key = Symbol("weir/simulation/fiber");

/** Marks a fiber with what a run knows of it. */
export function mark(fiber: object, state: FiberState): void {
  (fiber as { [key]?: FiberState })[key] = state;
}

/** What a run knows of a fiber; nothing of one from outside. */
export function stateOf(fiber: object | undefined): FiberState | undefined {
  return (fiber as { [key]?: FiberState } | undefined)?.[key];
}

/** The fibers of a run that have not ended, and some that have. */
export class Population {
  private states: Array<FiberState> = [];
  private pruneAt = 1024;
  /** How many there were. */
  count = 0;

  add(state: FiberState): void {
    this.count++;
    this.states.push(state);
    if (this.states.length < this.pruneAt) return;
    this.states = this.alive;
    this.pruneAt = 2 * this.states.length + 1024;
  }

  get alive(): Array<FiberState> {
    return this.states.filter((state) => !state.hasEnded);
  }
}
