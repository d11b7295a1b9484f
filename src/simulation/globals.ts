/**
 * The world outside of a run, as the code inside sees it.
 *
 * A run is one synchronous call, so nothing else can see that these are replaced.
 *
 * @module
 */
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import type { Chance } from "./chance.ts";
import type { Part } from "./labels.ts";

/** What runs. */
export interface Inside {
  /** Virtual time, in milliseconds. */
  readonly now: number;
  /** Where `Math.random` and `crypto` get their numbers. */
  readonly chance: Chance;
  /** Told that something outside was called. */
  escape(api: string): void;
  /** Told of a new fiber; gives its number. */
  enroll(fiber: object): number;
  /** Told that a fiber is about to wait. */
  waits(fiber: object, register: Part): void;
}

let inside: Inside | undefined;
/** Whether what runs has left the asynchronous context that it began in. */
let strayed = false;
let replaced = false;

/** Whether this is called from within a run. */
export function isInside(): boolean {
  return inside !== undefined;
}

/** Runs `body` as what is inside. Only within {@linkcode withGlobals}. */
export function goInside<A>(world: Inside, body: () => A): A {
  const outer = { inside, strayed };
  inside = world;
  strayed = false;
  try {
    return body();
  } finally {
    ({ inside, strayed } = outer);
  }
}

/**
 * Replaces what leads outside while `body` runs, which must be synchronous. Replacing costs far more than a small run, as it
 * throws away compiled code: do many runs within one call.
 */
export function withGlobals<A>(body: () => A): A {
  if (replaced) return body();
  const restore: Array<() => void> = [];
  replaced = true;
  try {
    for (const [object, name, value] of replacements()) {
      const own = Object.getOwnPropertyDescriptor(object, name);
      Object.defineProperty(object, name, {
        configurable: true,
        enumerable: own?.enumerable ?? false,
        ...value,
      });
      restore.push(() => {
        if (own === undefined) Reflect.deleteProperty(object, name);
        else Object.defineProperty(object, name, own);
      });
    }
    return body();
  } finally {
    for (const undo of restore) undo();
    replaced = false;
  }
}

type Replacement = readonly [object, PropertyKey, PropertyDescriptor];
type Method = (this: unknown, ...args: Array<never>) => unknown;

// The first two are Effect's own: where a fiber gets its number, and where it begins to wait. Neither is public.
const fiberPrototype: object = Object.getPrototypeOf(
  Effect.runFork(Effect.void),
);
const waitPrototype: Record<string, Method> = Object.getPrototypeOf(
  Effect.never,
);
const evaluate = "~effect/Effect/evaluate";

function replacements(): ReadonlyArray<Replacement> {
  return [
    [fiberPrototype, "id", { set: setFiberId }],
    wrap(waitPrototype, evaluate, (original) =>
      function (this, fiber) {
        inside?.waits(fiber, (this as { register: Part }).register);
        return original.call(this, fiber);
      }),
    wrap(AsyncResource.prototype, "runInAsyncScope", stayInScope),
    wrap(AsyncLocalStorage, "snapshot", stayInSnapshot),
    ...(["run", "exit", "enterWith"] as const).map((name) =>
      wrap(AsyncLocalStorage.prototype, name, (original) =>
        function (...args) {
          strayed = true;
          return original.apply(this, args);
        })
    ),
    ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask"].map(
      (name) => leading(name, () => 0),
    ),
    leading("fetch", () => new Promise(() => {})),
    wrap(AbortSignal, "timeout", (original) =>
      function (...args) {
        if (!inside) return original.apply(AbortSignal, args);
        inside.escape("AbortSignal.timeout");
        return new AbortController().signal;
      }),
    wrap(Promise.prototype, "then", swallowThen),
    [globalThis, "Date", { value: virtualDate(Date), writable: true }],
    wrap(Date, "now", (original) =>
      function () {
        return inside ? Math.floor(inside.now) : original.call(Date);
      }),
    wrap(performance, "now", (original) =>
      function () {
        return inside ? inside.now : original.call(performance);
      }),
    wrap(Math, "random", (original) =>
      function () {
        return inside ? inside.chance.next() : original.call(Math);
      }),
    wrap(
      crypto,
      "getRandomValues",
      (original) =>
        function (array: ArrayBufferView) {
          if (!inside) return original.call(crypto, array as never);
          fill(inside.chance, array);
          return array;
        },
    ),
    wrap(crypto, "randomUUID", (original) =>
      function () {
        return inside ? uuid(inside.chance) : original.call(crypto);
      }),
  ];
}

