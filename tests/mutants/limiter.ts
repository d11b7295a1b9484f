/**
 * Bugs that rate limiters are known for, and those that this one could have.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const core = "src/limiter/core.ts";
const limiter = "tests/limiter/limiter_test.ts";
const steering = "tests/limiter/steering_test.ts";
const bugs = "tests/limiter/known_bugs_test.ts";
const slots = "tests/limiter/concurrency_test.ts";
const interrupts = "tests/limiter/interruption_test.ts";
const keyed = "tests/limiter/keyed_limiter_test.ts";
const memory = "tests/limiter/memory_store_test.ts";
const slow = "tests/limiter/slow_store_test.ts";
const keyedInterrupts = "tests/limiter/keyed_interruption_test.ts";
const schedules = "tests/limiter/schedule_test.ts";
const settling = "tests/limiter/quota_settle_test.ts";

/** What must not come back into the limiter. */
export const limiterMutants: ReadonlyArray<Mutant> = [
  {
    name: "a turn given at once is lost between charge and caller",
    file: "src/limiter/at_once.ts",
    from: `    Effect.sync(() => {
      const taken = take();
      if (taken === undefined) throw notNow;
      return taken;
    }),`,
    to: `    Effect.suspend(() => {
      const taken = take();
      if (taken === undefined) throw notNow;
      return Effect.succeed(taken);
    }),`,
    test: interrupts,
    filter: "acquire() that need not wait",
  },
  {
    name: "a turn that was waited for is lost between charge and caller",
    file: core,
    from: "      this.undo(waiter.given, fiber);",
    to: "",
    test: interrupts,
    filter: "acquire() that waits",
  },
  {
    name: "a slot that was waited for is lost on an interrupt",
    file: core,
    from: "        if (slot) this.line.running--;\n        this.undo",
    to: "        this.undo",
    test: interrupts,
    filter: "limit() that waits for its slot",
    hangs: true,
  },
  {
    name: "a turn whose effect never began is charged",
    file: core,
    from: "        else this.undo(permit, fiber);",
    to: "        else this.touch(fiber);",
    test: interrupts,
    filter: "limit() with concurrency 1",
  },
  {
    name: "a slot is not returned",
    file: core,
    from: "        this.line.running--;\n        if (begun)",
    to: "        if (begun)",
    test: slots,
    filter: "limit() never runs more than",
    hangs: true,
  },
  {
    name: "a slot is taken before there is quota for it",
    file: "src/limiter/line.ts",
    from: "this.full ? undefined : this.slotted.head",
    to: "this.slotted.head",
    test: slots,
    filter: "limit() never runs more than",
    hangs: true,
  },
  {
    name: "nested calls wait for their own slot",
    file: "src/limiter/slot.ts",
    from: "if (slot.held && slot.limiter === limiter && slot.key === key)",
    to: "if (slot.held && slot.limiter !== limiter && slot.key === key)",
    test: slots,
    filter: "limit() inside a slot",
    hangs: true,
  },
  {
    name: "a fiber that outlives its slot runs without one",
    file: "src/limiter/slot.ts",
    from: "          slot.held = false;\n",
    to: "",
    test: slots,
    filter: "a fiber that outlives its slot",
  },
  {
    name: "a slot stays in the context of its caller",
    file: "src/limiter/slot.ts",
    from: "          fiber.setContext(context);\n",
    to: "",
    test: slots,
    filter: "limit() leaves its caller's context",
  },
  {
    name: "newcomers overtake those who wait",
    file: core,
    from: "    if (this.line.next() !== undefined) return undefined;\n",
    to: "",
    test: bugs,
    filter: "a newcomer does not take the turn",
  },
  {
    name: "light callers overtake a heavy one",
    file: "src/limiter/waiters.ts",
    from: "if (first && lane.first !== undefined) {",
    to:
      "if (lane.first !== undefined && (first || waiter.turn.cost < lane.first.turn.cost)) {",
    test: bugs,
    filter: "a heavy caller that waits is not overtaken",
  },
  {
    name: "a timer that rang is believed without another look",
    file: core,
    from: "} else if (this.due(now, cost) > 0) {",
    to: "} else if (this.due(now, cost) > 1e9) {",
    test: bugs,
    filter: "a timer that rings too early",
  },
  {
    name: "each waiter has a timer of its own",
    file: "src/internal/alarm.ts",
    from:
      "} else if (this.fiber === undefined || at < this.at) {\n      this.stop();",
    to: "} else {",
    test: bugs,
    filter: "a thousand who wait share one timer",
  },
  {
    name: "a timer is left behind when the last waiter leaves",
    file: core,
    from: "    else this.lobby.alarm.set(Infinity, 0);",
    to: "",
    test: bugs,
    filter: "a cancelled wait leaves no timer behind",
  },
  {
    name: "a cancelled wait burns capacity",
    file: core,
    from: "        this.lobby.leave(waiter);\n        this.touch(fiber);",
    to: "      this.touch(fiber);",
    test: bugs,
    filter: "waits that were cancelled burn no capacity",
    hangs: true,
  },
  {
    name: "time is the wall clock's",
    file: "src/internal/time.ts",
    from: "Number(clock.monotonicTimeNanosUnsafe()) / 1e6",
    to: "clock.currentTimeMillisUnsafe()",
    test: bugs,
    filter: "the wall clock stepping",
  },
  {
    name: "tiers are charged one by one",
    file: core,
    from: "    return this.due(now, cost) > 0\n",
    to:
      "    if (this.due(now, cost) > 0) meter.charge(now, cost);\n    return this.due(now, cost) > 0\n",
    test: bugs,
    filter: "tiers are charged together",
  },
  {
    name: "a denied cost is charged",
    file: core,
    from: "    this.lobby.denied++;\n    return this.deny(cost, now);",
    to:
      "    this.lobby.denied++;\n    this.meter.charge(now, cost);\n    return this.deny(cost, now);",
    test: bugs,
    filter: "a denied cost is not charged",
  },
  {
    name: "priorities are served lowest first",
    file: "src/limiter/waiters.ts",
    from: "if (this.lanes[middle]!.priority > priority) low",
    to: "if (this.lanes[middle]!.priority < priority) low",
    test: limiter,
    filter: "acquire() serves by priority",
  },
  {
    name: "maxWait is waited out although those before take longer",
    file: core,
    from:
      "    if (known > maxWait && known < Infinity) return timeout(maxWait, known);\n",
    to: "",
    test: limiter,
    filter: "acquire() with maxWait fails at once",
    hangs: true,
  },
  {
    name: "maxWait runs out and nobody notices",
    file: "src/limiter/lobby.ts",
    from: "if (waiter === undefined || waiter.at > now) return false;",
    to: "return false;",
    test: limiter,
    filter: "acquire() with maxWait fails when its time is up",
    hangs: true,
  },
  {
    name: "a permit is settled twice",
    file: core,
    from: "if (once(permit)) this.correct",
    to: "this.correct",
    test: steering,
    filter: "settle() gives back",
  },
  {
    name: "a permit from before a reset is settled",
    file: core,
    from: "if (permit.at >= this.resetAt) {",
    to: "{",
    test: steering,
    filter: "reset makes the quota whole",
  },
  {
    name: "a shorter pause ends a longer one",
    file: core,
    from: "if (until > this.pausedUntil) this.pausedUntil = until;",
    to: "this.pausedUntil = until;",
    test: steering,
    filter: "pause() holds back",
  },
  {
    name: "a new quota forgets what was counted",
    file: core,
    from: "    meter.adopt(this.meter, this.lobby.now());\n",
    to: "",
    test: steering,
    filter: "setQuota() keeps what was counted",
  },
  {
    name: "who waits for more than a new quota allows waits for ever",
    file: core,
    from: "      this.lobby.dismiss(waiter, this.tooCostly(cost));",
    to: "      return false;",
    test: steering,
    filter: "setQuota() refuses",
    hangs: true,
  },
  {
    name: "a negative cost mints tokens",
    file: "src/limiter/meter.ts",
    from: "if (!(cost >= 0 && cost < Infinity)) {",
    to: "if (cost !== cost) {",
    test: limiter,
    filter: "bad options are refused",
  },
  {
    name: "a full bucket goes on filling",
    file: "src/limiter/token_bucket.ts",
    from: "Math.min(tier.burst, before + elapsed * tier.rate / tier.perMillis)",
    to: "before + elapsed * tier.rate / tier.perMillis",
    test: schedules,
    filter: "tokenBucket()",
  },
  {
    name: "a charge leaves its window a moment too early",
    file: "src/limiter/sliding_window.ts",
    from: "if (cells[j]! + tier.windowMillis > now) return;",
    to: "if (cells[j]! + tier.windowMillis * 0.9 > now) return;",
    test: schedules,
    filter: "slidingWindow()",
  },
  {
    name: "a sliding counter forgets the window before",
    file: "src/limiter/sliding_counter.ts",
    from: "previous: index === last + 1 ? cells[i + 1]! : 0 }",
    to: "previous: 0 }",
    test: schedules,
    filter: "slidingCounter()",
  },
  {
    name: "a refund overfills a bucket that others were given back to",
    file: "src/limiter/token_bucket.ts",
    from: "tier.burst - remaining - inflow - (refunded - before)",
    to: "tier.burst - remaining - inflow",
    test: settling,
    filter: "tokenBucket() keeps its bound over the costs",
  },
  {
    name: "a shared quota goes to whoever asks most",
    file: "src/limiter/keyed_queue.ts",
    from: "      this.consider(line);\n      return gone",
    to: "      this.rota.refuse(line, -Infinity);\n      return gone",
    test: keyed,
    filter: "a shared quota is handed out in turn",
    hangs: true,
  },
  {
    name: "a newcomer takes what others of a shared quota wait for",
    file: "src/limiter/keyed_queue.ts",
    from: "(this.rota.contended || this.rounds > 0)",
    to: "this.rounds > 1e9",
    test: keyed,
    filter: "a shared quota is handed out in turn",
    hangs: true,
  },
  {
    name: "a slot of one key is a slot of all",
    file: "src/limiter/slot.ts",
    from: "slot.limiter === limiter && slot.key === key",
    to: "slot.limiter === limiter && slot.key !== undefined",
    test: keyed,
    filter: "limit() inside a slot of the same key",
  },
  {
    name: "two calls of a key race each other to the store",
    file: "src/limiter/keyed_queue.ts",
    from: "        this.busy.has(key) || this.waitsBefore(key) ||",
    to: "        this.waitsBefore(key) ||",
    test: slow,
    filter: "a line keeps its order",
    hangs: true,
  },
  {
    name: "an interrupt during a call to the store burns what it took",
    file: "src/limiter/keyed_core.ts",
    from: "Effect.andThen(this.queue.undo(permit), Effect.failCause(cause))",
    to: "Effect.failCause(cause)",
    test: slow,
    filter: "an interrupt while a call is under way",
  },
  {
    name: "a keyed turn is lost on an interrupt",
    file: "src/limiter/keyed_core.ts",
    from: "      restore(Effect.sync(() => permit)),",
    to: "      Effect.sync(() => permit),",
    test: keyedInterrupts,
    filter: "acquire() and tryAcquire() of a key lose nothing",
  },
  {
    name: "a store remembers more keys than it may",
    file: "src/limiter/memory_store.ts",
    from: "    if (!known && charge) {\n      this.makeRoom(now);",
    to: "    if (!known && charge) {",
    test: memory,
    filter: "never remembers more than maxKeys",
  },
  {
    name: "keys are remembered for ever",
    file: "src/limiter/memory_store.ts",
    from: "    table.step(now);\n",
    to: "",
    test: memory,
    filter: "forgets keys as they become as good as new",
  },
  {
    name: "a new plan forgets what was counted",
    file: "src/limiter/key_table.ts",
    from: "    to.meter.adopt(from.meter, now);\n",
    to: "",
    test: memory,
    filter: "a client that changes plan",
  },
  {
    name: "a charge from before a reset is given back",
    file: "src/limiter/memory_store.ts",
    from: "if (charge.at >= table.resetAt(client.key)) {",
    to: "{",
    test: memory,
    filter: "reset() makes a key new",
  },
  {
    name: "a key in use is forgotten for one that is as good as new",
    file: "src/limiter/key_table.ts",
    from: "if (idle && this.heap.first === first) this.forgetFirst();",
    to: "if (idle) this.forgetFirst();",
    test: memory,
    filter: "does not forget a key in use",
  },
  {
    name: "a refusal that a change overtook is believed",
    file: "src/limiter/keyed_queue.ts",
    from: "        return this.ask(key, accounts, cost, then);",
    to: "        this.busy.set(key, false);",
    test: slow,
    filter: "asked about anew",
  },
  {
    name: "a change under one key leaves another's refusal by the shared quota",
    file: "src/limiter/keyed_queue.ts",
    from: "busy === key || this.options.shared",
    to: "busy === key",
    test: slow,
    filter: "under a shared quota by any key",
  },
];
