/**
 * Draws one task.
 *
 * @module
 */
/** @import { Progress, Status, Task } from "./model.js" */
import { cut, element, formatNumber, longestName, say, within } from "./dom.js";
import { canBeRetried, isFinal } from "./model.js";

const longestError = 300;
const template = /** @type {HTMLTemplateElement} */ (element("row"));
const relative = new Intl.RelativeTimeFormat("en", {
  numeric: "auto",
  style: "short",
});

/**
 * @param {string} id
 * @returns {HTMLLIElement}
 */
export function newRow(id) {
  const copy =
    /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const row = /** @type {HTMLLIElement} */ (copy.firstElementChild);
  row.dataset.id = id;
  return row;
}

/**
 * @param {HTMLLIElement} row
 * @param {Task} task
 */
export function drawRow(row, task) {
  const { attempts, error = "", lane, priority, status } = task;
  const name = cut(task.name, longestName);
  row.dataset.status = status;
  say(within(row, ".status"), status);
  say(within(row, ".name"), name);
  say(within(row, ".id"), task.id);
  drawTimes(within(row, ".when"), task);
  const more = [
    `${formatNumber(attempts)} ${attempts === 1 ? "attempt" : "attempts"}`,
    ...(priority === 0 ? [] : [`priority ${priority}`]),
    ...(lane === undefined ? [] : [`lane ${cut(lane, longestName)}`]),
  ];
  say(within(row, ".more"), more.join(" · "));
  drawProgress(within(row, ".progress"), task, name);
  const why = within(row, ".error");
  why.hidden = error === "";
  say(why, cut(error, longestError));
  why.title = error.length > longestError ? error : "";
  drawButton(row, ".cancel", !isFinal(status), name);
  drawButton(row, ".retry", canBeRetried(status), name);
}

/**
 * @param {HTMLLIElement} row
 * @param {string} selector
 * @param {boolean} isShown
 * @param {string} name
 */
function drawButton(row, selector, isShown, name) {
  const button = within(row, selector);
  if (!isShown && button === document.activeElement) row.focus();
  button.hidden = !isShown;
  const label = `${button.textContent} ${name}`;
  if (button.ariaLabel !== label) button.ariaLabel = label;
}

/**
 * @param {HTMLElement} box
 * @param {Task} task
 * @param {string} name
 */
function drawProgress(box, { progress, status }, name) {
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
  const of = total === undefined ? " done" : ` of ${formatNumber(total)}`;
  const words = message === undefined ? "" : ` · ${cut(message, longestName)}`;
  say(within(box, ".done"), `${formatNumber(done)}${of}${words}`);
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
    say(time, fromNow(time.dateTime, time.dateTime !== runAt));
  }
}

/**
 * @param {string} time
 * @param {boolean} isPast whether it is never ahead, whatever the clock here says
 * @returns {string}
 */
function fromNow(time, isPast) {
  const ahead = (Date.parse(time) - Date.now()) / 1_000;
  const seconds = isPast ? Math.min(ahead, 0) : ahead;
  const far = Math.abs(seconds);
  if (far < 60) return relative.format(Math.round(seconds), "second");
  if (far < 3_600) return relative.format(Math.round(seconds / 60), "minute");
  if (far < 86_400) return relative.format(Math.round(seconds / 3_600), "hour");
  return relative.format(Math.round(seconds / 86_400), "day");
}
