/**
 * What is checked under every order of fibers: families of programs, each with one claim.
 *
 * @module
 */
import type { Simulated } from "../../support/simulated.ts";
import { books } from "./books.ts";
import { keyedStorm } from "./keyed_storm.ts";
import {
  keyedLimiters,
  type Make,
  type MakeKeyed,
  ofOneKey,
  slowKeyedLimiter,
} from "./limiters.ts";
import { line, lines } from "./line.ts";
import { newcomer, slotHeir, turnHeir } from "./moment.ts";
import { type Quotas, smallQuotas } from "./quotas.ts";
import { slots } from "./slots.ts";
import { requoted, steered, unheard } from "./steering.ts";
import { losing, slowly } from "./stores.ts";
import { storm } from "./storm.ts";
import { first, turns } from "./turns.ts";

type Family = ReadonlyArray<Simulated>;

// The keys are those of the type.
const kinds = Object.keys(smallQuotas) as ReadonlyArray<keyof Quotas>;

const ofKinds = (draw: (kind: keyof Quotas) => Simulated): Family =>
  kinds.map(draw);

/** About one limiter. */
export const limiterPrograms: ReadonlyArray<Family> = [
  ofKinds((kind) => ({
    name: `Limiter keeps the bound of ${kind}(), its slots and its pauses`,
    program: storm(undefined, kind),
    timerJitter: 15,
  })),
  ofKinds((kind) => ({
    name: `Limiter serves by priority, in order and in time under ${kind}()`,
    program: line(undefined, kind),
  })),
  ofKinds((kind) => ({
    name:
      `Limiter charges what was admitted and nothing else under ${kind}(), and loses no slot`,
    program: books(undefined, kind),
  })),
  ofKinds((kind) => ({
    name:
      `setQuota() sends away at once whom ${kind}() never allows, also one that is about to wait`,
    program: requoted(kind),
    small: true,
  })),
  [{
    name: "setQuota(), reset and pause() leave nobody waiting for ever",
    program: steered,
  }],
  [{
    name: "limit() keeps its slots busy, and gets each back once",
    program: slots(),
  }],
  newcomers("Limiter"),
  [{
    name: "acquire() that is interrupted as its turn comes passes it on",
    program: turnHeir(),
    small: true,
  }, {
    name: "limit() that is interrupted as its slot comes passes it on",
    program: slotHeir(),
    small: true,
  }],
];

/** About the limiters of many keys. */
export const keyedPrograms: ReadonlyArray<Family> = [
  ofStores((over, make) => [{
    name: `${over} keeps the bound of a key, its slots and its pauses`,
    program: storm(ofOneKey(make)),
  }, {
    name: `${over} serves a key by priority, in order and in time`,
    program: line(ofOneKey(make)),
  }, {
    name: `${over} charges a key what was admitted and nothing else`,
    program: books(ofOneKey(make)),
  }, {
    name: `${over} keeps the slots of a key busy, and gets each back once`,
    program: slots(ofOneKey(make)),
  }]),
  ofStores((over, make) => [{
    name: `${over} passes a turn on that comes with an interrupt`,
    program: turnHeir(ofOneKey(make)),
    small: true,
  }, {
    name: `${over} passes a slot on that comes with an interrupt`,
    program: slotHeir(ofOneKey(make)),
    small: true,
  }]),
  ofStores((over, make) => newcomers(over, ofOneKey(make))),
  ofStores((over, make) => [{
    name: `${over} serves each key as if it were alone`,
    program: lines(make),
  }]),
  ofStores((over, make) => [{
    name: `${over} serves keys in turn that wait for a shared quota`,
    program: turns(make),
  }]),
  [{
    name:
      "KeyedLimiter over a slow store charges a key what was admitted and nothing else",
    program: books(ofOneKey(slowKeyedLimiter)),
  }],
  [{
    name:
      "KeyedLimiter lets in first whom the shared quota refused first, as soon as that allows it",
    program: first,
  }],
  [{
    name:
      "KeyedLimiter looks again at who waits when steering was interrupted, or overtaken by an older answer",
    program: unheard,
  }],
  [{
    name:
      "KeyedLimiter keeps all bounds, over a store that answers in one step",
    program: keyedStorm(),
  }, {
    name: "KeyedLimiter keeps all bounds, over a store that answers by effects",
    program: keyedStorm({ wrap: () => (call) => call }),
  }, {
    name: "KeyedLimiter keeps all bounds, over a slow store",
    program: keyedStorm({ wrap: slowly }),
  }, {
    name:
      "KeyedLimiter keeps all bounds and loses nobody, over a store that loses calls and hangs",
    program: keyedStorm({ wrap: losing }),
    faults: { until: "1 second" },
  }, {
    name: "KeyedLimiter keeps all bounds, where new keys are denied",
    program: keyedStorm({ memory: { maxKeys: 2 } }),
  }, {
    name: "KeyedLimiter remembers no more than maxKeys, where keys are evicted",
    program: keyedStorm({ memory: { maxKeys: 2, overflow: "evict" } }),
  }],
];

function ofStores(
  draw: (over: string, make: MakeKeyed) => Family,
): Family {
  return Object.entries(keyedLimiters)
    .flatMap(([over, make]) => draw(over, make));
}

function newcomers(of: string, make?: Make): Family {
  return (["settle", "reset", "resume"] as const).map((by) => ({
    name: `${of} lets in by ${by} also one that is about to wait`,
    program: newcomer(by, make),
    small: make === undefined,
  }));
}
