/**
 * Receives events for as long as it takes, over as many connections as that takes.
 *
 * @module
 */
/** @import { TaskEvent } from "./model.js" */
import { call } from "./server.js";

/** @typedef {{ id: string | undefined, data: string }} Message */

const shortestPause = 1_000;
const longestPause = 15_000;
/** The server sends something every 15 s. */
const longestSilence = 45_000;
const longestMessage = 1_000_000;

/** @type {string | undefined} */
let lastEventId;

/**
 * @param {AbortSignal} signal
 * @param {{ onLive: () => void, onLost: () => void, onEvent: (event: TaskEvent) => void }} handlers
 */
export async function follow(signal, { onEvent, onLive, onLost }) {
  let failures = 0;
  while (true) {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), longestSilence);
    try {
      const headers = new Headers({ accept: "text/event-stream" });
      if (lastEventId !== undefined) headers.set("last-event-id", lastEventId);
      const response = await call("events", {
        headers,
        signal: AbortSignal.any([signal, silence.signal]),
      });
      onLive();
      const messages = messagesOf(response.body ?? new ReadableStream(), () => {
        failures = 0;
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), longestSilence);
      });
      for await (const { data, id } of messages) {
        onEvent(JSON.parse(data));
        lastEventId = id ?? lastEventId;
      }
    } catch {
      // It is asked for again, unless it has ended.
    } finally {
      clearTimeout(timer);
    }
    if (signal.aborted) return;
    onLost();
    const pause = Math.min(shortestPause * 2 ** failures++, longestPause);
    await new Promise((resolve) =>
      setTimeout(resolve, pause * (0.5 + Math.random() / 2))
    );
    if (signal.aborted) return;
  }
}

/**
 * The messages of a stream of events, until it ends.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @param {() => void} onChunk
 * @returns {AsyncGenerator<Message>}
 */
async function* messagesOf(body, onChunk) {
  let rest = "";
  /** @type {string | undefined} */
  let id;
  /** @type {string[]} */
  let data = [];
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    onChunk();
    rest += chunk;
    if (rest.length > longestMessage) throw new Error("A message is too long.");
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) yield { id, data: data.join("\n") };
        data = [];
        continue;
      }
      const [, field, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (field === "id") id = value;
      if (field === "data") data.push(value);
    }
  }
}
