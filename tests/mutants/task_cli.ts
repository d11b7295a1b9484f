/**
 * Bugs that the command line for tasks could have.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const actions = "src/tasks/cli_actions.ts";
const follow = "src/tasks/cli_follow.ts";
const session = "src/tasks/cli_session.ts";
const table = "src/tasks/cli_table.ts";
const text = "src/tasks/cli_text.ts";
const trouble = "src/tasks/cli_trouble.ts";
const watch = "src/tasks/cli_watch.ts";
const words = "src/tasks/cli_words.ts";
const commandTest = "tests/tasks/cli_test.ts";
const tableTest = "tests/tasks/cli_table_test.ts";
const textTest = "tests/tasks/cli_text_test.ts";
const watchTest = "tests/tasks/cli_watch_test.ts";

/** What must not come into the command line for tasks. */
export const taskCliMutants: ReadonlyArray<Mutant> = [
  {
    name: "a name turns the direction of writing",
    file: text,
    from: "[\\p{C}\\p{Zl}",
    to: "[\\p{Cc}\\p{Zl}",
    test: textTest,
    filter: "visible()",
  },
  {
    name: "a wide sign counts as one column",
    file: text,
    from: 'char <= "~" ? 1 : columnsOfSign(char)',
    to: "1",
    test: textTest,
    filter: "columnsOf()",
  },
  {
    name: "a cut text is one column too wide",
    file: text,
    from: "let columns = 1;",
    to: "let columns = 0;",
    test: tableTest,
    filter: "screen()",
  },
  {
    name: "a cell moves the cursor",
    file: table,
    from: ".map((text) => shown(text, width));",
    to: "",
    test: tableTest,
    filter: "screen()",
  },
  {
    name: "a screen is one line too high",
    file: table,
    from: ".slice(0, height);",
    to: ".slice(0, height + 1);",
    test: tableTest,
    filter: "screen()",
  },
  {
    name: "a screen takes as long as its texts are",
    file: table,
    from: "Math.min(longest, width)",
    to: "Infinity",
    test: tableTest,
    filter: "texts without end",
  },
  {
    name: "JSON holds what a terminal obeys",
    file: words,
    from: "/[\\x7f-\\x9f\\u2028\\u2029]/g",
    to: "/[\\u2028\\u2029]/g",
    test: commandTest,
    filter: "prints one line of JSON",
  },
  {
    name: "a failed task counts as success",
    file: actions,
    from: 'if (ended.status === "completed") return;',
    to: "return;",
    test: commandTest,
    filter: "exits with 1 unless",
  },
  {
    name: "a list begins anew on each page",
    file: actions,
    from: ".slice(cursor === undefined ? 0 : 1)",
    to: ".slice(0)",
    test: commandTest,
    filter: "over all pages",
  },
  {
    name: "the token is not sent",
    file: session,
    from: "token === undefined\n            ? (same)",
    to: "true\n            ? (same)",
    test: commandTest,
    filter: "sends the token",
  },
  {
    name: "a silent connection is trusted for ever",
    file: session,
    from: "Stream.timeout(response.stream, patience)",
    to: "response.stream",
    test: watchTest,
    filter: "silent for 45 s",
  },
  {
    name: "a lost connection counts as a wrong URL",
    file: trouble,
    from: "return response.status < 400\n",
    to: "return response.status < 0\n",
    test: watchTest,
    filter: "misses nothing",
    hangs: true,
  },
  {
    name: "a reader that comes back misses events",
    file: follow,
    from: "const headers = last && {",
    to: "const headers = undefined && {",
    test: watchTest,
    filter: "misses nothing",
    hangs: true,
  },
  {
    name: "it connects again at the same distance for ever",
    file: follow,
    from: "firstWait * 2 ** failures++",
    to: "firstWait",
    test: watchTest,
    filter: "silent for 45 s",
  },
  {
    name: "a wait ends with its connection",
    file: follow,
    from: "if (id !== undefined && last && isFinal(last.status)) return;",
    to: "if (id !== undefined) return;",
    test: watchTest,
    filter: "past the end of a connection",
    hangs: true,
  },
  {
    name: "the cursor stays hidden",
    file: watch,
    from: "() => Effect.ignore(live.display(leave)),",
    to: "() => Effect.void,",
    test: watchTest,
    filter: "draws a live table",
  },
  {
    name: "the service is asked for each event",
    file: watch,
    from: "hasWorked ? pace : patience",
    to: "hasWorked ? 0 : patience",
    test: watchTest,
    filter: "at most twice a second",
  },
  {
    name: "the table is not drawn anew in another size",
    file: watch,
    from: "yield* live.redraw;\n      yield* ask;",
    to: "yield* Effect.void;",
    test: watchTest,
    filter: "draws a live table",
    hangs: true,
  },
];
