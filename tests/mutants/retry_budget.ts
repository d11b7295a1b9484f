/**
 * Bugs that retry budgets could have, and the rooms that spend them.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const attempt = "src/internal/attempt.ts";
const budget = "src/limiter/retry_budget.ts";
const call = "src/http/call.ts";
const spending = "src/internal/spending.ts";
const budgets = "tests/limiter/retry_budget_test.ts";
const http = "tests/http/limited_http_client_retry_test.ts";
const producerConsumer = "tests/producer_consumer/failure_test.ts";

/** What must not let more retries through than a budget has, or lose any. */
export const retryBudgetMutants: ReadonlyArray<Mutant> = [
  {
    name: "a budget saves retries without end",
    file: budget,
    from: "    this.firsts = 0;\n    this.retries = 0;\n",
    to: "",
    test: budgets,
    filter: "in any run of n first tries",
  },
  {
    name: "a part of a retry is enough for one",
    file: budget,
    from: "if (this.available < 1)",
    to: "if (this.available <= 0)",
    test: budgets,
    filter: "in any run of n first tries",
  },
  {
    name: "a retry costs nothing",
    file: budget,
    from: "    this.retries++;\n",
    to: "",
    test: budgets,
    filter: "callers that share a budget",
  },
  {
    name: "a budget adds parts up",
    file: budget,
    from: "reserve + ratio * this.firsts - this.retries",
    to:
      "reserve + Array(this.firsts).fill(ratio).reduce((a, b) => a + b, 0) - this.retries",
    test: budgets,
    filter: "a budget counts in whole tries",
  },
  {
    name: "first tries put nothing in",
    file: attempt,
    from: "budget.deposit.pipe(",
    to: "Effect.void.pipe(",
    test: budgets,
    filter: "retry() tries again as the schedule says",
  },
  {
    name: "an interrupted wait loses its retry",
    file: spending,
    from: "this.isTaken ? this.budget.refund : Effect.void",
    to: "Effect.void",
    test: budgets,
    filter: "a retry that is interrupted before it begins",
  },
  {
    name: "a retry that runs is put back",
    file: spending,
    from: "this.isTaken = false;",
    to: "",
    test: budgets,
    filter: "callers that share a budget",
  },
  {
    name: "forEach() spends no budget",
    file: attempt,
    from: "tryAgain(work, retry, retryBudget)",
    to: "tryAgain(work, retry, undefined)",
    test: "tests/batch/for_each_test.ts",
    filter: "forEach() tries again while the budget lasts",
  },
  {
    name: "mapEffect() spends no budget",
    file: attempt,
    from: "tryAgain(work, retry, retryBudget)",
    to: "tryAgain(work, retry, undefined)",
    test: "tests/batch/map_effect_test.ts",
    filter: "mapEffect() tries again while the budget lasts",
  },
  {
    name: "a run of producers and consumers spends no budget",
    file: "src/producer_consumer/flow.ts",
    from: "      retryBudget,\n      onFailure: onFailure &&",
    to: "      onFailure: onFailure &&",
    test: producerConsumer,
    filter: "retryBudget ends retries",
  },
  {
    name: "a client's requests put nothing in",
    file: call,
    from: "if (retryBudget !== undefined) yield* retryBudget.deposit;",
    to: "",
    test: http,
    filter: "repetitions are spent from the budget",
  },
  {
    name: "each step of a redirect puts its part in",
    file: call,
    from: "        request = to;",
    to:
      "        if (retryBudget !== undefined) yield* retryBudget.deposit;\n        request = to;",
    test: http,
    filter: "the schedule is asked before the budget",
  },
  {
    name: "a client repeats what the budget refused",
    file: call,
    from: "(may) => may ? delay : undefined",
    to: "() => delay",
    test: http,
    filter: "repetitions are spent from the budget",
  },
  {
    name: "an interrupted client loses its repetition",
    file: call,
    from: "this.spending?.end ?? Effect.void",
    to: "Effect.void",
    test: http,
    filter: "a repetition that is interrupted",
  },
  {
    name: "a repetition that was sent is put back",
    file: call,
    from: "spending?.begin();",
    to: "",
    test: http,
    filter: "a repetition that is interrupted",
  },
];
