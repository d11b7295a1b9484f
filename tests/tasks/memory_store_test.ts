import { TaskStore } from "@weir/weir/tasks";
import { testEffect } from "@weir/weir/testing";
import * as Effect from "effect/Effect";
import { throws } from "node:assert/strict";
import { storeSuite } from "./store_suite.ts";

storeSuite("layerMemory()", TaskStore.layerMemory);

testEffect(
  "layerMemory() refuses a bad capacity by name and value",
  Effect.sync(() => {
    throws(() => TaskStore.layerMemory({ capacity: 0 }), {
      name: "RangeError",
      message: '"capacity" must be a whole number, at least 1, was 0',
    });
  }),
);
