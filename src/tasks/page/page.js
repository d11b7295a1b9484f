/**
 * Shows tasks as they change, and lets one cancel and retry them.
 *
 * What the server tells is kept in `rows`, of which there are never more than
 * `mostRows`, and is drawn once a frame at most. An event changes its row at
 * once; what events do not tell (attempts, errors) is asked for afterwards, once
 * a second at most. All text is set as text, since names and errors may be
 * anything.
 *
 * @module
 */

/** @typedef {"scheduled" | "pending" | "running" | "completed" | "failed" | "cancelled"} Status */
/** @typedef {{ done: number, total?: number, message?: string }} Progress */
/**
 * @typedef {{
 *   id: string, name: string, status: Status, priority: number, attempts: number,
 *   createdAt: string, runAt?: string, startedAt?: string, finishedAt?: string,
 *   lane?: string, progress?: Progress, error?: string,
 * }} Task
 */
/** @typedef {{ at: string, id: string, status: Status, progress?: Progress }} TaskEvent */
/** @typedef {{ at: string, waiting: number, running: number, completed: number, failed: number }} Sample */
/** @typedef {{ id: string | undefined, data: string }} Message */
/**
 * A task, how many events were seen of it, and its element once it is drawn.
 *
 * @typedef {{ task: Task, seen: number, element?: HTMLLIElement }} Row
 */

/** @type {readonly Status[]} */
const statuses = [
  "scheduled",
  "pending",
  "running",
  "completed",
  "failed",
  "cancelled",
];
const pageSize = 100;
const mostRows = 200;
/** So many tasks are asked for one by one; for more, the list is. */
const mostAsked = 8;
const refreshEvery = 1_000;
const retryAfter = 5_000;
const sampleEvery = 5_000;
const redrawEvery = 10_000;
const shortestPause = 1_000;
const longestPause = 15_000;
/** The server sends something every 15 s. */
const longestSilence = 45_000;
const longestMessage = 1_000_000;
const longestName = 200;
const longestError = 300;
const tokenKey = "weir.token";

// What is known.

/** In the order in which they are shown. @type {Map<string, Row>} */
let rows = new Map();
/** @type {Status | undefined} */
let filter;
/** The cursors that led here, page by page. @type {string[]} */
let place = [];
/** @type {string | undefined} */
let cursor;
let loaded = false;
/** @type {string | undefined} */
let lastEventId;
/** @type {Partial<Record<Status, number>>} */
let stats = {};
/** @type {readonly Sample[]} */
let history = [];
/** Ends what is under way, once someone logs in anew. */
let session = new AbortController();
/** Ends what is asked for the list, once another one is looked at. */
let view = new AbortController();

// Asking the server.

/** The token is wrong or missing, and is being asked for. */
class Unauthorized extends Error {}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 * @returns {Promise<Response>}
 */
async function call(path, init) {
  const token = sessionStorage.getItem(tokenKey);
  const headers = new Headers(init?.headers);
  if (token !== null) headers.set("authorization", `Bearer ${token}`);
  const response = await fetch(path, { ...init, headers });
  if (response.status === 401) {
    await response.body?.cancel();
    askForToken(token !== null);
    throw new Unauthorized("A token is needed.");
  }
  if (!response.ok) throw new Error(await reasonOf(response));
  return response;
}

/**
 * Words of a problem (RFC 9457), if it is one.
 *
 * @param {Response} response
 * @returns {Promise<string>}
 */
async function reasonOf(response) {
  const text = await response.text();
  try {
    const { detail, title } = JSON.parse(text);
    return String(detail ?? title);
  } catch {
    return `${response.status} ${response.statusText}`.trim();
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

/**
 * Receives events for as long as the session lasts, over as many connections as that takes.
 *
 * @param {AbortSignal} signal
 */
async function follow(signal) {
  let failures = 0;
  while (!signal.aborted) {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), longestSilence);
    try {
      const response = await call("events", {
        headers: {
          accept: "text/event-stream",
          ...(lastEventId === undefined
            ? {}
            : { "last-event-id": lastEventId }),
        },
        signal: AbortSignal.any([signal, silence.signal]),
      });
      showConnection("live");
      // What the list misses from before the stream, or the stream from before this connection.
      wantAll();
      const messages = messagesOf(response.body ?? new ReadableStream(), () => {
        failures = 0;
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), longestSilence);
      });
      for await (const { id, data } of messages) {
        receive(JSON.parse(data));
        lastEventId = id ?? lastEventId;
      }
    } catch (error) {
      if (signal.aborted || error instanceof Unauthorized) return;
    } finally {
      clearTimeout(timer);
    }
    showConnection("reconnecting");
    const pause = Math.min(shortestPause * 2 ** failures++, longestPause);
    await new Promise((resolve) =>
      setTimeout(resolve, pause * (0.5 + Math.random() / 2))
    );
  }
}

