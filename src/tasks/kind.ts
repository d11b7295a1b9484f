/**
 * Kinds of work, as data.
 *
 * @module
 */
import type * as Effect from "effect/Effect";
import type * as Schedule from "effect/Schedule";
import type * as Schema from "effect/Schema";
import type { Quota } from "../limiter/mod.ts";
import type { Progress } from "./status.ts";

/** A kind of work as data: known by `Name`, given a `Payload`, ending with an `A` or failing with an `E`. */
export interface Kind<
  out Name extends string,
  in out Payload,
  in out A,
  in out E,
> {
  /** What stores and lists call it. Renaming it orphans what is stored. */
  readonly name: Name;
  /** How the payload is stored. */
  readonly payload: Schema.Codec<Payload, unknown>;
  /** How the result is stored. */
  readonly success: Schema.Codec<A, unknown>;
  /** How the failure is stored. */
  readonly error: Schema.Codec<E, unknown>;
  /** What holds for each. */
  readonly options: Options<Payload, E>;
}

/** A kind of work, whatever it is given and gives. */
export interface Any {
  /** What stores and lists call it. */
  readonly name: string;
  /** How the payload is stored. */
  readonly payload: Codec;
  /** How the result is stored. */
  readonly success: Codec;
  /** How the failure is stored. */
  readonly error: Codec;
}

/** One attempt, as its handler sees it. */
export interface Run {
  /** Which task. */
  readonly id: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** Says how far it is. Kept with the task, sent to whoever watches; the last one wins. */
  readonly progress: (progress: Progress) => Effect.Effect<void>;
}

/** What holds for every task of a kind. */
export interface Options<Payload, E> {
  /** When a failing task is tried again; it is scheduled meanwhile, on no worker. Never if omitted. Defects are not tried again. */
  readonly retry?: Schedule.Schedule<unknown, E> | undefined;
  /** How often a task is begun at most, crashes of the process included; 10 if omitted. Then it has failed. */
  readonly maxAttempts?: number | undefined;
  /** Tasks of one lane share limits that hold over all processes. No lanes if omitted. */
  readonly lane?: Lane<Payload> | undefined;
}

/** Limits of the tasks that share a key. */
export interface Lane<in Payload> {
  /** Which lane a task is in. */
  readonly key: (payload: Payload) => string;
  /** How many of a lane run at once. No bound if omitted. */
  readonly concurrency?: number | undefined;
  /** How many of a lane may begin, and when. No limit if omitted. */
  readonly quota?: Quota.Quota | undefined;
}

/** A schema that needs no services. */
export type Codec = Schema.Codec<unknown, unknown>;

/** The type behind a schema, or behind the fields of a struct. */
export type TypeOf<S extends Codec | Schema.Struct.Fields> = S extends
  Schema.Struct.Fields ? Schema.Struct<S>["Type"]
  : S extends Codec ? S["Type"]
  : never;
