/**
 * Bugs that task managers could have.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const at = (file: string) => `src/tasks/${file}.ts`;
const by = (file: string) => `tests/tasks/${file}_test.ts`;

/** What must not come into task managers. */
export const taskManagerMutants: ReadonlyArray<Mutant> = [
  {
    name: "cancel() does not wait for finalizers",
    file: at("manager"),
    from: "      return this.watch.ended(id).pipe(",
    to:
      "      return Effect.succeed(true).pipe(Effect.as({ status: 'cancelled' }),",
    test: by("task_manager"),
    filter: "cancel() ends a task that waits",
  },
  {
    name: "a task that is to be cancelled elsewhere runs on",
    file: at("runner"),
    from: `          [cancelled, "cancelled"],\n`,
    to: "",
    test: by("task_manager"),
    filter: "cancel() reaches a task",
    hangs: true,
  },
  {
    name: "a handler whose lease is lost runs on",
    file: at("runner"),
    from: `          [lost, "lost"],\n`,
    to: "",
    test: by("lease"),
    filter: "a handler whose lease is lost",
  },
  {
    name: "leases are not held",
    file: at("runner"),
    from: "if (first !== undefined) {",
    to: "if (first === undefined) {",
    test: by("task_manager"),
    filter: "cancel() reaches a task",
    hangs: true,
  },
  {
    name: "leases that passed are nobody's business",
    file: at("runner"),
    from: "      yield* this.store.reap(together);\n",
    to: "",
    test: by("lease"),
    filter: "fell silent runs again",
    hangs: true,
  },
  {
    name: "more tasks run than there are workers",
    file: at("runner"),
    from: "this.settings.workers - this.running.size",
    to: "this.settings.workers",
    test: by("task_manager"),
    filter: "at most workers tasks",
  },
  {
    name: "tasks begin without the limiter",
    file: at("runner"),
    from: "this.fork(this.limiter.limit(work))",
    to: "this.fork(work)",
    test: by("task_manager"),
    filter: "at most workers tasks",
  },
  {
    name: "tasks do not go on for drain",
    file: at("runner"),
    from: "yield* this.awaitNone(left, this.deadline - this.now());",
    to: "",
    test: by("lease"),
    filter: "lets tasks go on for drain",
  },
  {
    name: "tasks that are handed back are cancelled",
    file: at("outcome"),
    from: `reason === "cancelled" ? "Cancelled" : "Released"`,
    to: `"Cancelled"`,
    test: by("lease"),
    filter: "lets tasks go on for drain",
  },
  {
    name: "the end waits for ever for what ignores it",
    file: at("runner"),
    from: "yield* this.awaitNone(left, farewell);",
    to: "yield* this.awaitNone(left, Infinity);",
    test: by("lease"),
    filter: "names what ignores it",
    hangs: true,
  },
  {
    name: "every retry waits as long as the first",
    file: at("outcome"),
    from: "n < attempts",
    to: "n < 1",
    test: by("task_manager"),
    filter: "waits for its next attempt",
  },
  {
    name: "a payload that does not fit is an error of the handler",
    file: at("outcome"),
    from:
      `  if (error instanceof Misfit) return Effect.succeed(misfit("payload", error));\n`,
    to: "",
    test: by("task_manager"),
    filter: "a payload that does not fit",
  },
  {
    name: "an id that is taken is given to anybody",
    file: at("manager"),
    from: "        stored?.existed &&",
    to: "        false &&",
    test: by("task_manager"),
    filter: "submit() gives the same task",
  },
  {
    name: "the events of a task go on after it has ended",
    file: at("manager"),
    from: "({ status }) => isFinal(status),",
    to: "() => false,",
    test: by("task_manager"),
    filter: "events() tell all",
    hangs: true,
  },
  {
    name: "ended tasks are kept for ever",
    file: at("timekeeper"),
    from: "      yield* Effect.forkScoped(forgetting(store, retention));\n",
    to: "      void [forgetting, retention];\n",
    test: by("task_manager"),
    filter: "ended tasks are forgotten",
  },
  {
    name: "a schedule that is declared again begins anew",
    file: at("manager"),
    from: "isSameJson(specOf(before), spec)",
    to: "false",
    test: by("schedule"),
    filter: "declared again",
  },
  {
    name: "missed times are run whatever was said",
    file: at("repeats"),
    from: `spec.missed === "skip" && now - latest > tolerance`,
    to: "false",
    test: by("schedule"),
    filter: "skip",
  },
  {
    name: "only the latest of missed times is run",
    file: at("repeats"),
    from: `if (spec.missed === "all") {`,
    to: "if (false) {",
    test: by("schedule"),
    filter: "while no process ran: all",
  },
  {
    name: "a cron forgets its time zone",
    file: at("repeats"),
    from: "Cron.parseUnsafe(cron, zone, { onDstOverlap })",
    to: `Cron.parseUnsafe(cron, zone && "UTC", { onDstOverlap })`,
    test: by("schedule"),
    filter: "follows a cron",
  },
];
