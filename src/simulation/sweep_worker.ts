/**
 * A thread that runs replications. Nobody else's code is in it, so that Effect may be loaded without what it costs to follow
 * `AsyncLocalStorage`.
 *
 * @module
 */
import type { Order } from "./crew.ts";
import type { Answer } from "./replication.ts";

const loaded = import("../preload.ts").then(() => import("./crew.ts"));

// Of a worker, which the types do not know that this is.
const here = self as unknown as {
  readonly postMessage: (answer: Answer) => void;
  close: () => never;
};

// Whoever waits for an answer is not told that a thread has ended itself.
here.close = Deno.exit = () => {
  throw new Error("a model may not end the thread that it runs in");
};

// Orders may come while it loads, and would be lost if nobody listened.
addEventListener("message", async (event) => {
  const { data } = event as MessageEvent<Order>;
  const { obey } = await loaded;
  here.postMessage(await obey(data));
});
