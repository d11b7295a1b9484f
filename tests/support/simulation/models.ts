/**
 * Models that other threads can load.
 *
 * @module
 */
import { Monitor, Simulation, Workload } from "@weir/weir/simulation";
import * as Effect from "effect/Effect";

/** What a {@linkcode model} does. */
export type Task = "works" | "fails" | "hangs" | "ends" | "escapes";

const gap = Workload.exponential("1 second");

/** Does as it is told. */
export const model: Simulation.Model<Task> = Simulation.model(
  (task: Task) => {
    const loop = Workload.sleep("gap", gap).pipe(
      Monitor.time("gap"),
      Effect.tap(Monitor.count("gaps")),
      Effect.forever,
    );
    switch (task) {
      case "works":
        return loop;
      case "fails":
        return Effect.delay(Effect.fail("no luck"), "1 minute");
      case "hangs":
        return Effect.never;
      case "ends":
        return Effect.sleep("1 second");
      case "escapes":
        return Effect.promise(() => Promise.resolve());
    }
  },
  { module: import.meta.url },
);
