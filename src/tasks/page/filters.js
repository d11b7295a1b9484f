/**
 * The buttons that choose a status, with how many tasks stand there.
 *
 * @module
 */
/** @import { Status } from "./model.js" */
import { element, formatNumber, say, within } from "./dom.js";
import { statuses } from "./model.js";
import { call } from "./server.js";

const countEvery = 1_000;

/** @type {Map<Status | undefined, HTMLButtonElement>} */
const buttons = new Map();
/** @type {Partial<Record<Status, number>>} */
let counts = {};
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {(status: Status | undefined) => void} onPick */
export function makeFilters(onPick) {
  for (const status of [undefined, ...statuses]) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.status = status ?? "all";
    const number = document.createElement("span");
    number.className = "number";
    number.textContent = "0";
    button.append(number, ` ${status ?? "all"}`);
    button.addEventListener("click", () => onPick(status));
    buttons.set(status, button);
    element("filters").append(button);
  }
}

/** @param {Status | undefined} chosen */
export function drawFilters(chosen) {
  for (const [status, button] of buttons) {
    button.ariaPressed = String(status === chosen);
    const number = status === undefined
      ? statuses.reduce((sum, each) => sum + (counts[each] ?? 0), 0)
      : counts[status];
    say(within(button, ".number"), formatNumber(number ?? 0));
  }
}

/** @param {Status | undefined} status */
export function focusFilter(status) {
  buttons.get(status)?.focus();
}

/**
 * Has the counts asked for, once a second at most.
 *
 * @param {() => void} onChange
 */
export function wantCounts(onChange) {
  timer ??= setTimeout(() => {
    timer = undefined;
    loadCounts(onChange);
  }, countEvery);
}

/** @param {() => void} onChange */
export async function loadCounts(onChange) {
  try {
    const response = await call("stats");
    counts = await response.json();
    onChange();
  } catch {
    // The next one may succeed; that the server is away is shown already.
  }
}
