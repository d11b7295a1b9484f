/**
 * Work that needs a place: in a crowded resource, in a process that ends, at an upstream that is slow.
 *
 * @module
 */
import { Limiter, Quota } from "@weir/weir";
import { Monitor, Workload } from "@weir/weir/simulation";
import { Task, TaskManager, TaskStore } from "@weir/weir/tasks";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { model as incident, type Policy } from "../23_incident.ts";
import type { Study, Way } from "./study.ts";

/** Takes 100 ms for up to four at once; more are in each other's way, and the way is longer than their number says. */
const resource = Effect.sync(() => {
  let inside = 0;
  const use = Effect.suspend(() =>
    Effect.sleep(Duration.millis(100 * Math.max(1, ++inside / 4) ** 1.5))
  );
  return Effect.ensuring(use, Effect.sync(() => inside--));
});

const crowded = (concurrency?: number): Way => (rate) =>
  Effect.flatMap(
    resource,
    (use) =>
      Workload.arrivals("uses", Workload.exponential(1000 / rate)).pipe(
        Workload.serve(() =>
          use.pipe(
            Limiter.limit({ maxWait: "20 seconds" }),
            Effect.timeoutOption("20 seconds"),
            Monitor.time("use"),
          )
        ),
      ),
  ).pipe(Effect.provide(Limiter.layer(Quota.unlimited, { concurrency })));

/** Everyone at once, and four. */
export const semaphore: Study = {
  ways: { "all at once": crowded(), "four at once": crowded(4) },
  settings: [5, 10, 15, 20, 25, 30, 35],
  horizon: "1 minute",
  chart: {
    title: "A resource that slows down when more than four use it",
    description: "Whoever is not done after 20 seconds gives up.",
    x: (rate) => rate,
    y: "use.p95",
    scale: "log",
    labels: { x: "uses a second", y: "seconds, 95 of 100 uses within" },
  },
};

const Job = Task.make("job");

/** A process that ends every minute, and a new one in its place. */
const processes = <R>(life: Effect.Effect<unknown, unknown, R>) =>
  life.pipe(Effect.timeoutOption("1 minute"), Effect.forever);

const jobs = Workload.arrivals("jobs", Workload.exponential("1 second"));
const work = Workload.sleep("work", Workload.exponential("5 seconds"));

/** How many jobs are handed in and not done. */
const owing = Effect.sync(() => {
  let owed = 0;
  const owe = (more: number) =>
    Effect.suspend(() => Monitor.level("owed", owed += more));
  return { submitted: owe(1), done: Effect.andThen(work, owe(-1)) };
});

/** Jobs in a process that ends. */
export const tasks: Study = {
  ways: {
    "in fibers": () =>
      Effect.flatMap(owing, ({ done, submitted }) =>
        processes(
          Workload.serve(jobs, () => Effect.andThen(submitted, done)),
        )),
    "as tasks in a store": () =>
      Effect.flatMap(owing, ({ done, submitted }) =>
        processes(
          Effect.flatMap(TaskManager.TaskManager, (manager) =>
            Workload.serve(jobs, () =>
              Effect.andThen(submitted, manager.submit(Job, undefined)))).pipe(
              Effect.provide(
                Job.toLayer(() =>
                  done
                ).pipe(
                  Layer.provideMerge(TaskManager.layer({ workers: 20 })),
                ),
              ),
            ),
        )).pipe(
          Effect.provide([Limiter.layerUnlimited, TaskStore.layerMemory()]),
        ),
  },
  settings: [0],
  horizon: "10 minutes",
  chart: {
    title: "Jobs of a process that is replaced every minute",
    y: "owed",
    labels: { y: "jobs handed in and not done" },
  },
};

const throughIncident = (policy: Policy): Way => () => incident.program(policy);

/** An upstream that is slow for ten minutes. */
export const retryBudget: Study = {
  ways: {
    "three retries each, endless queue": throughIncident({
      retries: "three each",
      queue: "endless",
    }),
    "retries from a budget, queue of 100": throughIncident({
      retries: "from a budget",
      queue: "of 100",
    }),
  },
  settings: [0],
  horizon: "25 minutes",
  chart: {
    title: "An upstream that is ten times slower for ten minutes",
    description:
      "From minute 5 to minute 15; four calls a second, which have a second each.",
    y: "answers",
    labels: { y: "calls a second that are answered in time" },
  },
};
