import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { estimate } from "../../src/simulation/estimate.ts";

Deno.test("estimate() has the interval of Student's t, as the tables have it", () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
  const tabled: ReadonlyArray<readonly [number, number]> = [
    ...[[1, 12.706], [2, 4.303], [5, 2.571], [9, 2.262], [10, 2.228]] as const,
    ...[[11, 2.201], [19, 2.093], [30, 2.042], [99, 1.984]] as const,
  ];
  for (const [degrees, quantile] of tabled) {
    const n = degrees + 1;
    const values = Array.from({ length: n }, (_, i) => i % 3);
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const error = Math.sqrt(squares / degrees / n);
    const found = estimate(values);
    strictEqual(found.mean, mean);
    ok(Math.abs(found.halfWidth / error - quantile) < 6e-4, `${degrees}`);
  }
});

Deno.test("estimate() leaves out replications without a value, and needs two for an interval", () => {
  deepStrictEqual(estimate([]), { mean: NaN, halfWidth: Infinity, values: [] });
  const values = [NaN, 4];
  deepStrictEqual(estimate(values), { mean: 4, halfWidth: Infinity, values });
  const { halfWidth, mean } = estimate([1, NaN, 3]);
  strictEqual(mean, 2);
  ok(Math.abs(halfWidth - 12.706205) < 1e-5);
});
