/**
 * Bugs that queues between fibers are known for, and those that this one could have.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const flow = "src/producer_consumer/flow.ts";
const pipe = "src/producer_consumer/pipe.ts";
const results = "src/producer_consumer/results.ts";
const basics = "tests/producer_consumer/producer_consumer_test.ts";
const failures = "tests/producer_consumer/failure_test.ts";
const stops = "tests/producer_consumer/stop_test.ts";
const streams = "tests/producer_consumer/stream_test.ts";
const metrics = "tests/producer_consumer/metrics_test.ts";
const properties = "tests/producer_consumer/property_test.ts";
const interrupts = "tests/producer_consumer/interruption_test.ts";

/** What must not come back between producers and consumers. */
export const producerConsumerMutants: ReadonlyArray<Mutant> = [
  {
    name: "a full queue holds one item too many",
    file: pipe,
    from: "this.items.size < this.capacity",
    to: "this.items.size <= this.capacity",
    test: basics,
    filter: "a full queue holds the producers up",
  },
  {
    name: "a run does not end by itself",
    file: flow,
    from: "if (--running === 0) pipe.end(Exit.void);",
    to: "",
    test: basics,
    filter: "run() ends by itself",
    hangs: true,
  },
  {
    name: "a run ends when the queue is empty, though items are in hand",
    file: flow,
    from: "if (--running === 0) Deferred.doneUnsafe(this.over, Exit.void);",
    to: "Deferred.doneUnsafe(this.over, Exit.void);",
    test: basics,
    filter: "run() waits for the last item",
  },
  {
    name: "a run of no producers never ends",
    file: flow,
    from: "    if (running === 0) pipe.end(Exit.void);\n",
    to: "",
    test: basics,
    filter: "run() of no producers",
    hangs: true,
  },
  {
    name: "a newcomer overtakes who waits for room",
    file: pipe,
    from: "    while (this.waiting.size === 0 && this.hasTurn(load)",
    to: "    while (this.hasTurn(load)",
    test: basics,
    filter: "who waits for room is not overtaken",
  },
  {
    name: "one producer's chunk goes before the others' items",
    file: pipe,
    from: "if (this.hasTurn(load)) this.waiting.push(load);",
    to:
      "while (this.hasRoom && this.hasTurn(load)) this.push(load.take());\n      if (!load.empty) this.waiting.push(load);",
    test: basics,
    filter: "producers that wait put their items in turn",
  },
  {
    name: "an item is put without its turn",
    file: pipe,
    from: "!load.empty && (load.turn ||= this.takeTurn())",
    to: "!load.empty",
    test: basics,
    filter: "each item asks both limiters once",
  },
  {
    name: "a turn is taken twice",
    file: pipe,
    from: "(load.turn ||= this.takeTurn())",
    to: "(this.takeTurn() || load.turn)",
    test: properties,
    filter: "each item is consumed once",
  },
  {
    name: "the newest is dropped where the oldest should be",
    file: pipe,
    from: `if (this.overflow === "dropping") return;`,
    to: `if (this.overflow !== "suspend") return;`,
    test: basics,
    filter: 'overflow "sliding"',
  },
  {
    name: "consumers are not woken for a new item",
    file: pipe,
    from: "    if (this.takers.size > 0) this.settle();\n",
    to: "",
    test: basics,
    filter: "run() ends by itself",
    hangs: true,
  },
  {
    name: "producers are not woken when there is room",
    file: pipe,
    from:
      "    const item = this.items.shift();\n    if (this.waiting.size > 0) this.settle();",
    to: "    const item = this.items.shift();",
    test: basics,
    filter: "a full queue holds the producers up",
    hangs: true,
  },
  {
    name: "the end of the queue wakes nobody",
    file: pipe,
    from: "    this.waiting.clear();\n    this.settle();",
    to: "    this.waiting.clear();",
    test: basics,
    filter: "run() of a producer that gives nothing",
    hangs: true,
  },
  {
    name: "an item that throws takes its consumer with it",
    file: flow,
    from: "inTurn(() => consumer(item));",
    to: "consumerLimiter.limit(consumer(item));",
    test: failures,
    filter: "onFailure collects what failed",
  },
  {
    name: "a new try asks for no turn",
    file: flow,
    from: "attempt(item, Effect.map(consume(item), count), options);",
    to:
      "inTurn(() => attempt(item, Effect.map(Effect.suspend(() => consumer(item)), count), options));",
    test: failures,
    filter: "retry tries again",
  },
  {
    name: "consumers go on with what is queued after a failure",
    file: flow,
    from: "      if (!drains) pipe.clear();\n",
    to: "",
    test: failures,
    filter: "nothing that is queued is begun",
  },
  {
    name: "what goes wrong in a finalizer is swallowed",
    file: flow,
    from: "stops() ? withoutInterrupts(exit.cause) : exit.cause;",
    to: "stops() ? Cause.empty : exit.cause;",
    test: failures,
    filter: "what goes wrong while the run stops",
  },
  {
    name: "a consumer that is gone is not missed in the drain",
    file: flow,
    from: "      this.consumersStop = !drains;\n",
    to: "      this.consumersStop = true;\n",
    test: "tests/producer_consumer/stop_test.ts",
    filter: "an item that interrupts itself in the drain",
  },
  {
    name: "an item in the hands of onFailure is taken from those consumed",
    file: flow,
    from: "program.onFailure === undefined ? done : consumed",
    to: "done - failed",
    test: "tests/producer_consumer/metrics_test.ts",
    filter: "an item that is handed to onFailure",
  },
  {
    name: "producers outlive a failure",
    file: flow,
    from: "      yield* Fiber.interruptAll(producers);\n",
    to: "",
    test: failures,
    filter: "without onFailure the first item",
    hangs: true,
  },
  {
    name: "a drain has no end",
    file: flow,
    from: "          Effect.sleep(drain),",
    to: "          Effect.never,",
    test: stops,
    filter: "a drain that takes too long",
    hangs: true,
  },
  {
    name: "an interrupt drops what is queued, though it may drain",
    file: flow,
    from: "const drains = interrupted && drain > 0;",
    to: "const drains = false;",
    test: interrupts,
    filter: "run() with drain consumes",
  },
  {
    name: "consumers are left running",
    file: flow,
    from: "      yield* Fiber.interruptAll(consumers);\n",
    to: "",
    test: interrupts,
    filter: "run() leaves nothing behind",
  },
  {
    name: "results pile up before a slow reader",
    file: results,
    from: "const capacity = 16;",
    to: "const capacity = Infinity;",
    test: streams,
    filter: "stream() is as slow as who reads it",
  },
  {
    name: "a drain waits for a reader that has left",
    file: results,
    from: "            pipe.abandon();\n",
    to: "",
    test: streams,
    filter: "stream() that is ended early drains",
    hangs: true,
  },
  {
    name: "a stream that ends early leaves its run going",
    file: results,
    from: "const stopped = Fiber.interrupt(run);",
    to: "const stopped = Effect.void;",
    test: streams,
    filter: "stream() that is ended early stops the run",
    hangs: true,
  },
  {
    name: "an item that failed stays in hand for ever",
    file: flow,
    from: "        if (busy) this.running--;\n",
    to: "",
    test: metrics,
    filter: "is in no hand any more",
  },
];