/**
 * Changes what the event is about, and has the rest asked for.
 *
 * @param {TaskEvent} event
 */
function receive({ at, id, progress, status }) {
  wantStats();
  const row = rows.get(id);
  if (row === undefined) {
    if (place.length === 0 && fits(status)) want(id);
    return;
  }
  row.seen++;
  if (status !== row.task.status) {
    const { finishedAt: _f, progress: _p, ...task } = row.task;
    row.task = { ...task, status };
    if (status === "running") row.task.startedAt = at;
    if (isFinal(status)) row.task.finishedAt = at;
    want(id);
  }
  if (progress !== undefined) row.task = { ...row.task, progress };
  if (!fits(status)) rows.delete(id);
  draw();
}

/** @type {Set<string>} */
const wanted = new Set();
let allWanted = false;
let refreshing = false;
let refreshedAt = 0;
let listFails = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let refreshTimer;

/** @param {string} id */
function want(id) {
  if (!allWanted) wanted.add(id);
  if (wanted.size > mostAsked) wantAll();
  else scheduleRefresh();
}

function wantAll() {
  allWanted = true;
  wanted.clear();
  scheduleRefresh();
}

/** @param {number} [after] */
function scheduleRefresh(after = refreshEvery) {
  if (refreshing || refreshTimer !== undefined) return;
  const wait = Math.max(20, refreshedAt + after - Date.now());
  refreshTimer = setTimeout(refresh, wait);
}

/** Asks for what is wanted. */
async function refresh() {
  refreshTimer = undefined;
  refreshing = true;
  const { signal } = view;
  const ids = [...wanted];
  const all = allWanted;
  allWanted = false;
  wanted.clear();
  let failed = false;
  try {
    if (all) await load(signal);
    else await Promise.all(ids.map((id) => loadOne(id, signal)));
  } catch (error) {
    failed = !(signal.aborted || error instanceof Unauthorized);
    allWanted ||= failed;
    if (failed) notify(`The list could not be loaded: ${wordsOf(error)}`);
  }
  if (listFails && !failed) notify("");
  listFails = failed;
  refreshing = false;
  refreshedAt = signal.aborted ? 0 : Date.now();
  if (allWanted || wanted.size > 0) {
    scheduleRefresh(failed ? retryAfter : refreshEvery);
  }
}

/** @param {AbortSignal} signal */
async function load(signal) {
  const query = new URLSearchParams({ limit: String(pageSize) });
  const at = place.at(-1);
  if (filter !== undefined) query.set("status", filter);
  if (at !== undefined) query.set("cursor", at);
  const asked = new Map([...rows].map(([id, row]) => [id, row.seen]));
  const response = await call(`tasks?${query}`, { signal });
  /** @type {{ tasks: readonly Task[], cursor?: string }} */
  const list = await response.json();
  const before = rows;
  rows = new Map();
  for (const task of list.tasks.slice(0, mostRows)) {
    const row = before.get(task.id);
    put(task, row, asked.get(task.id) ?? 0);
  }
  cursor = list.cursor;
  loaded = true;
  draw();
}

/**
 * @param {string} id
 * @param {AbortSignal} signal
 */
async function loadOne(id, signal) {
  const asked = rows.get(id)?.seen ?? 0;
  const response = await call(`tasks/${encodeURIComponent(id)}`, { signal });
  take(await response.json(), asked);
}

/**
 * Shows a task as it stands where it belongs into the list.
 *
 * @param {Task} task
 * @param {number} asked how many events had been seen of it then
 */
