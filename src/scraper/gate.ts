/**
 * Which hosts may be asked: those on the public internet, unless they asked for more patience than there is.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import { isAddress, isPublic } from "./address.ts";
import type { Resolve } from "./host_resolver.ts";
import { broken, busy, late, refused } from "./refused.ts";
import type { Settings } from "./settings.ts";
import { hostnameOf, hostOf } from "./url.ts";
import type { VisitError } from "./visit.ts";

/** How long a request may go by the last look at its host, in milliseconds. */
const freshness = 1000;

/** Lets requests pass. */
export class Gate {
  /** Hosts that asked for more patience than `maxPause`, and until when. */
  private readonly busy = new Map<string, number>();

  constructor(
    private readonly resolve: Resolve,
    private readonly settings: Settings,
  ) {}

  /** Closes for a host until a time. */
  close(host: string, until: number): void {
    this.busy.set(host, until);
  }

  /**
   * Lets one request pass, or refuses it. The request may come back until it has a turn, and its host is not looked up again for
   * each time.
   */
  pass(url: URL): Effect.Effect<void, VisitError> {
    const look = this.checkAddress(url);
    let lookedAt = -Infinity;
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const pause = this.pauseOf(hostOf(url), now);
      if (pause > 0) return busy(url, pause);
      if (now - lookedAt < freshness) return Effect.void;
      return Effect.flatMap(
        look,
        () =>
          Effect.map(Clock.currentTimeMillis, (end) => {
            lookedAt = end;
          }),
      );
    });
  }

  /** For how long a host is not to be asked. */
  private pauseOf(host: string, now: number): number {
    const until = this.busy.get(host) ?? now;
    if (until <= now) this.busy.delete(host);
    return until - now;
  }

  /**
   * Refuses to connect to what is not on the public internet. Between this look and the connection a name may come to mean
   * another address.
   */
  private checkAddress(url: URL): Effect.Effect<void, VisitError> {
    const hostname = hostnameOf(url);
    const { allowHosts } = this.settings;
    if (allowHosts.has(hostOf(url)) || allowHosts.has(hostname)) {
      return Effect.void;
    }
    return Effect.flatMap(this.addressesOf(url, hostname), (addresses) => {
      const hidden = addresses.find((address) => !isPublic(address));
      return hidden === undefined ? Effect.void : refused(
        url,
        "Address",
        `${hostname} is ${hidden}, which is not public`,
      );
    });
  }

  private addressesOf(
    url: URL,
    hostname: string,
  ): Effect.Effect<ReadonlyArray<string>, VisitError> {
    const literal = hostname.replace(/^\[(.*)\]$/, "$1");
    if (isAddress(literal)) return Effect.succeed([literal]);
    const { timeout } = this.settings;
    return this.resolve(hostname).pipe(
      Effect.mapError((error) => broken(url, error)),
      Effect.filterOrElse(
        (addresses) => addresses.length > 0,
        () => refused(url, "Transport", `${hostname} has no address`),
      ),
      Effect.timeoutOrElse({
        duration: timeout,
        orElse: () => late(url, timeout),
      }),
    );
  }
}
