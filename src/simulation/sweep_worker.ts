/**
 * A thread that runs replications. Nobody else's code is in it, so that Effect may be loaded without what it costs to follow
 * `AsyncLocalStorage`.
 *
 * @module
 */
import type { Order } from "./crew.ts";
import type { Answer } from "./replication.ts";

await import("../preload.ts");
const { replicate } = await import("./replication.ts");

const answerTo = async ({ job, module }: Order): Promise<Answer> => {
  try {
    const { model } = await import(module);
    return replicate(model.program(job.point), job);
  } catch (error) {
    return { trace: "", detail: `${module}: ${error}` };
  }
};

// Of a worker, which the types do not know that this is.
const here = self as unknown as {
  readonly postMessage: (answer: Answer) => void;
};

addEventListener("message", async (event) => {
  const { data } = event as MessageEvent<Order>;
  here.postMessage(await answerTo(data));
});
