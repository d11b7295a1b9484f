import { assertNoDrift, drifting } from "../support/drift.ts";

for (const options of drifting) {
  Deno.test(`tokenBucket() does not drift in 10⁹ admissions at ${options.rate} per ${options.per}`, () => {
    assertNoDrift(options, 1e9);
  });
}
