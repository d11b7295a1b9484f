/**
 * That a seed leads to one run, of many programs.
 *
 * @module
 */
import { deepStrictEqual, ok } from "node:assert/strict";
import { fingerprintsOf } from "../support/simulation/fingerprints.ts";

const programs = 30;

Deno.test("run() of the same program from the same seed has the same fingerprint", () => {
  const seen = new Set<string>();
  let count = 0;
  for (let seed = 1; seed <= programs; seed++) {
    const fingerprints = fingerprintsOf(seed);
    deepStrictEqual(fingerprintsOf(seed), fingerprints);
    count += fingerprints.length;
    for (const fingerprint of fingerprints) seen.add(fingerprint);
  }
  ok(seen.size > 0.8 * count, `only ${seen.size} of ${count} differ`);
});
