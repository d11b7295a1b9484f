/**
 * `Deno.serve`, which sends an event to everyone who listens, for each task that it is given, and keeps nothing.
 *
 * @module
 */
import { serve } from "../../http/servers/serve.ts";
import { isSubmission } from "./submission.ts";

const encoder = new TextEncoder();
const listeners = new Set<ReadableStreamDefaultController<Uint8Array>>();
let sequence = 0;

serve(async (request) => {
  if (request.method === "GET") return listen();
  const body: unknown = await request.json();
  if (!isSubmission(body)) return new Response(null, { status: 400 });
  const [at, id] = [new Date().toISOString(), crypto.randomUUID()];
  const { name } = body;
  const data = JSON.stringify({
    ...{ at, sequence: ++sequence, id, name, status: "pending" },
  });
  const bytes = encoder.encode(`id: ${sequence}\ndata: ${data}\n\n`);
  for (const listener of listeners) listener.enqueue(bytes);
  return Response.json({ id }, { status: 202 });
});

function listen(): Response {
  let mine: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      mine = controller;
      listeners.add(mine);
    },
    cancel: () => {
      listeners.delete(mine);
    },
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream" },
  });
}
