/**
 * Asks for the token.
 *
 * @module
 */
import { element, say } from "./dom.js";

const form = element("login");
const input = /** @type {HTMLInputElement} */ (element("token"));

/** @param {(token: string) => void} onToken */
export function makeLogin(onToken) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const token = input.value;
    input.value = "";
    say(element("token-error"), "");
    onToken(token);
  });
}

/** @param {boolean} refused whether there was one that is not accepted */
export function showLogin(refused) {
  const wasShown = isLoginShown();
  form.hidden = false;
  element("board").hidden = true;
  if (refused) say(element("token-error"), "This token was not accepted.");
  if (!wasShown) input.focus();
}

export function hideLogin() {
  form.hidden = true;
  element("board").hidden = false;
}

export function isLoginShown() {
  return !form.hidden;
}
