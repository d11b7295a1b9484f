/**
 * How the tasks of a kind are written and read: worked out once.
 *
 * @module
 */
import type * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type { Any } from "./kind.ts";

/** Changes a value into another form of it. */
type Change = (
  value: unknown,
) => Effect.Effect<unknown, Schema.SchemaError>;

/** To and from what a store keeps. */
export interface Codecs {
  readonly encodePayload: Change;
  readonly decodePayload: Change;
  readonly encodeSuccess: Change;
  readonly encodeError: Change;
}

const known = new WeakMap<object, Codecs>();

/** The codecs of a kind. */
export function codecsOf(kind: Any): Codecs {
  let codecs = known.get(kind);
  if (codecs === undefined) {
    const { error, payload, success } = kind;
    codecs = {
      encodePayload: Schema.encodeUnknownEffect(payload),
      decodePayload: Schema.decodeUnknownEffect(payload),
      encodeSuccess: Schema.encodeUnknownEffect(success),
      encodeError: Schema.encodeUnknownEffect(error),
    };
    known.set(kind, codecs);
  }
  return codecs;
}
