/**
 * express, on Deno's `node:http`, which adds what it is given to a queue of BullMQ; with a worker of so many at once, or with none.
 *
 * @module
 */
// deno-lint-ignore no-import-prefix -- measured, not depended on
import express from "npm:express@5.3.0";
import { Queue, Redis, Worker } from "../../tasks/peers.ts";
import { port } from "../../tasks/redis.ts";
import { kind } from "../../tasks/sites.ts";
import { isSubmission } from "./submission.ts";

const concurrency = Number(Deno.args[0] ?? 0);

/** What of express is used here. */
interface Answer {
  readonly status: (code: number) => Answer;
  readonly json: (body: unknown) => void;
}

const connection = new Redis({
  host: "127.0.0.1",
  port,
  maxRetriesPerRequest: null,
});
const queue = new Queue(`${kind}-${concurrency}`, { connection });
if (concurrency > 0) {
  new Worker(queue.name, () => Promise.resolve(), { connection, concurrency });
}

const app = express();
app.use(express.json());
app.post(
  "/tasks",
  async ({ body }: { readonly body: unknown }, response: Answer) => {
    if (!isSubmission(body)) return response.status(400).json({});
    const { name, payload } = body;
    const { id } = await queue.add(name, payload);
    response.status(202).json({ id, name, payload, status: "pending" });
  },
);
// The load tool leaves in the midst of requests, which is not worth a line on stderr each.
app.use((_: unknown, _request: unknown, response: Answer, _next: unknown) =>
  response.status(400).json({})
);

const server = app.listen(0, "127.0.0.1", () => {
  // deno-lint-ignore no-console -- the bench reads the port
  console.log(server.address().port);
});