function take(task, asked) {
  const row = rows.get(task.id);
  if (row !== undefined) {
    put(task, row, asked);
  } else if (fits(task.status) && place.length === 0) {
    const older = [...rows].filter(([, r]) =>
      r.task.createdAt <= task.createdAt
    );
    if (older.length === 0 && cursor !== undefined) return;
    for (const [id] of older) rows.delete(id);
    put(task, undefined, asked);
    for (const [id, r] of older) rows.set(id, r);
  }
  if (rows.size > mostRows) {
    rows.delete([...rows.keys()].at(-1) ?? "");
    wantAll();
  }
  draw();
}

/**
 * Events that arrived since a task was asked for are newer than the answer.
 *
 * @param {Task} task
 * @param {Row | undefined} row
 * @param {number} asked
 */
function put(task, row, asked) {
  const { element, seen = asked, task: known = task } = row ?? {};
  const fresh = seen === asked;
  if (!fresh && known.status !== task.status) want(task.id);
  const { status, progress } = fresh ? task : known;
  const { progress: _, ...rest } = task;
  if (!fits(status)) {
    rows.delete(task.id);
    return;
  }
  rows.set(task.id, {
    task: { ...rest, status, ...(progress === undefined ? {} : { progress }) },
    seen,
    ...(element === undefined ? {} : { element }),
  });
}

/**
 * @param {string} id
 * @param {"cancel" | "retry"} action
 * @param {HTMLButtonElement} button
 */
async function act(id, action, button) {
  const row = rows.get(id);
  if (row === undefined || button.ariaDisabled === "true") return;
  const { seen, task: { name } } = row;
  button.ariaDisabled = "true";
  try {
    const path = `tasks/${encodeURIComponent(id)}/${action}`;
    const response = await call(path, { method: "POST" });
    take(await response.json(), seen);
    wantStats();
    const done = action === "cancel" ? "Cancelled" : "Retried";
    notify(`${done}: ${cut(name, longestName)}`);
  } catch (error) {
    if (!(error instanceof Unauthorized)) {
      notify(
        `Could not ${action} ${cut(name, longestName)}: ${wordsOf(error)}`,
      );
    }
  } finally {
    button.ariaDisabled = null;
  }
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let statsTimer;

function wantStats() {
  statsTimer ??= setTimeout(() => {
    statsTimer = undefined;
    loadStats();
  }, refreshEvery);
}

async function loadStats() {
  try {
    const response = await call("stats", { signal: session.signal });
    stats = await response.json();
    draw();
  } catch {
    // The next one may succeed; that the server is away is shown already.
  }
}

async function loadHistory() {
  try {
    const response = await call("history", { signal: session.signal });
    history = await response.json();
    drawCharts();
  } catch {
    // As above.
  }
}

/** Asks for everything anew. */
function start() {
  session.abort();
  session = new AbortController();
  const { signal } = session;
  element("login").hidden = true;
  element("board").hidden = false;
  showConnection("connecting");
  look(filter, []);
  loadStats();
  loadHistory();
  follow(signal);
}

/**
 * Looks at another part of the list.
 *
 * @param {Status | undefined} status
 * @param {string[]} at
 */
function look(status, at) {
  view.abort();
  view = new AbortController();
  filter = status;
  place = at;
  cursor = undefined;
  loaded = false;
  rows = new Map();
  refreshedAt = 0;
  clearTimeout(refreshTimer);
  refreshTimer = undefined;
  notify("");
  wantAll();
  draw();
}

/**
 * Shows another page of the list from its top, and does not leave the focus on a button that goes.
 *
 * @param {string[]} at
 */
function turn(at) {
  look(filter, at);
  filters.get(filter)?.focus();
}

/** @param {boolean} refused whether there was one that is not accepted */
function askForToken(refused) {
  session.abort();
  view.abort();
  sessionStorage.removeItem(tokenKey);
  const login = element("login");
  const asked = !login.hidden;
  login.hidden = false;
  element("board").hidden = true;
  showConnection("locked");
  if (refused) say(element("token-error"), "This token was not accepted.");
  if (!asked) element("token").focus();
}

// Drawing.

const list = element("tasks");
const template = /** @type {HTMLTemplateElement} */ (element("row"));
const relative = new Intl.RelativeTimeFormat("en", {
  numeric: "auto",
  style: "short",
});
const count = new Intl.NumberFormat("en");
/** @type {Map<Status | undefined, HTMLButtonElement>} */
const filters = new Map();
let frame = 0;

/** Draws in the next frame, once for all that happens until then. */
function draw() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    drawFilters();
    drawRows();
  });
}

