/**
 * How a crawler finds the addresses of a host.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import { lookup } from "node:dns/promises";

/** Finds the addresses of a host. */
export type Resolve = (
  hostname: string,
) => Effect.Effect<ReadonlyArray<string>, unknown>;

/**
 * How a crawler finds the addresses of a host, to check them before it connects: as the system does, if nothing else is
 * provided.
 */
export const HostResolver: Context.Reference<Resolve> = Context.Reference<
  Resolve
>("@weir/weir/HostResolver", {
  defaultValue: () => (hostname) =>
    Effect.tryPromise(() => lookup(hostname, { all: true })).pipe(
      Effect.map((found) => found.map(({ address }) => address)),
    ),
});
