/**
 * Finds elements, and puts words into them: always as text, since names and errors may be anything.
 *
 * @module
 */

export const longestName = 200;

const numbers = new Intl.NumberFormat("en");

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function element(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`There is no #${id}`);
  return found;
}

/**
 * @param {Element} parent
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function within(parent, selector) {
  return /** @type {HTMLElement} */ (parent.querySelector(selector));
}

/**
 * Leaves alone what says this already, so that nothing is laid out or read out again.
 *
 * @param {Element} node
 * @param {string} words
 */
export function say(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

/** @param {string} words */
export function notify(words) {
  say(element("notice"), words);
}

/** @param {"connecting" | "live" | "reconnecting" | "locked"} state */
export function showConnection(state) {
  const box = element("connection");
  box.dataset.state = state;
  say(box, `${state[0]?.toUpperCase()}${state.slice(1)}`);
}

/**
 * @param {string} words
 * @param {number} most
 * @returns {string}
 */
export function cut(words, most) {
  return words.length > most ? `${words.slice(0, most)}…` : words;
}

/** @param {number} value */
export function formatNumber(value) {
  return numbers.format(value);
}

/** @param {unknown} error */
export function wordsOf(error) {
  return error instanceof Error ? error.message : String(error);
}
