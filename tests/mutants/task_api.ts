/**
 * Bugs that the HTTP API of tasks could have.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const access = "src/tasks/api_guard.ts";
const definition = "src/tasks/api_definition.ts";
const feed = "src/tasks/api_feed.ts";
const handlers = "src/tasks/api_handlers.ts";
const page = "src/tasks/api_page.ts";
const problems = "src/tasks/api_problems.ts";
const apiTest = "tests/tasks/task_api_test.ts";
const pageTest = "tests/tasks/task_page_test.ts";
const feedTest = "tests/tasks/api_feed_test.ts";
const wrong = "answers what is wrong";
const elsewhere = "answers this machine alone";

/** What must not come into the HTTP API of tasks. */
export const taskApiMutants: ReadonlyArray<Mutant> = [
  {
    name: "a script that the page needs is not served",
    file: page,
    from: '  "refresher.js": refresherJs,\n',
    to: "",
    test: pageTest,
    filter: "serves every file of the page",
  },
  {
    name: "scripts from elsewhere may run on the page",
    file: page,
    from: "script-src 'self'",
    to: "script-src *",
    test: pageTest,
    filter: "serves every file of the page",
  },
  {
    name: "a reader that is behind skips what is kept no more",
    file: feed,
    from: "position < this.floor)",
    to: "position < 0)",
    test: feedTest,
    filter: "a reader that is slow",
    hangs: true,
  },
  {
    name: "each reader reads the store",
    file: feed,
    from: "({ sequence }) => sequence >= this.floor",
    to: "() => false",
    test: feedTest,
    filter: "goes on after events of before",
    hangs: true,
  },
  {
    name: "connections are silent",
    file: feed,
    from: "      reader.give(alive);\n",
    to: "",
    test: feedTest,
    filter: "sends a comment",
    hangs: true,
  },
  {
    name: "the events of a task do not end with it",
    file: feed,
    from: "isFinal(status)",
    to: "false",
    test: feedTest,
    filter: "Feed.one() says",
    hangs: true,
  },
  {
    name: "the events of a task end before what came at once",
    file: feed,
    from: "isFinal(status)",
    to: "true",
    test: feedTest,
    filter: "even at once",
  },
  {
    name: "who asks for one task hears of all",
    file: feed,
    from: "({ id }) => id === now.id",
    to: "() => true",
    test: feedTest,
    filter: "Feed.one()",
    hangs: true,
  },
  {
    name: "a reader that waits is never told that its connection lives",
    file: feed,
    from: "if (left > 0) return Effect.sleep(left);",
    to: "if (left > 0) return Effect.never;",
    test: feedTest,
    filter: "sends a comment",
    hangs: true,
  },
  {
    name: "what others hear keeps a connection silent",
    file: feed,
    from: "if (!this.waiting.has(reader)) this",
    to: "this",
    test: feedTest,
    filter: "whatever other tasks do",
    hangs: true,
  },
  {
    name: "a reader is given what it has not asked for",
    file: feed,
    from: "    this.sink = undefined;\n",
    to: "",
    test: feedTest,
    filter: "once for each time",
  },
  {
    name: "who has left is kept",
    file: feed,
    from: "    this.waiting.delete(reader);\n",
    to: "",
    test: feedTest,
    filter: "once for each time",
    hangs: true,
  },
  {
    name: "who waits is not told that the feed ends",
    file: feed,
    from: "of [...this.waiting.keys()]) reader.end();",
    to: "of []) reader.end();",
    test: feedTest,
    filter: "ends with the feed",
  },
  {
    name: "who asks after the feed has ended waits",
    file: feed,
    from: "if (this.isOver) return reader.end();",
    to: "",
    test: feedTest,
    filter: "ends with the feed",
  },
  {
    name: "pages of the store are read after the feed has ended",
    file: feed,
    from: "Fiber.runIn(fiber, this.scope)",
    to: "fiber",
    test: feedTest,
    filter: "ends with the feed",
  },
  {
    name: "a store that fails ends a stream in order",
    file: feed,
    from: "?.error(Cause.squash(exit.cause))",
    to: "?.close()",
    test: feedTest,
    filter: "fails for a reader",
  },
  {
    name: "a token that begins alike is good",
    file: access,
    from: "timingSafeEqual(digestOf(given), expected)",
    to: "timingSafeEqual(digestOf(given.slice(0, 6)), expected)",
    test: apiTest,
    filter: "answers only who has it",
  },
  {
    name: "pages of other sites make a browser ask",
    file: access,
    from: "origin === undefined || isOfHere(origin)",
    to: "origin === undefined || origin !== undefined",
    test: apiTest,
    filter: elsewhere,
  },
  {
    name: "a name that points here is this machine",
    file: access,
    from: "if (!isOfHere(`http://${host}`)) {",
    to: "if (host === undefined) {",
    test: apiTest,
    filter: elsewhere,
  },
  {
    name: "who comes through a proxy is from this machine",
    file: access,
    from: "if (relayed !== undefined) {",
    to: "if (relayed === host) {",
    test: apiTest,
    filter: elsewhere,
  },
  {
    name: "a name that begins like an address is one",
    file: access,
    from: "if (Result.isFailure(parsed)) return false;",
    to: 'if (Result.isFailure(parsed)) return text.startsWith("127.");',
    test: apiTest,
    filter: elsewhere,
  },
  {
    name: "a name that is not known is left out",
    file: definition,
    from: 'onExcessProperty: "error"',
    to: 'onExcessProperty: "ignore"',
    test: apiTest,
    filter: wrong,
  },
  {
    name: "one mistake is told at a time",
    file: definition,
    from: 'errors: "all" }',
    to: 'errors: "first" }',
    test: apiTest,
    filter: "says all that is wrong at once",
  },
  {
    name: "a cursor that was made up is a fault of the store",
    file: handlers,
    from: 'reason === "Corrupt" && query.cursor !== undefined',
    to: 'reason === "Corrupt" && query.cursor === undefined',
    test: apiTest,
    filter: wrong,
  },
  {
    name: "an id that no store can keep is a fault of the server",
    file: handlers,
    from: "defect instanceof RangeError",
    to: "defect instanceof TypeError",
    test: apiTest,
    filter: wrong,
  },
  {
    name: "a task is made anew for each request",
    file: handlers,
    from: "...(id === undefined ? {} : { id })",
    to: '...(id === "" ? { id } : {})',
    test: apiTest,
    filter: "once for each Idempotency-Key",
  },
  {
    name: "errors of tasks are no problems",
    file: problems,
    from: "HttpApiSchema.asJson({ contentType: ProblemDetails.contentType })",
    to: "HttpApiSchema.asJson()",
    test: apiTest,
    filter: wrong,
  },
  {
    name: "a stream does not say where it begins",
    file: feed,
    from: "sink.enqueue(encoder.encode(`id: ${this.position}\\n\\n`));",
    to: "void sink;",
    test: apiTest,
    filter: "tells where a stream of events begins",
  },
];
