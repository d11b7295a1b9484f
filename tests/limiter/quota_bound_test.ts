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
