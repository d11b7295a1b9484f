/**
 * Keeps what happens in a run, for people.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import * as Exit from "effect/Exit";
import * as Logger from "effect/Logger";
import type { Listeners } from "./execution.ts";
import { type FiberState, stateOf } from "./fibers.ts";
import { labelOf, type Part, waitOf } from "./labels.ts";
import { show } from "./show.ts";
import { kindOf, thunkOf, tracing } from "./tracing.ts";
import type { Witness } from "./world.ts";

/** What a fiber did at one time, while no other did anything. */
export interface Scene {
  /** In milliseconds. */
  readonly time: number;
  readonly fiber: FiberState;
  /** Whether it went on only because of a deviation. */
  readonly deviates: boolean;
  readonly deeds: Array<Deed>;
  /** How many deeds are left out in the middle. */
  gap: number;
}

/** What a fiber did, and how often in a row. */
export interface Deed {
  readonly text: string;
  times: number;
}

/** How many scenes are kept of the beginning, and of the end. */
const kept = 30;
/** The same for the deeds of a scene. */
const keptDeeds = 6;

/** Keeps scenes. */
export class Recorder implements Witness {
  readonly scenes: Array<Scene> = [];
  /** How many scenes are left out in the middle. */
  gap = 0;
  /** What fibers are called: by the outermost function or span that they enter first. */
  readonly titles: Map<FiberState, string> = new Map();
  private clock: { readonly now: number } = { now: 0 };
  private isOver = false;
  private deviates = false;
  private isPreempted = false;
  private stopped: FiberState | undefined;
  /** Fibers that were just made: one cannot be watched before it is complete, and should be before others wait for it. */
  private readonly unwatched: Array<FiberState> = [];

  /** Hears all that a run tells. */
  readonly listeners: Listeners = {
    witness: this,
    context: tracing((fiber, primitive) => {
      const state = stateOf(fiber);
      if (state !== undefined) this.does(state, primitive);
    }).pipe(Context.add(
      Logger.CurrentLoggers,
      new Set([
        Logger.make(({ fiber, logLevel, message }) => {
          const state = stateOf(fiber);
          const text = [message].flat()
            .map((part) => typeof part === "string" ? part : show(part))
            .join(" ");
          if (state) this.tell(state, `logs ${logLevel}: ${text}`);
        }),
      ]),
    )),
    deviates: (deviation) => {
      if ("fiber" in deviation) this.isPreempted = true;
      else this.deviates = true;
    },
  };

  start(clock: { readonly now: number }): void {
    this.clock = clock;
  }

  end(): void {
    this.isOver = true;
  }

  stops(state: FiberState): void {
    this.stopped = state;
    if (!this.isPreempted) return;
    this.isPreempted = false;
    this.tell(state, "lets others go first");
    this.deviates = true;
  }

  born(state: FiberState, parent: FiberState | undefined): void {
    this.unwatched.push(state);
    if (parent) this.tell(parent, `forks #${state.id}`);
  }

  sleeps(state: FiberState, millis: number): void {
    this.tell(state, `sleeps ${formatMillis(millis)}`);
  }

  waits(state: FiberState, register: Part): void {
    const label = waitOf(register);
    if (label !== "Effect.sleep") this.tell(state, `waits in ${label}`);
  }

  private does(state: FiberState, primitive: object): void {
    for (const fresh of this.unwatched.splice(0)) {
      fresh.fiber.addObserver((exit) => this.tell(fresh, ending(exit)));
    }
    const thunk = thunkOf(primitive);
    if (thunk !== undefined) {
      const label = labelOf(thunk);
      if (label !== "") this.tell(state, label);
    } else if (kindOf(primitive) === "Yield") {
      if (this.stopped === state) this.stopped = undefined;
      else this.tell(state, "yields");
    }
  }

  private tell(fiber: FiberState, text: string): void {
    if (this.isOver) return;
    const { clock: { now: time }, deviates } = this;
    let scene = this.scenes.at(-1);
    if (scene?.fiber !== fiber || scene.time !== time || deviates) {
      scene = { time, fiber, deviates, deeds: [], gap: 0 };
      this.scenes.push(scene);
      this.deviates = false;
      if (this.scenes.length > 2 * kept) {
        this.scenes.splice(kept, 1);
        this.gap++;
      }
    }
    const last = scene.deeds.at(-1);
    if (last?.text === text) last.times++;
    else scene.deeds.push({ text, times: 1 });
    if (scene.deeds.length > 2 * keptDeeds) {
      scene.deeds.splice(keptDeeds, 1);
      scene.gap++;
    }
    const { name } = fiber;
    if (name !== undefined && !this.titles.has(fiber)) {
      this.titles.set(fiber, name);
    }
  }
}

/** Milliseconds as people write them. */
export function formatMillis(millis: number): string {
  return millis < 60_000
    ? `${Math.round(millis * 1000) / 1000} ms`
    : Duration.format(Duration.millis(Math.round(millis)));
}

/** How a fiber ended. */
export function ending(exit: Exit.Exit<unknown, unknown>): string {
  if (Exit.isSuccess(exit)) {
    return exit.value === undefined ? "ends" : `ends with ${show(exit.value)}`;
  }
  return exit.cause.reasons.map((reason) => {
    switch (reason._tag) {
      case "Fail":
        return `fails: ${show(reason.error)}`;
      case "Die":
        return `dies: ${show(reason.defect)}`;
      case "Interrupt":
        return reason.fiberId === undefined
          ? "is interrupted"
          : `is interrupted by #${reason.fiberId}`;
    }
  }).join(", ");
}
