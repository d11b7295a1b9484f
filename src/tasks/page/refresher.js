/**
 * Asks for tasks once a second at most: one by one, or, for many of them, for the list.
 *
 * @module
 */
import { wasEnded } from "./server.js";

const refreshEvery = 1_000;
const retryAfter = 5_000;
/** More of them are asked for as a list. */
const mostAsked = 4;

/**
 * @typedef {{
 *   loadList: (signal: AbortSignal) => Promise<void>,
 *   loadOne: (id: string, signal: AbortSignal) => Promise<void>,
 *   onFailure: (error: unknown) => void,
 *   onRecovery: () => void,
 * }} Loading
 */

export class Refresher {
  #loading;
  #ending = new AbortController();
  /** @type {Set<string>} */
  #wanted = new Set();
  #wantsList = false;
  #isAsking = false;
  #hasFailed = false;
  #notBefore = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Loading} loading */
  constructor(loading) {
    this.#loading = loading;
  }

  /** @param {string} id */
  want(id) {
    if (!this.#wantsList) this.#wanted.add(id);
    if (this.#wanted.size > mostAsked) this.wantList();
    else this.#schedule();
  }

  wantList() {
    this.#wantsList = true;
    this.#wanted.clear();
    this.#schedule();
  }

  end() {
    this.#ending.abort();
    clearTimeout(this.#timer);
  }

  #schedule() {
    if (this.#isAsking || this.#timer !== undefined) return;
    // Not for each of the events that come at once.
    const wait = Math.max(20, this.#notBefore - Date.now());
    this.#timer = setTimeout(() => this.#refresh(), wait);
  }

  async #refresh() {
    const wantsList = this.#wantsList;
    const ids = [...this.#wanted];
    this.#timer = undefined;
    this.#wantsList = false;
    this.#wanted.clear();
    this.#isAsking = true;
    let pause = refreshEvery;
    try {
      if (wantsList) await this.#refreshList();
      else await this.#refreshEach(ids);
    } catch (error) {
      if (wasEnded(error)) return;
      this.#wantsList = true;
      // One task may be forgotten meanwhile; the list says what is left.
      if (wantsList) {
        pause = retryAfter;
        this.#hasFailed = true;
        this.#loading.onFailure(error);
      }
    }
    this.#isAsking = false;
    this.#notBefore = Date.now() + pause;
    if (this.#wantsList || this.#wanted.size > 0) this.#schedule();
  }

  async #refreshList() {
    await this.#loading.loadList(this.#ending.signal);
    if (this.#hasFailed) this.#loading.onRecovery();
    this.#hasFailed = false;
  }

  /** @param {readonly string[]} ids */
  async #refreshEach(ids) {
    const { signal } = this.#ending;
    await Promise.all(ids.map((id) => this.#loading.loadOne(id, signal)));
  }
}