/**
 * Each resumed fiber enters the asynchronous context in which it went to wait. As long as nothing in a run enters another, that
 * is the one that it is in anyway; and to enter one is most of the price of resuming, and holds the one before for as long as
 * the run goes on.
 */
function stayInScope(original: Method): Method {
  const enter = original as (this: unknown, ...args: Array<unknown>) => unknown;
  return function (body: Method, self: unknown, argument: unknown) {
    return inside && !strayed && arguments.length === 3
      ? body.call(self, argument as never)
      : Reflect.apply(enter, this, arguments);
  };
}

/** The same for services that keep to the context in which they were made. */
function stayInSnapshot(original: Method): Method {
  return () => {
    const enter = original.call(AsyncLocalStorage) as typeof call;
    return (body: () => unknown) => inside && !strayed ? body() : enter(body);
  };
}

const call = <A>(body: () => A): A => body();

/** Fibers get the numbers of their run, in the order in which they are made. */
function setFiberId(this: object, id: number): void {
  new Numbered(this, inside ? inside.enroll(this) : id);
}

/** What is constructed is what is given. */
class Given {
  constructor(object: object) {
    return object;
  }
}

/** Gives an object a property of its own as fields are given, which costs a tenth of `Object.defineProperty`. */
class Numbered extends Given {
  id: number = NaN;

  constructor(object: object, id: number) {
    super(object);
    this.id = id;
  }
}

function wrap(
  object: object,
  name: string,
  by: (original: Method) => Method,
): Replacement {
  const original: Method = Reflect.get(object, name);
  return [object, name, { value: by(original), writable: true }];
}

function leading(name: string, instead: () => unknown): Replacement {
  return wrap(globalThis, name, (original) =>
    function (...args) {
      if (!inside) return original.apply(globalThis, args);
      inside.escape(name);
      return instead();
    });
}

/** What hangs on a real promise never happens, as the run is over by then; that it rejects is nobody's business either. */
function swallowThen(original: Method): Method {
  const then = original as (this: unknown, ...args: Array<unknown>) => unknown;
  const ignore = () => {};
  return function (...args) {
    if (!inside || isSynchronous()) return original.apply(this, args);
    inside.escape("Promise.then");
    then.call(this, ignore, ignore);
    return new Promise(() => {});
  };
}

/** Whether an `Effect.runSync` is under way. It sets microtasks, and does not wait for them. */
function isSynchronous(): boolean {
  return Fiber.getCurrent()?.cache.scheduler.executionMode === "sync";
}

function virtualDate(original: DateConstructor): DateConstructor {
  return new Proxy(original, {
    apply: () => new Date().toString(),
    construct: (target, args, newTarget) =>
      Reflect.construct(
        target,
        inside && args.length === 0 ? [inside.now] : args,
        newTarget,
      ),
  });
}

function fill(chance: Chance, array: ArrayBufferView): void {
  const bytes = new Uint8Array(
    array.buffer,
    array.byteOffset,
    array.byteLength,
  );
  for (let i = 0; i < bytes.length; i++) bytes[i] = chance.uint32() & 0xff;
}

/** A UUID of version 4 (RFC 9562, section 5.4). */
function uuid(chance: Chance): string {
  const bytes = new Uint8Array(16);
  fill(chance, bytes);
  bytes[6] = bytes[6]! & 0x0f | 0x40;
  bytes[8] = bytes[8]! & 0x3f | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