function drawFilters() {
  for (const [status, button] of filters) {
    button.ariaPressed = String(status === filter);
    const number = status === undefined
      ? statuses.reduce((sum, each) => sum + (stats[each] ?? 0), 0)
      : stats[status];
    say(within(button, ".number"), count.format(number ?? 0));
  }
}

function drawRows() {
  for (const child of [...list.children]) {
    const { id = "" } = /** @type {HTMLElement} */ (child).dataset;
    if (rows.get(id)?.element === child) continue;
    if (child.contains(document.activeElement)) {
      const next = child.nextElementSibling ?? child.previousElementSibling;
      const there = /** @type {HTMLElement | null} */ (next);
      (there ?? filters.get(filter))?.focus();
    }
    child.remove();
  }
  let i = 0;
  for (const row of rows.values()) {
    row.element ??= newRow(row.task.id);
    drawRow(row.element, row.task);
    const at = list.children[i++];
    if (at !== row.element) list.insertBefore(row.element, at ?? null);
  }
  const kind = filter === undefined ? "" : `${filter} `;
  const empty = element("empty");
  empty.hidden = rows.size > 0;
  say(empty, loaded ? `There are no ${kind}tasks here.` : "Loading …");
  element("newer").hidden = place.length === 0;
  element("older").hidden = cursor === undefined;
  say(
    element("place"),
    place.length > 0 || cursor !== undefined ? `Page ${place.length + 1}` : "",
  );
}

/**
 * @param {string} id
 * @returns {HTMLLIElement}
 */
function newRow(id) {
  const copy =
    /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const row = /** @type {HTMLLIElement} */ (copy.firstElementChild);
  row.dataset.id = id;
  for (const action of /** @type {const} */ (["cancel", "retry"])) {
    const button = /** @type {HTMLButtonElement} */ (within(row, `.${action}`));
    button.addEventListener("click", () => act(id, action, button));
  }
  return row;
}

/**
 * @param {HTMLLIElement} row
 * @param {Task} task
 */
function drawRow(row, task) {
  const { attempts, error, lane, priority, progress, status } = task;
  const name = cut(task.name, longestName);
  row.dataset.status = status;
  say(within(row, ".status"), status);
  say(within(row, ".name"), name);
  say(within(row, ".id"), task.id);
  drawTimes(within(row, ".when"), task);
  const more = [
    `${count.format(attempts)} ${attempts === 1 ? "attempt" : "attempts"}`,
    ...(priority === 0 ? [] : [`priority ${priority}`]),
    ...(lane === undefined ? [] : [`lane ${cut(lane, longestName)}`]),
  ];
  say(within(row, ".more"), more.join(" · "));
  drawProgress(within(row, ".progress"), status, progress, name);
  const why = within(row, ".error");
  why.hidden = error === undefined || error === "";
  say(why, cut(error ?? "", longestError));
  why.title = (error ?? "").length > longestError ? error ?? "" : "";
  for (
    const [action, may] of /** @type {const} */ ([
      ["cancel", ["scheduled", "pending", "running"].includes(status)],
      ["retry", ["failed", "cancelled"].includes(status)],
    ])
  ) {
    const button = within(row, `.${action}`);
    if (!may && button === document.activeElement) row.focus();
    button.hidden = !may;
    const label = `${button.textContent} ${name}`;
    if (button.ariaLabel !== label) button.ariaLabel = label;
  }
}

/**
 * @param {HTMLElement} box
 * @param {Status} status
 * @param {Progress | undefined} progress
 * @param {string} name
 */
function drawProgress(box, status, progress, name) {
  box.hidden = progress === undefined || isFinal(status);
  if (progress === undefined) return;
  const bar = /** @type {HTMLProgressElement} */ (within(box, "progress"));
  const { done, message, total } = progress;
  bar.hidden = total === undefined;
  bar.ariaLabel = `Progress of ${name}`;
  if (total !== undefined) {
    bar.max = Math.max(total, Number.MIN_VALUE);
    bar.value = done;
  }
  const of = total === undefined ? " done" : ` of ${count.format(total)}`;
  const words = message === undefined ? "" : ` · ${cut(message, longestName)}`;
  say(within(box, ".done"), `${count.format(done)}${of}${words}`);
}

