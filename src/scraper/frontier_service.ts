/**
 * What a frontier can do.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Data from "effect/Data";
import type * as Effect from "effect/Effect";
import type * as Option from "effect/Option";

/** A URL to visit. */
export interface Entry {
  /** In normal form: two entries are of one page if their URLs are the same text. */
  readonly url: string;
  /** Whose turn and pace it goes by. */
  readonly host: string;
  /** How many links away from the start: a whole number, at least 0. */
  readonly depth: number;
  /** Of one host, a higher one goes first: a finite number, 0 if omitted. What is given out has it always. */
  readonly priority?: number | undefined;
  /** How many redirects led here, one after another: a whole number, 0 if omitted. What is given out has it always. */
  readonly redirects?: number | undefined;
  /** The page that linked here first. */
  readonly referrer: string | undefined;
}

/** How many URLs there are. */
export interface Size {
  /** URLs that wait. Those on their way are not among them. */
  readonly pending: number;
  /** URLs that were ever added. */
  readonly seen: number;
}

/** Raised where a frontier that lasts could not be read or written. Nothing was changed, except where the connection broke on commit. */
export class FrontierError extends Data.Error<{
  /** What went wrong below. */
  readonly cause: unknown;
}> {
  /** Selects this error in `Effect.catchTag`. */
  readonly _tag = "FrontierError";
  /** Names this error in logs. */
  override get name(): "FrontierError" {
    return "FrontierError";
  }
  /** What went wrong. */
  override get message(): string {
    const { cause } = this;
    return `Frontier: ${cause instanceof Error ? cause.message : cause}`;
  }
}

/**
 * Keeps URLs, each once. Every operation is one atomic step, and takes no longer for what waits: at most as its logarithm.
 */
export interface Service {
  /**
   * Adds the URLs that were not seen before, in order, as far as there is room. Says how many were added. One that was seen
   * stays as it was added first. Dies with a `RangeError`, and adds nothing, where a number or a text is none that can be kept.
   */
  readonly add: (
    entries: ReadonlyArray<Entry>,
  ) => Effect.Effect<number, FrontierError>;
  /**
   * The next URL of some host that is not in `busy`. It is on its way until `done`.
   *
   * Hosts take turns: of those that have something waiting, the one goes first whose last turn is longest ago; one that comes to
   * wait, for the first time or again, stands behind all others. A host that is passed for being busy keeps its place. So a host
   * that is not busy waits for no more turns than there are hosts. Within a host, higher priorities go first, then shallower
   * ones, then those that were added earlier.
   *
   * Looks at each host in `busy` once, at most.
   */
  readonly next: (
    busy: ReadonlySet<string>,
  ) => Effect.Effect<Option.Option<Entry>, FrontierError>;
  /** Ends the visit of a URL; does nothing for one that is not on its way. */
  readonly done: (url: string) => Effect.Effect<void, FrontierError>;
  /**
   * Has what is on its way wait again, each URL where it stood: for who goes on where somebody was stopped, and cannot say
   * `done`.
   */
  readonly recover: Effect.Effect<void, FrontierError>;
  /** How many URLs there are. */
  readonly size: Effect.Effect<Size, FrontierError>;
}

const /** @internal */ Key: Context.ServiceClass<
  Frontier,
  "@weir/weir/Frontier",
  Service
> = Context.Service<Frontier, Service>()("@weir/weir/Frontier");

/** Where a crawler keeps its way. */
export class Frontier extends Key {}

/** How much a frontier holds. */
export interface Options {
  /**
   * How many URLs are remembered, those that were visited included: a whole number, 1,000,000 if omitted. Further ones are not
   * added.
   */
  readonly capacity?: number | undefined;
}
