// deno-lint-ignore-file no-console
import { Simulation } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";
import { ok, strictEqual } from "node:assert/strict";
import { estimate } from "../../src/simulation/estimate.ts";
import {
  type Closed,
  erlangB,
  model,
  type Open,
  responseMD1,
  responseMMc,
  rounds,
} from "../support/simulation/queues.ts";

const network: Closed = {
  kind: "closed",
  customers: 6,
  thinking: 5,
  stations: [0.6, 0.9],
};

interface Claim {
  readonly name: string;
  readonly point: Open | Closed;
  readonly measure: (measures: Simulation.Measures) => Simulation.Estimate;
  readonly exact: number;
}

const response = ({ tallies }: Simulation.Measures) =>
  tallies["response"]!.mean;
const queue = { kind: "queue", service: "exponential" } as const;

const claims: ReadonlyArray<Claim> = [
  {
    name: "M/M/1, half busy: time in the system",
    point: { ...queue, servers: 1, load: 0.5 },
    measure: response,
    exact: responseMMc(1, 0.5),
  },
  {
    name: "M/M/3, two thirds busy (Erlang C): time in the system",
    point: { ...queue, servers: 3, load: 2 },
    measure: response,
    exact: responseMMc(3, 2),
  },
  {
    name: "M/M/3: how many are in the queue, by Little's law",
    point: { ...queue, servers: 3, load: 2 },
    measure: ({ levels }) => levels["pool.pending"]!.mean,
    exact: responseMMc(3, 2) - 2,
  },
  {
    name: "M/D/1 (Pollaczek and Khinchine): time in the system",
    point: { ...queue, service: "constant", servers: 1, load: 0.5 },
    measure: response,
    exact: responseMD1(0.5),
  },
  {
    name: "M/M/3/3 (Erlang B): customers lost a second",
    point: { ...queue, kind: "loss", servers: 3, load: 2 },
    measure: ({ counts }) => counts["lost"]!.rate,
    exact: erlangB(3, 2),
  },
  {
    name: "a closed network (mean-value analysis): rounds a second",
    point: network,
    measure: ({ counts }) => counts["rounds"]!.rate,
    exact: rounds(network),
  },
];

/** How many intervals, and how many replications each is made of. */
const [intervals, each] = [200, 5];

Deno.test("Simulation.sweep() has the exact value in 180 to 199 of 200 intervals of 95%", async () => {
  const points = claims.map(({ point }) => point);
  const results = await Effect.runPromise(Simulation.sweep(model, {
    points: points.filter((point, i) =>
      points.findIndex((other) =>
        JSON.stringify(other) === JSON.stringify(point)
      ) === i
    ),
    horizon: "10 minutes",
    warmup: "2 minutes",
    replications: intervals * each,
    seed: 20_260_000,
  }));
  const wrong: Array<string> = [];
  for (const { exact, measure, name, point } of claims) {
    const result = results.find((one) =>
      JSON.stringify(one.point) === JSON.stringify(point)
    );
    const { mean, values } = measure(result!.measures);
    let within = 0;
    for (let i = 0; i < intervals; i++) {
      const one = estimate(values.slice(i * each, (i + 1) * each));
      if (Math.abs(one.mean - exact) <= one.halfWidth) within++;
    }
    const line = `${within} of ${intervals}: ${name}, ${exact.toFixed(4)} (${
      mean.toFixed(4)
    } in all)`;
    console.log(line);
    if (within < 180 || within > 199) wrong.push(line);
  }
  strictEqual(wrong.join("\n"), "");
});

Deno.test("Little's law holds exactly in each of 200 runs that begin and end empty", async () => {
  const customers = 200;
  const { measures } = (await Effect.runPromise(Simulation.sweep(model, {
    points: [{ ...queue, servers: 2, load: 1.8, customers }],
    horizon: "1 day",
    replications: 200,
    seed: 20_270_000,
  })))[0]!;
  const values = (estimate: Simulation.Estimate) => estimate.values;
  const waiting = values(measures.levels["pool.pending"]!.mean);
  const running = values(measures.levels["pool.running"]!.mean);
  const rates = values(measures.counts["pool.completed"]!.rate);
  const responses = values(response(measures));
  for (let i = 0; i < 200; i++) {
    const inside = waiting[i]! + running[i]!;
    const product = rates[i]! * responses[i]!;
    ok(Math.abs(inside / product - 1) < 1e-9, `${inside}, not ${product}`);
  }
});