/**
 * When a task was created, and when it came to stand as it does.
 *
 * @param {HTMLElement} box
 * @param {Task} task
 */
function drawTimes(box, { createdAt, finishedAt, runAt, startedAt, status }) {
  /** @type {[string, string | undefined][]} */
  const times = [["created ", createdAt]];
  if (status === "scheduled") times.push([", runs ", runAt]);
  if (status === "running") times.push([", started ", startedAt]);
  if (isFinal(status)) times.push([", ended ", finishedAt]);
  const shown = times.filter(([, at]) => at !== undefined);
  const key = JSON.stringify(shown);
  if (box.dataset.times !== key) {
    box.dataset.times = key;
    box.replaceChildren(...shown.flatMap(([words, at = ""]) => {
      const time = document.createElement("time");
      time.dateTime = at;
      time.title = at;
      return [words, time];
    }));
  }
  for (const time of box.getElementsByTagName("time")) {
    const past = time.dateTime !== runAt;
    say(time, fromNow(time.dateTime, past));
  }
}

/** @param {"connecting" | "live" | "reconnecting" | "locked"} state */
function showConnection(state) {
  const box = element("connection");
  box.dataset.state = state;
  say(box, `${state[0]?.toUpperCase()}${state.slice(1)}`);
}

/** @param {string} words */
function notify(words) {
  say(element("notice"), words);
}

// Charts.

const chartHeight = 168;
const margin = { top: 22, right: 12, bottom: 26, left: 44 };
const minutes = 10;

/** How deep the queue is, and what ended each minute. */
function drawCharts() {
  const latest = history.at(-1);
  if (latest === undefined) return;
  const end = Date.parse(latest.at);
  const ages = history.map(({ at }) => (end - Date.parse(at)) / 60_000);
  drawChart(
    element("depth"),
    "tasks",
    history.flatMap(({ running, waiting }) => [running, waiting]),
    `Queue depth over ${minutes} minutes, now ${latest.waiting} waiting and ${latest.running} running`,
    (x, y) =>
      /** @type {const} */ (["waiting", "running"]).map((key) =>
        svg("polyline", {
          class: `line ${key}`,
          points: history.map((sample, i) =>
            `${x(ages[i] ?? 0).toFixed(1)},${y(sample[key]).toFixed(1)}`
          ).join(" "),
        })
      ),
  );
  const bars = Array.from(
    { length: minutes },
    () => ({ completed: 0, failed: 0 }),
  );
  history.forEach(({ completed, failed }, i) => {
    const bar = bars[Math.floor(ages[i] ?? 0)];
    if (bar === undefined) return;
    bar.completed += completed;
    bar.failed += failed;
  });
  const [last] = bars;
  drawChart(
    element("ended"),
    "tasks / min",
    bars.flatMap(({ completed, failed }) => [completed, failed]),
    `Ended per minute over ${minutes} minutes, in the last one ${last?.completed} completed and ${last?.failed} failed`,
    (x, y) =>
      bars.flatMap((bar, age) => {
        const width = (x(0) - x(1)) * 0.36;
        return /** @type {const} */ (["completed", "failed"]).map((key, i) =>
          svg("rect", {
            class: `bar ${key}`,
            x: String(x(age + 0.5) + (i - 1) * (width + 0.5) + i),
            y: String(y(bar[key])),
            width: String(width),
            height: String(y(0) - y(bar[key])),
          })
        );
      }),
  );
}

/**
 * @param {HTMLElement} box
 * @param {string} unit
 * @param {readonly number[]} values
 * @param {string} label
 * @param {(x: (age: number) => number, y: (value: number) => number) => Element[]} marks
 */
