/**
 * Asks the server.
 *
 * @module
 */

const tokenKey = "weir.token";

/** Ends what is under way, once someone logs in anew or has to. */
let session = new AbortController();
/** @type {(refused: boolean) => void} */
let askForToken = () => {};

/**
 * Says what to do where a token is needed.
 *
 * @param {(refused: boolean) => void} handler told whether there was one that is not accepted
 */
export function onLocked(handler) {
  askForToken = handler;
}

/** @param {string} token kept until the tab is closed */
export function keepToken(token) {
  sessionStorage.setItem(tokenKey, token);
}

/**
 * Ends what is under way.
 *
 * @returns {AbortSignal} which ends what begins now
 */
export function renewSession() {
  session.abort();
  session = new AbortController();
  return session.signal;
}

/**
 * Fails with words for people, or as `wasEnded` knows.
 *
 * @param {string} path
 * @param {RequestInit} [init]
 * @returns {Promise<Response>}
 */
export async function call(path, init = {}) {
  const own = session;
  const signals = init.signal ? [own.signal, init.signal] : [own.signal];
  const signal = AbortSignal.any(signals);
  const token = sessionStorage.getItem(tokenKey);
  const headers = new Headers(init.headers);
  if (token !== null) headers.set("authorization", `Bearer ${token}`);
  let response;
  try {
    response = await fetch(path, { ...init, headers, signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new Error("The service cannot be reached.", { cause });
  }
  if (response.status === 401 && !own.signal.aborted) {
    own.abort();
    sessionStorage.removeItem(tokenKey);
    askForToken(token !== null);
  }
  signal.throwIfAborted();
  if (!response.ok) throw new Error(await reasonOf(response));
  return response;
}

/**
 * Whether something failed because it is not wanted any more.
 *
 * @param {unknown} error
 */
export function wasEnded(error) {
  return error instanceof DOMException && error.name === "AbortError";
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
