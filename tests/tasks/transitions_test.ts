import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Status } from "../../src/tasks/status.ts";
import {
  isFinal,
  type Operation,
  transition,
  transitions,
} from "../../src/tasks/transitions.ts";

const statuses: ReadonlyArray<Status> = [
  ...["scheduled", "pending", "running"] as const,
  ...["completed", "failed", "cancelled"] as const,
];
const operations: ReadonlyArray<Operation> = [
  ...["promote", "claim", "cancel", "retry", "reap"] as const,
  ...["Completed", "Failed", "Cancelled", "Retry", "Released"] as const,
];
const circumstances = [false, true].flatMap((asked) =>
  [false, true].flatMap((spent) =>
    [false, true].map((delayed) => ({ asked, delayed, spent }))
  )
);

/** Where each pair leads, in whatever circumstances. */
const allowed: Readonly<Record<string, ReadonlyArray<Status>>> = {
  "scheduled promote": ["pending"],
  "scheduled cancel": ["cancelled"],
  "pending claim": ["running"],
  "pending cancel": ["cancelled"],
  "running cancel": ["running"],
  "running Completed": ["completed"],
  "running Failed": ["failed"],
  "running Cancelled": ["cancelled"],
  "running Retry": ["cancelled", "failed", "pending", "scheduled"],
  "running Released": ["cancelled", "pending"],
  "running reap": ["cancelled", "failed", "pending"],
  "failed retry": ["pending"],
  "cancelled retry": ["pending"],
};

Deno.test("transition() allows the pairs of its table, and refuses every other", () => {
  deepStrictEqual(Object.keys(transitions).toSorted(), statuses.toSorted());
  for (const from of statuses) {
    for (const operation of operations) {
      const to = new Set(
        circumstances.map((some) => transition(from, operation, some)),
      );
      to.delete(undefined);
      deepStrictEqual(
        [...to].toSorted(),
        allowed[`${from} ${operation}`] ?? [],
        `${from} ${operation}`,
      );
    }
  }
});

Deno.test("transition() leaves a final state by retry() alone", () => {
  for (const from of statuses.filter(isFinal)) {
    for (const operation of operations) {
      if (operation === "retry") continue;
      strictEqual(transition(from, operation), undefined);
    }
  }
  deepStrictEqual(statuses.filter(isFinal), statuses.slice(3));
});

Deno.test("transition() ends what was to be cancelled, then what has no attempt left, then delays", () => {
  const where = (operation: Operation) =>
    circumstances.map((some) => transition("running", operation, some));
  const cancelled = Array.from({ length: 4 }, () => "cancelled");
  deepStrictEqual(where("Retry"), [
    ...["pending", "scheduled", "failed", "failed", ...cancelled],
  ]);
  deepStrictEqual(where("reap"), [
    ...["pending", "pending", "failed", "failed", ...cancelled],
  ]);
  deepStrictEqual(where("Released"), [
    ...["pending", "pending", "pending", "pending", ...cancelled],
  ]);
});
