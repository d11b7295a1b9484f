import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import { strictEqual } from "node:assert/strict";
import { Load, Pipe } from "../../src/producer_consumer/pipe.ts";

testEffect(
  "nothing is put into a pipe that has ended",
  Effect.withFiber((fiber) => {
    const { currentDispatcher } = fiber;
    const pipe = new Pipe(3, "suspend", () => true, currentDispatcher);
    strictEqual(pipe.fill(new Load([1])), true);
    pipe.end(Exit.void);
    strictEqual(pipe.fill(new Load([2])), false);
    strictEqual(pipe.size, 1);
    return Effect.void;
  }),
);
