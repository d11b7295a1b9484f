/**
 * Shows tasks as they change, and lets one cancel and retry them.
 *
 * @module
 */
/** @import { Status } from "./model.js" */
import { loadHistory } from "./charts.js";
import {
  cut,
  element,
  longestName,
  notify,
  showConnection,
  wordsOf,
} from "./dom.js";
import { follow } from "./events.js";
import {
  drawFilters,
  focusFilter,
  loadCounts,
  makeFilters,
  wantCounts,
} from "./filters.js";
import { drawList } from "./list.js";
import { hideLogin, isLoginShown, makeLogin, showLogin } from "./login.js";
import { call, keepToken, onLocked, renewSession, wasEnded } from "./server.js";
import { View } from "./view.js";

const sampleEvery = 5_000;
/** Times are told from now. */
const redrawEvery = 10_000;

/** @type {View | undefined} */
let view;
let frame = 0;

/** Draws in the next frame, once for all that happens until then. */
function draw() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    if (view === undefined) return;
    drawFilters(view.filter);
    drawList(view);
  });
}

/**
 * Looks at another part of the list.
 *
 * @param {Status | undefined} filter
 * @param {readonly string[]} [place]
 */
function look(filter, place = []) {
  view?.end();
  notify("");
  view = new View(filter, place, {
    onChange: draw,
    onFailure: (error) =>
      notify(`The list could not be loaded: ${wordsOf(error)}`),
    onRecovery: () => notify(""),
  });
  draw();
}

/**
 * Shows another page of the list from its top, and does not leave the focus on a button that goes.
 *
 * @param {readonly string[]} place
 */
function turn(place) {
  look(view?.filter, place);
  focusFilter(view?.filter);
}

/**
 * @param {string} id
 * @param {string} action
 * @param {HTMLButtonElement} button
 */
async function act(id, action, button) {
  const now = view;
  const row = now?.rows.get(id);
  if (row === undefined || button.ariaDisabled === "true") return;
  const { seen, task } = row;
  const name = cut(task.name, longestName);
  button.ariaDisabled = "true";
  try {
    const path = `tasks/${encodeURIComponent(id)}/${action}`;
    const response = await call(path, { method: "POST" });
    now?.take(await response.json(), seen);
    wantCounts(draw);
    notify(`${action === "cancel" ? "Cancelled" : "Retried"}: ${name}`);
  } catch (error) {
    if (wasEnded(error)) return;
    notify(`Could not ${action} ${name}: ${wordsOf(error)}`);
  } finally {
    button.ariaDisabled = null;
  }
}

/** Asks for everything anew. */
function start() {
  const signal = renewSession();
  hideLogin();
  showConnection("connecting");
  look(view?.filter);
  loadCounts(draw);
  loadHistory();
  follow(signal, {
    onLive: () => {
      showConnection("live");
      // What the list misses from before the stream, or the stream from before this connection.
      view?.refresh();
    },
    onLost: () => showConnection("reconnecting"),
    onEvent: (event) => {
      wantCounts(draw);
      view?.receive(event);
    },
  });
}

makeFilters(look);
element("tasks").addEventListener("click", ({ target }) => {
  const button = /** @type {Element} */ (target).closest("button");
  const id = button?.closest("li")?.dataset.id;
  if (button && id !== undefined) act(id, button.className, button);
});
element("older").addEventListener("click", () => {
  if (view?.cursor !== undefined) turn([...view.place, view.cursor]);
});
element("newer").addEventListener("click", () => {
  if (view !== undefined) turn(view.place.slice(0, -1));
});
makeLogin((token) => {
  keepToken(token);
  start();
});
onLocked((refused) => {
  view?.end();
  showConnection("locked");
  showLogin(refused);
});
setInterval(draw, redrawEvery);
setInterval(() => {
  if (document.hidden || isLoginShown()) return;
  loadHistory();
  loadCounts(draw);
}, sampleEvery);
start();
