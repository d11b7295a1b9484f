/**
 * Draws the part of the list that is looked at.
 *
 * @module
 */
/** @import { View } from "./view.js" */
import { element, say } from "./dom.js";
import { focusFilter } from "./filters.js";
import { drawRow, newRow } from "./task_row.js";

const list = element("tasks");

/** @param {View} view */
export function drawList(view) {
  const before = new Map(
    /** @type {HTMLLIElement[]} */ ([...list.children]).map((item) => [
      item.dataset.id ?? "",
      item,
    ]),
  );
  for (const [id, item] of before) {
    if (!view.rows.has(id)) remove(item, view);
  }
  let i = 0;
  for (const [id, { task }] of view.rows) {
    const item = before.get(id) ?? newRow(id);
    drawRow(item, task);
    const there = list.children[i++] ?? null;
    if (there !== item) list.insertBefore(item, there);
  }
  drawRest(view);
}

/**
 * Hands the focus on, if it is there.
 *
 * @param {HTMLLIElement} item
 * @param {View} view
 */
function remove(item, view) {
  if (item.contains(document.activeElement)) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    if (next instanceof HTMLElement) next.focus();
    else focusFilter(view.filter);
  }
  item.remove();
}

/** @param {View} view */
function drawRest({ cursor, filter, isLoaded, place, rows }) {
  const kind = filter === undefined ? "" : `${filter} `;
  const empty = element("empty");
  empty.hidden = rows.size > 0;
  say(empty, isLoaded ? `There are no ${kind}tasks here.` : "Loading …");
  element("newer").hidden = place.length === 0;
  element("older").hidden = cursor === undefined;
  const isAll = place.length === 0 && cursor === undefined;
  say(element("place"), isAll ? "" : `Page ${place.length + 1}`);
}
