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
const queue = "src/limiter/keyed_queue.ts";
const keyedInterrupts = "tests/limiter/keyed_interruption_test.ts";
const schedules = "tests/limiter/schedule_test.ts";
const simulated = "tests/limiter/simulation_test.ts";
const keyedSimulated = "tests/limiter/keyed_simulation_test.ts";
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
    file: "src/internal/lanes.ts",
    from: "    item.previous = lane.last;\n",
    to: `    if (lane.first && item.turn.cost < lane.first.turn.cost) {
      item.next = lane.first;
      lane.first = lane.first.previous = item;
      this.size++;
      return;
    }
    item.previous = lane.last;
`,
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
    file: "src/internal/lanes.ts",
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
    from: "if (permit.resets === this.resets) {",
    to: "{",
    test: steering,
    filter: "reset of a Limiter voids permits",
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
    file: queue,
    from: "      } else this.consider(line);\n      return Effect.void;",
    to:
      "      } else this.rota.refuse(line, -Infinity);\n      return Effect.void;",
    test: keyed,
    filter: "a shared quota is handed out in turn",
    hangs: true,
  },
  {
    name: "a newcomer takes what others of a shared quota wait for",
    file: queue,
    from: "(this.rota.contended || this.asking > 0)",
    to: "this.asking > 1e9",
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
    file: queue,
    from: "    line.asked = head;\n",
    to: "",
    test: slow,
    filter: "behind a call that was charged already is let in",
    hangs: true,
  },
  {
    name: "an interrupt during a call to the store burns what it took",
    file: queue,
    from: "      return this.start(this.correct(accounts, taken, 0));",
    to: "      return;",
    test: slow,
    filter: "whose call hangs ends at once",
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
    from: "    table.step(now);\n    const full",
    to: "    const full",
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
    from: "if (reset === undefined || !Granted.isBefore(reset, charge)) {",
    to: "{",
    test: memory,
    filter: "reset() makes a key new",
  },
  {
    name: "a key in use is forgotten for one that is as good as new",
    file: "src/limiter/key_table.ts",
    from: "if (idle && this.heap.first === first) this.forgetUnpaused();",
    to: "if (idle) this.forgetUnpaused();",
    test: memory,
    filter: "does not forget a key in use",
  },
  {
    name: "a refusal that a change overtook is believed",
    file: queue,
    from: "        if (changed) return this.ask(head);\n",
    to: "",
    test: slow,
    filter: "asked about anew",
  },
  {
    name: "a change under one key leaves another's refusal by the shared quota",
    file: queue,
    from: "          : this.changes > all;",
    to: "          : line.changes > own;",
    test: slow,
    filter: "under a shared quota by any key",
  },
  {
    name: "a paused key is forgotten as if it were not",
    file: "src/limiter/key_table.ts",
    from: "    if (this.heap.bound > now || this.skipPaused()) return;",
    to: "    if (this.heap.bound > now) return;",
    test: memory,
    filter: "counts a paused key as in use",
  },
  {
    name: "a key is remembered for ever once it was paused",
    file: "src/limiter/key_table.ts",
    from: "    if (!pause.bounded) this.heap.push(key, this.idleAt(key));\n",
    to: "",
    test: memory,
    filter: "counts a paused key as in use",
    hangs: true,
  },
  {
    name: "a key that owes something is forgotten as its pause ends",
    file: "src/limiter/key_table.ts",
    from:
      "pause === undefined || unpaused <= now || unpaused < pause.at\n    ) return",
    to: "pause === undefined || unpaused < pause.at\n    ) return",
    test: memory,
    filter: "does not forget a key whose pause is over",
  },
  {
    name: "a forgotten key that was paused is left in the heap",
    file: "src/limiter/key_table.ts",
    from: "    if (pause.bounded) this.heap.remove(pause.key);\n",
    to: "",
    test: memory,
    filter: "forgets all of a paused key",
  },
  {
    name: "a pause that there is no room for is lost",
    file: "src/limiter/memory_store.ts",
    from: "if (until > this.closedUntil) this.closed =",
    to: "if (until < this.closedUntil) this.closed =",
    test: memory,
    filter: '"deny" loses no pause',
  },
  {
    name: "a pause needs no room",
    file: "src/limiter/memory_store.ts",
    from: "      if (!this.makeRoom(now)) {\n",
    to: "      if (now > 1e12) {\n",
    test: memory,
    filter: "never remembers more than maxKeys",
  },
  {
    name: "one who is interrupted waits for the store",
    file: queue,
    from: "        restore(wait),",
    to: "        wait,",
    test: slow,
    filter: "whose call hangs ends at once",
    hangs: true,
  },
  {
    name: "the store's answers use up the patience of those who wait for them",
    file: queue,
    from: "    this.patience.add(waiter);\n",
    to:
      "    if (turn.maxWait < Infinity) this.lobby.hurry(waiter);\n    this.patience.add(waiter);\n",
    test: slow,
    filter: "waits for the store's answers, not for the quota",
    hangs: true,
  },
  {
    name: "what the store has charged is reckoned once more",
    file: "src/limiter/lines.ts",
    from: "? Math.max(0, demand - asked.turn.cost)",
    to: "? demand",
    test: slow,
    filter: "is let in by a quota that has room",
  },
  {
    name: "what the store may have charged meanwhile is reckoned once more",
    file: "src/limiter/patience.ts",
    from: "if (ahead > 0 && under.calls > calls) return;",
    to: "",
    test: slow,
    filter: "a quota that suffices for all",
  },
  {
    name:
      "who hopes to go is not told that the quota keeps those before waiting",
    file: queue,
    from: "    this.patience.tellLine(line);\n    if (account",
    to: "    if (account",
    test: slow,
    filter: "when the quota keeps those before waiting",
  },
  {
    name: "who hopes to go is not told that the shared quota holds back all",
    file: queue,
    from: "    this.patience.tellAll();\n",
    to: "",
    test: slow,
    filter: "when the shared quota keeps another key waiting",
  },
  {
    name: "who hopes to go is not told that the last slot is taken",
    file: queue,
    from:
      "      if (under.full) this.patience.tellLine(under, under.slotted);\n",
    to: "",
    test: slow,
    filter: "when those before keep the last slot",
  },
  {
    name: "who would wait for ever is not looked at again",
    file: queue,
    from: "this.change(key, change, () => this.rota.free())",
    to: "this.change(key, change)",
    test: "tests/limiter/keyed_queue_test.ts",
    filter: "a new key that there is no room for",
  },
  {
    name: "a timer is left behind when the last who waits under a key leaves",
    file: queue,
    from:
      "    if (this.lines.empty) this.lobby.alarm.set(Infinity, 0);\n    else",
    to: "    if (!this.lines.empty)",
    test: "tests/limiter/keyed_queue_test.ts",
    filter: "leaves no timer behind",
  },
  {
    name: "a second reset forgets which charges the first made void",
    file: "src/limiter/key_table.ts",
    from: "      this.resets.get(key)?.until ?? -Infinity,\n",
    to: "",
    test: "tests/limiter/keyed_queue_test.ts",
    filter: "from before two resets",
  },
  {
    name: "a permit of a key from before a reset takes back what was since",
    file: "src/limiter/memory_store.ts",
    from: "charge.era < reset.era",
    to: "charge.at < reset.at",
    test: steering,
    filter: "reset of a KeyedLimiter voids permits",
  },
  {
    name: "one that a new quota never allows slips into the line",
    file: core,
    from: "if (!this.arm(now) || missed)",
    to: "if (!this.arm(now) && missed)",
    test: simulated,
    filter: "setQuota() sends away at once whom slidingCounter()",
  },
  {
    name: "nobody hears of a change that was interrupted",
    file: queue,
    from: "      Effect.onExitPrimitive(change, () => {\n        first();",
    to: "      Effect.map(change, () => {\n        first();",
    test: keyedSimulated,
    filter: "looks again at who waits",
  },
  {
    name: "a refusal that came later holds up whom the shared quota lets in",
    file: "src/limiter/rota.ts",
    from: "    } else this.turns.add(line);",
    to:
      "    } else {\n      this.turns.add(line);\n      this.refusedUntil = until;\n    }",
    test: keyedSimulated,
    filter: "lets in first whom the shared quota refused first",
  },
  {
    name: "a turn that comes with an interrupt is not passed on",
    file: core,
    from: "        this.lobby.leave(waiter);\n        this.touch(fiber);",
    to: "        this.lobby.leave(waiter);",
    test: simulated,
    filter: "acquire() that is interrupted as its turn comes",
  },
  {
    name: "a line stays asked for when the store was lost",
    file: queue,
    from: "return this.bear(head, asked, () => line.asked = undefined);",
    to: "return this.bear(head, asked);",
    test: keyedSimulated,
    filter: "over a store that loses calls and hangs",
  },
];
