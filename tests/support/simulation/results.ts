/**
 * Results as a sweep might give them, made up: the formulas of queues with some noise.
 *
 * @module
 */
import type {
  Estimate,
  Measures,
  Replications,
  Result,
  Series,
} from "../../../src/simulation/measures.ts";
import { estimate } from "../../../src/simulation/estimate.ts";
import { lcg } from "../random.ts";

/** A result of ten replications of a minute, of seed 1 and without a warm-up. */
export function resultOf<P>(
  point: P,
  measures: Partial<Measures>,
  replications: Partial<Replications> = {},
): Result<P> {
  return {
    point,
    replications: {
      ...{ count: 10, seed: 1, horizon: 60, warmup: 0 },
      ...replications,
    },
    measures: { tallies: {}, levels: {}, counts: {}, ...measures },
  };
}

/** Replications around a mean. */
export function around(
  mean: number,
  deviation: number,
  replications: number,
  random: () => number,
): Estimate {
  return estimate(
    Array.from({ length: replications }, () => {
      const normal = random() + random() + random() + random() - 2;
      return Math.max(0, mean * (1 + deviation * normal));
    }),
  );
}

/** A pool of so many workers that is offered a load of 4.6. */
export function poolOf(workers: number, replications = 10): Measures {
  const random = lcg(workers * 7);
  const load = 4.6 / workers;
  const busy = Math.min(1, load);
  const wait = load >= 1 ? 60 : Math.min(60, 0.5 * busy ** 6 / (1 - busy));
  const some = (mean: number, deviation = 0.12) =>
    around(mean, deviation, replications, random);
  const lost = load > 1 ? 10 * (1 - 1 / load) : 0;
  return {
    tallies: {
      response: {
        count: some(36_000, 0.01),
        mean: some(wait + 0.46),
        p50: some(wait * 0.7 + 0.3),
        p95: some(wait * 2 + 1.5),
        p99: some(wait * 3 + 3),
        max: wait * 5 + 12.3,
      },
    },
    levels: {
      "pool.pending": {
        mean: some(wait * 10),
        max: Math.round(wait * 40),
        series: wave(3600, 120, (t) => wait * 10 + Math.sin(t / 300)),
      },
    },
    counts: {
      lost: {
        rate: some(lost),
        peak: Math.round(lost * 3),
        series: wave(3600, 120, () => lost),
      },
    },
  };
}

/** A sweep over workers. */
export function workers(
  points: ReadonlyArray<number>,
  replications = 10,
): ReadonlyArray<Result<number>> {
  return points.map((point) =>
    resultOf(point, poolOf(point, replications), {
      count: replications,
      horizon: 3600,
    })
  );
}

/** Limits of one rate before the same clients. */
export const limiters: ReadonlyArray<Result<string>> = [
  ["token bucket", 0.21, 0.9, 112],
  ["sliding window", 0.24, 1.05, 100],
  ["sliding counter", 0.26, 1.2, 118],
  ["fixed window", 0.19, 0.98, 171],
].map(([name, median, tail, peak], i) => {
  const random = lcg(i + 3);
  const some = (mean: number, deviation = 0.15) =>
    around(mean, deviation, 12, random);
  const [p50, p99] = [Number(median), Number(tail)];
  return resultOf(String(name), {
    tallies: {
      wait: {
        count: some(288_000, 0.01),
        mean: some(p50 * 1.2),
        p50: some(p50),
        p95: some(p99 * 0.8),
        p99: some(p99),
        max: p99 * 1.7,
      },
    },
    levels: {
      "limiter.waiting": {
        mean: some(20),
        max: 61,
        series: wave(60, 60, (t) => 20 + 20 * Math.sin(t)),
      },
    },
    counts: {
      admitted: {
        rate: some(80, 0.01),
        peak: Number(peak),
        series: wave(60, 240, (t) => 80 + 40 * Math.sin(t)),
      },
    },
  }, { count: 12 });
});

/** How three policies get through ten bad minutes of an hour. */
export const incident: ReadonlyArray<Result<{ readonly name: string }>> = [
  { name: "no bounds", capacity: 1_000_000, retries: 100 },
  { name: "bounded queue", capacity: 100, retries: 100 },
  { name: "bounded queue and retries", capacity: 100, retries: 2 },
].map((point, i) => {
  const random = lcg(i + 11);
  const pending = wave(3600, 3600, (t) => {
    const noisy = random() * 6;
    if (t < 600) return noisy;
    if (i === 0) return (t - 600) * (t < 1200 ? 1.6 : 1.1) + noisy * 20;
    if (i === 1) return 90 + noisy * 1.5;
    return t < 1200 ? 80 + noisy * 3 : Math.max(noisy, 80 - (t - 1200) * 2);
  });
  const served = wave(3600, 720, (t) => {
    const level = t < 600
      ? 40
      : i === 2
      ? (t < 1200 ? 8 : 40)
      : i === 1
      ? 6
      : 2;
    return level * (0.85 + 0.3 * random());
  });
  const some = (mean: number) => around(mean, 0.05, 10, random);
  return resultOf(point, {
    tallies: {
      response: {
        count: some(144_000),
        mean: some(40 / (i + 1)),
        p50: some(30 / (i + 1)),
        p95: some(200 / (i + 1)),
        p99: some(400 / (i + 1)),
        max: 900 / (i + 1),
      },
    },
    levels: {
      "pool.pending": { mean: some(900), max: 3900, series: pending },
    },
    counts: { served: { rate: some(30), peak: 61, series: served } },
  }, { horizon: 3600 });
});

/** A level over time. */
export function wave(
  seconds: number,
  points: number,
  at: (second: number) => number,
): Series {
  return Array.from({ length: points }, (_, i) => {
    const second = i * seconds / points;
    return [second, at(second)] as const;
  });
}
