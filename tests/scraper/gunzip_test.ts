import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { gunzip } from "../../src/scraper/gunzip.ts";

const packed = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes));

/** Bytes that note how long each part is that is taken of them. */
class Counted extends Uint8Array<ArrayBuffer> {
  readonly taken: Array<number> = [];

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    super(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  override subarray(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    // Not a Counted one, which is made of other arguments.
    const part = new Uint8Array(this.buffer, this.byteOffset, this.length)
      .subarray(start, end);
    this.taken.push(part.length);
    return part;
  }
}

const reasonOf = (bytes: Uint8Array<ArrayBuffer>, maxBytes: number) =>
  Effect.map(Effect.flip(gunzip(bytes, maxBytes)), ({ reason }) => reason);

testEffect(
  "gunzip() gives what was packed, up to the bound",
  Effect.gen(function* () {
    const bytes = crypto.getRandomValues(new Uint8Array(50_000));
    for (const length of [0, 1, 1023, 1024, 1025, 50_000]) {
      const part = bytes.slice(0, length);
      deepStrictEqual(yield* gunzip(packed(part), length), part);
      if (length > 0) {
        strictEqual(yield* reasonOf(packed(part), length - 1), "TooLarge");
      }
    }
  }),
);

testEffect(
  "gunzip() ends a bomb at its bound, with little of it unpacked",
  Effect.gen(function* () {
    const bomb = new Counted(packed(Buffer.alloc(100_000_000)));
    strictEqual(yield* reasonOf(bomb, 1_000_000), "TooLarge");
    // Each makes 1 MiB at most.
    ok(bomb.taken.every((length) => length <= 1024));
    ok(bomb.taken.length < 10, `${bomb.taken.length} parts`);
  }),
);

testEffect(
  "gunzip() fails on what is not gzip, not whole, changed, or followed by more",
  Effect.gen(function* () {
    const good = packed(new TextEncoder().encode("hello"));
    const changed = good.slice();
    changed[good.length - 8]! ^= 1;
    for (
      const bytes of [
        ...[new Uint8Array(0), new TextEncoder().encode("<urlset>"), changed],
        ...[
          good.slice(0, -1),
          good.slice(0, 12),
          new Uint8Array([...good, 0]),
        ],
      ]
    ) {
      strictEqual(yield* reasonOf(bytes, 100), "Malformed");
    }
  }),
);

testEffect(
  "gunzip() is ended by an interrupt",
  Effect.gen(function* () {
    const bomb = packed(Buffer.alloc(100_000_000));
    const interrupted = new Counted(bomb);
    const fiber = yield* Effect.forkChild(gunzip(interrupted, Infinity));
    yield* Effect.yieldNow;
    yield* Fiber.interrupt(fiber);
    ok(Exit.hasInterrupts(yield* Fiber.await(fiber)));
    // As long as the other would take, too.
    const other = new Counted(bomb);
    yield* gunzip(other, Infinity);
    ok(other.taken.length >= bomb.length / 1024);
    ok(interrupted.taken.length < 10, `${interrupted.taken.length} parts`);
  }),
);
