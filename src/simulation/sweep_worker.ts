/**
 * A thread that runs replications. Nobody else's code is in it, so that Effect may be loaded without what it costs to follow
 * `AsyncLocalStorage`.
 *
 * @module
 */
import type { Order } from "./crew.ts";
import type { Answer } from "./replication.ts";

const loaded = import("../preload.ts").then(() => import("./replication.ts"));

// Of a worker, which the types do not know that this is.
const here = self as unknown as {
  readonly postMessage: (answer: Answer) => void;
};

// Orders may come while it loads, and would be lost if nobody listened.
addEventListener("message", async (event) => {
  const { data } = event as MessageEvent<Order>;
  here.postMessage(await answerTo(data));
});

async function answerTo({ job, module }: Order): Promise<Answer> {
  try {
    const { replicate } = await loaded;
    // A whole URL: import maps have no say in it.
    const { model } = await import(module);
    return replicate(model.program(job.point), job);
  } catch (error) {
    return { trace: "", detail: `${module}: ${error}` };
  }
}
