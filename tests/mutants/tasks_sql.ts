/**
 * Bugs that the store of tasks in a database could have.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const at = (file: string) => `src/tasks/sql_${file}.ts`;
const suite = "tests/tasks/sql_store_test.ts";
const plans = "tests/tasks/sql_plans_test.ts";
const agree = "tests/tasks/stores_agree_test.ts";

/** What must not come into the store of tasks in a database. */
export const tasksSqlMutants: ReadonlyArray<Mutant> = [
  {
    name: "a lease is good for the task of another",
    file: at("settle"),
    from: "(task) => task?.lease === tokenOf(lease) ? task : undefined,",
    to: "(task) => task?.lease != null ? task : undefined,",
    test: suite,
    filter: "settle() writes nothing for a lease that was lost",
  },
  {
    name: "an attempt is settled twice in one step",
    file: at("settle"),
    from: "const task = settled.has(lease.id)",
    to: "const task = false",
    test: suite,
    filter: "settle() writes nothing for a lease that was lost",
  },
  {
    name: "a heartbeat holds what another claimed",
    file: at("settle"),
    from: "WHERE id = ? AND lease = ? RETURNING asked`",
    to: "WHERE id = ? AND (lease = ? OR lease IS NOT NULL) RETURNING asked`",
    test: suite,
    filter: "a lease lasts as long as it says",
  },
  {
    name: "a token of digits that no token has is read as one",
    file: at("settle"),
    from: "return /^[1-9]\\d{0,15}$/.test(token) ? Number(token) : -1;",
    to: "return parseInt(token);",
    test: suite,
    filter: "a token is read as it was given",
  },
  {
    name: "the first of a lane stays out of the way when it has room again",
    file: at("lanes"),
    from: '    else if (from === "running") this.running--;\n',
    to: "",
    test: suite,
    filter: "a lane runs no more than its concurrency",
  },
  {
    name: "tasks of a full lane are walked past",
    file: at("lanes"),
    from: "const show = lane.hasRoom && lane.pending > 0;",
    to: "const show = lane.pending > 0;",
    test: plans,
    filter: "keeps a full lane out of the way",
  },
  {
    name: "only one of a lane is claimed at once",
    file: at("claim"),
    from:
      "      if (task.lane !== null) yield* round.follow(task, task.lane, wanted);\n",
    to: "",
    test: suite,
    filter: "a lane runs no more than its concurrency",
  },
  {
    name: "what follows in a lane goes before what is not known yet",
    file: at("claim"),
    from: "    this.last = hasMore ? found.at(-1) : undefined;",
    to: "    this.last = undefined;",
    test: suite,
    filter: "lets none that follows in its lane overtake",
  },
  {
    name: "a claim gives less than it could when a lane is full",
    file: at("claim"),
    from: "    hasMore = found.length === wanted;",
    to: "    hasMore = false;",
    test: agree,
    filter: "answer alike",
  },
  {
    name: "a lane that waits for its quota waits for ever",
    file: at("claim"),
    from: "    yield* step.lanes.step;\n",
    to: "",
    test: suite,
    filter: "a lane begins no more than its quota",
  },
  {
    name: "a quota remembers nothing",
    file: at("lanes"),
    from: "    this.pace = JSON.stringify(state);\n",
    to: "",
    test: suite,
    filter: "a lane begins no more than its quota",
  },
  {
    name: "lanes are never forgotten",
    file: at("lanes"),
    from: "    if (--this.tasks === 0) this.idle = now;",
    to: "    if (this.tasks === 0) this.idle = now;",
    test: suite,
    filter: "leaves nothing behind",
  },
  {
    name: "a lane is forgotten while its quota remembers",
    file: at("lanes"),
    from: "            if (lane.isIdle(this.now)) {",
    to: "            if (lane.tasks === 0) {",
    test: suite,
    filter: "leaves nothing behind",
  },
  {
    name: "events are kept for ever",
    file: at("upkeep"),
    from: "      SELECT event.previous FROM weir_task_events AS event",
    to: "      SELECT NULL FROM weir_task_events AS event",
    test: suite,
    filter: "leaves nothing behind",
  },
  {
    name: "scheduled tasks are claimed before their time",
    file: at("insert"),
    from: "    stage: isDue && given.lane === undefined ? 1 : null,",
    to: "    stage: given.lane === undefined ? 1 : null,",
    test: suite,
    filter: "insert() schedules what may not begin yet",
  },
  {
    name: "what does not fit is stored in part",
    file: at("insert"),
    from: "    return added > 0 && before + added > capacity",
    to: "    return added > capacity",
    test: suite,
    filter: "insert() stores nothing of a batch that does not fit",
  },
  {
    name: "the limits of a lane come from a task that was there",
    file: at("insert"),
    from: "      if (yield* step.insert(task)) {",
    to:
      "      if (given.lane !== undefined) (yield* step.lanes.load(given.lane.key)).limit(given.lane);\n      if (yield* step.insert(task)) {",
    test: suite,
    filter: "a lane has the limits of the task that was stored last",
  },
  {
    name: "numbers of events are used again",
    file: at("step"),
    from: "    if (isStateChanged) {",
    to: "    state.event = 0;\n    if (isStateChanged) {",
    test: suite,
    filter: "prune() forgets the events of what it forgets",
  },
  {
    name: "what ended last is not forgotten last",
    file: at("upkeep"),
    from: "ORDER BY finished, event LIMIT",
    to: "ORDER BY finished, seq LIMIT",
    test: suite,
    filter: "prune() keeps so many of those that ended last",
  },
  {
    name: "readers are told of what may not come through",
    file: at("session"),
    from: "? Effect.as(client.afterCommit(this.tell(step)), result)",
    to: "? Effect.as(this.tell(step), result)",
    test: suite,
    filter: "takes part in a transaction of its client",
  },
  {
    name: "changes of others are not noticed",
    file: at("session"),
    from:
      "          this.seen = version + event;\n          this.pulse.send();",
    to: "          this.seen = version + event;",
    test: suite,
    filter: "notices what others change",
  },
  {
    name: "changes without an event are not noticed",
    file: at("step"),
    from: "    this.state.version++;\n",
    to: "",
    test: suite,
    filter: "notices what others change",
  },
  {
    name: "the tables of a later release are used",
    file: "src/internal/sql.ts",
    from: "    if (version > tables.migrations.length) {",
    to: "    if (version < tables.migrations.length) {",
    test: suite,
    filter: "makes its tables once",
  },
  {
    name: "a plan is made anew at each claim",
    file: at("claim"),
    from: 'const order = "ORDER BY rank, due, seq LIMIT ? + 0";',
    to: 'const order = "ORDER BY rank, due, seq LIMIT ?";',
    test: plans,
    filter: "walks past no backlog",
  },
  {
    name: "claims sort all that is ready",
    file: at("schema"),
    from: "ON weir_tasks (stage, name, rank, due, seq)",
    to: "ON weir_tasks (stage, name, due, rank, seq)",
    test: plans,
    filter: "walks past no backlog",
  },
];
