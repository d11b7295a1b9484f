import { assertNoDrift, drifting } from "../support/drift.ts";
import {
  admissions,
  assertKept,
  crookedSchedules,
  follow,
  testQuotas,
} from "../support/quota_arbitraries.ts";

testQuotas("never admits more than its bound", (schedule) => {
  assertKept(schedule.quota, admissions(follow(schedule)));
});

testQuotas("keeps its bound when the clock runs backwards", (schedule) => {
  assertKept(schedule.quota, admissions(follow(schedule)));
}, { schedules: crookedSchedules });

for (const options of drifting) {
  Deno.test(`tokenBucket() does not drift in 10⁷ admissions at ${options.rate} per ${options.per}`, () => {
    assertNoDrift(options, 1e7);
  });
}
