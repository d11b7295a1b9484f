/**
 * Finds limits that were put up wrongly, from what arrives.
 *
 * @module
 */
import { headerOf, isByAddress, unknownAddress } from "./address_keys.ts";
import type { Arrived } from "./arrived.ts";
import type { Key } from "./incoming.ts";

/** So many requests are looked at from the first on, and one in so many later. */
const sample = 100;

/** One limit acts on a request twice. */
export const chargedTwice: string =
  "A request was charged twice by one limiter under one key: provide its limit to all routes or to some, not to both";

/** A limiter is made for each request. */
export const madePerRequest: string =
  `Each of the last ${sample} requests met a limiter of its own, which knows nothing of the others: make it once, not for ` +
  "each request";

const withoutAddress =
  "A request came without an address: all such requests are limited as one. Give the limit a key";

const untrusted = (name: string) =>
  `A request came with "${name}", but nobody is trusted with it: behind a proxy all clients are limited as one. Say ` +
  "byAddress({ trust }), or have the proxy take the header away";

const unread = (name: string, other: string) =>
  `A request came with "${other}", but "${name}" is read: where proxies write the other one, say ` +
  `byAddress({ header: "${other}" })`;

/** Looks at the requests of one limit. Each misuse is told once. */
export class Watch {
  private seen = 0;
  private readonly told = new Set<string>();

  constructor(private readonly key: Key) {}

  /** What is wrong with how this request got its key, if something is and it was not told before. */
  look(request: Arrived, key: string): string | undefined {
    const n = this.seen++;
    if ((n >= sample && n % sample !== 0) || !isByAddress(this.key)) {
      return undefined;
    }
    return this.once(
      key === unknownAddress ? withoutAddress : this.proxies(request),
    );
  }

  /** A warning, unless it was told before. */
  once(warning: string | undefined): string | undefined {
    if (warning === undefined || this.told.has(warning)) return undefined;
    this.told.add(warning);
    return warning;
  }

  private proxies(request: Arrived): string | undefined {
    if (request.settled) return undefined;
    const name = headerOf(this.key);
    for (const other of ["forwarded", "x-forwarded-for"]) {
      if (other === name || request.header(other) === undefined) continue;
      if (name === undefined) return untrusted(other);
      if (request.header(name) === undefined) {
        return unread(name, other);
      }
    }
    return undefined;
  }
}

/** Warns where there is no Effect to do so. */
export function warn(warning: string | undefined): void {
  // deno-lint-ignore no-console
  if (warning !== undefined) console.warn(warning);
}

/** What was charged to one request, limiter and key in turn. */
let charged: {
  readonly request: object | undefined;
  readonly charges: Array<unknown>;
} = { request: undefined, charges: [] };

/**
 * Whether a request was charged before by the same limiter under the same key. Knows of the last request only: charges of one
 * follow each other at once, but where a store or `maxWait` lets others come between.
 */
export function isChargedTwice(
  request: object,
  limiter: object,
  key: string,
): boolean {
  if (charged.request !== request) {
    charged = { request, charges: [limiter, key] };
    return false;
  }
  const { charges } = charged;
  for (let i = 0; i < charges.length; i += 2) {
    if (charges[i] === limiter && charges[i + 1] === key) return true;
  }
  charges.push(limiter, key);
  return false;
}

/** Something that serves requests: whether it has, and whether all that were made before it had. */
export interface Life {
  used: boolean;
  readonly alone: boolean;
}

/**
 * Finds things that are made for one request each: where so many times in a row one is made, and the next request is its first.
 * Many that are made together, as at the start, are none of these, nor is one that serves again.
 */
export class Births {
  private last: Life | undefined;
  private firsts = 0;
  private told = false;

  /** Something was made. */
  begin(): Life {
    this.last = { used: false, alone: this.last?.used ?? true };
    return this.last;
  }

  /** It serves a request; says, once, whether this is the last of so many that met something new. */
  serve(life: Life): boolean {
    const first = !life.used && life.alone;
    life.used = true;
    this.firsts = first ? this.firsts + 1 : 0;
    if (this.told || this.firsts < sample) return false;
    return this.told = true;
  }
}