function drawChart(box, unit, values, label, marks) {
  const width = box.clientWidth;
  if (width === 0) return;
  const top = ceilingOf(Math.max(...values));
  const right = width - margin.right;
  const bottom = chartHeight - margin.bottom;
  /** @param {number} age in minutes */
  const x = (age) => right - (right - margin.left) * age / minutes;
  /** @param {number} value */
  const y = (value) => bottom - (bottom - margin.top) * value / top;
  const levels = top % 2 === 0 ? [0, top / 2, top] : [0, top];
  const short = new Intl.NumberFormat("en", { notation: "compact" });
  box.replaceChildren(svg(
    "svg",
    {
      role: "img",
      "aria-label": label,
      viewBox: `0 0 ${width} ${chartHeight}`,
      height: String(chartHeight),
    },
    ...levels.flatMap((level) => [
      svg("line", {
        class: level === 0 ? "axis" : "grid",
        ...{ x1: String(margin.left), x2: String(right) },
        ...{ y1: String(y(level)), y2: String(y(level)) },
      }),
      text(margin.left - 6, y(level) + 4, "end", short.format(level)),
    ]),
    text(margin.left, 12, "start", unit),
    ...[minutes, minutes / 2].map((age) =>
      text(
        x(age),
        chartHeight - 8,
        age === minutes ? "start" : "middle",
        `${age} min ago`,
      )
    ),
    text(right, chartHeight - 8, "end", "now"),
    ...marks(x, y),
  ));
}

/**
 * @param {number} x
 * @param {number} y
 * @param {"start" | "middle" | "end"} anchor
 * @param {string} words
 * @returns {Element}
 */
function text(x, y, anchor, words) {
  const node = svg("text", {
    x: String(x),
    y: String(y),
    "text-anchor": anchor,
  });
  node.textContent = words;
  return node;
}

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...Element} children
 * @returns {Element}
 */
function svg(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) {
    node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

/**
 * The next of 1, 2, 3, 4, 6, 10, 20, 30, …
 *
 * @param {number} value
 * @returns {number}
 */
function ceilingOf(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return power * ([1, 2, 3, 4, 6].find((step) => value <= step * power) ?? 10);
}

// Helpers.

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
function element(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`There is no #${id}`);
  return found;
}

/**
 * @param {Element} parent
 * @param {string} selector
 * @returns {HTMLElement}
 */
function within(parent, selector) {
  return /** @type {HTMLElement} */ (parent.querySelector(selector));
}

/**
 * Leaves alone what says this already, so that nothing is laid out or read out again.
 *
 * @param {Element} node
 * @param {string} words
 */
function say(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

/**
 * @param {string} words
 * @param {number} most
 * @returns {string}
 */
function cut(words, most) {
  return words.length > most ? `${words.slice(0, most)}…` : words;
}

/** @param {unknown} error */
function wordsOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/** @param {Status} status */
function fits(status) {
  return filter === undefined || status === filter;
}

/** @param {Status} status */
function isFinal(status) {
  return ["completed", "failed", "cancelled"].includes(status);
}

/**
 * @param {string} time
 * @param {boolean} past whether it is never ahead, whatever the clock here says
 * @returns {string}
 */
function fromNow(time, past) {
  const ahead = (Date.parse(time) - Date.now()) / 1_000;
  const seconds = past ? Math.min(ahead, 0) : ahead;
  const far = Math.abs(seconds);
  if (far < 60) return relative.format(Math.round(seconds), "second");
  if (far < 3_600) return relative.format(Math.round(seconds / 60), "minute");
  if (far < 86_400) return relative.format(Math.round(seconds / 3_600), "hour");
  return relative.format(Math.round(seconds / 86_400), "day");
}

// The start.

for (const status of [undefined, ...statuses]) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.status = status ?? "all";
  const number = document.createElement("span");
  number.className = "number";
  number.textContent = "0";
  button.append(number, ` ${status ?? "all"}`);
  button.addEventListener("click", () => look(status, []));
  filters.set(status, button);
  element("filters").append(button);
}
element("older").addEventListener("click", () => {
  if (cursor !== undefined) turn([...place, cursor]);
});
element("newer").addEventListener("click", () => turn(place.slice(0, -1)));
element("login").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = /** @type {HTMLInputElement} */ (element("token"));
  sessionStorage.setItem(tokenKey, input.value);
  input.value = "";
  say(element("token-error"), "");
  start();
});
new ResizeObserver(drawCharts).observe(element("depth"));
setInterval(draw, redrawEvery);
setInterval(() => {
  if (document.hidden || !element("login").hidden) return;
  loadHistory();
  loadStats();
}, sampleEvery);
start();
