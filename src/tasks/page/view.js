/**
 * The part of the list that is looked at, as far as it is known.
 *
 * An event changes its row at once; what events do not tell (attempts, errors) is asked for afterwards.
 *
 * @module
 */
/** @import { Status, Task, TaskEvent } from "./model.js" */
import { isFinal } from "./model.js";
import { Refresher } from "./refresher.js";
import { call } from "./server.js";

const pageSize = 100;
const mostRows = 200;

/** A task, and how many events were seen of it. @typedef {{ task: Task, seen: number }} Row */
/**
 * @typedef {{
 *   onChange: () => void,
 *   onFailure: (error: unknown) => void,
 *   onRecovery: () => void,
 * }} Handlers
 */

export class View {
  /** In the order in which they are shown; never more than `mostRows`. @type {Map<string, Row>} */
  rows = new Map();
  /** Where the next page begins. @type {string | undefined} */
  cursor;
  isLoaded = false;
  #onChange;
  #refresher;

  /**
   * @param {Status | undefined} filter
   * @param {readonly string[]} place the cursors that led here, page by page
   * @param {Handlers} handlers
   */
  constructor(filter, place, { onChange, ...handlers }) {
    this.filter = filter;
    this.place = place;
    this.#onChange = onChange;
    this.#refresher = new Refresher({
      ...handlers,
      loadList: (signal) => this.#loadList(signal),
      loadOne: (id, signal) => this.#loadOne(id, signal),
    });
    this.refresh();
  }

  /** Has the list asked for. */
  refresh() {
    this.#refresher.wantList();
  }

  end() {
    this.#refresher.end();
  }

  /** @param {TaskEvent} event */
  receive({ at, id, progress, status }) {
    const row = this.rows.get(id);
    if (row === undefined) {
      if (this.#isFirst && this.#fits(status)) this.#refresher.want(id);
      return;
    }
    row.seen++;
    if (status !== row.task.status) {
      const { finishedAt: _f, progress: _p, ...task } = row.task;
      row.task = { ...task, status };
      if (status === "running") row.task.startedAt = at;
      if (isFinal(status)) row.task.finishedAt = at;
      this.#refresher.want(id);
    }
    if (progress !== undefined) row.task = { ...row.task, progress };
    if (!this.#fits(status)) this.rows.delete(id);
    this.#onChange();
  }

  /**
   * Shows a task as it stands where it belongs into the list.
   *
   * @param {Task} task
   * @param {number} asked how many events had been seen of it then
   */
  take(task, asked) {
    const row = this.rows.get(task.id);
    if (row !== undefined) {
      this.#put(task, row, asked);
    } else if (this.#fits(task.status) && this.#isFirst) {
      const older = [...this.rows].filter(([, other]) =>
        other.task.createdAt <= task.createdAt
      );
      if (older.length === 0 && this.cursor !== undefined) return;
      for (const [id] of older) this.rows.delete(id);
      this.#put(task, undefined, asked);
      for (const [id, other] of older) this.rows.set(id, other);
    }
    if (this.rows.size > mostRows) {
      this.rows.delete([...this.rows.keys()].at(-1) ?? "");
      this.refresh();
    }
    this.#onChange();
  }

  get #isFirst() {
    return this.place.length === 0;
  }

  /** @param {Status} status */
  #fits(status) {
    return this.filter === undefined || status === this.filter;
  }

  /** @param {AbortSignal} signal */
  async #loadList(signal) {
    const query = new URLSearchParams({ limit: String(pageSize) });
    const from = this.place.at(-1);
    if (this.filter !== undefined) query.set("status", this.filter);
    if (from !== undefined) query.set("cursor", from);
    const asked = new Map([...this.rows].map(([id, { seen }]) => [id, seen]));
    const response = await call(`tasks?${query}`, { signal });
    /** @type {{ tasks: readonly Task[], cursor?: string }} */
    const list = await response.json();
    const before = this.rows;
    this.rows = new Map();
    for (const task of list.tasks.slice(0, mostRows)) {
      this.#put(task, before.get(task.id), asked.get(task.id) ?? 0);
    }
    this.cursor = list.cursor;
    this.isLoaded = true;
    this.#onChange();
  }

  /**
   * @param {string} id
   * @param {AbortSignal} signal
   */
  async #loadOne(id, signal) {
    const asked = this.rows.get(id)?.seen ?? 0;
    const response = await call(`tasks/${encodeURIComponent(id)}`, { signal });
    this.take(await response.json(), asked);
  }

  /**
   * Events that arrived since a task was asked for are newer than the answer.
   *
   * @param {Task} task
   * @param {Row | undefined} row
   * @param {number} asked
   */
  #put(task, row, asked) {
    const { seen = asked, task: known = task } = row ?? {};
    const isFresh = seen === asked;
    if (!isFresh && known.status !== task.status) this.#refresher.want(task.id);
    const { progress, status } = isFresh ? task : known;
    const { progress: _, ...rest } = task;
    if (this.#fits(status)) {
      const shown = { ...rest, status };
      this.rows.set(task.id, {
        task: progress === undefined ? shown : { ...shown, progress },
        seen,
      });
    } else this.rows.delete(task.id);
  }
}
