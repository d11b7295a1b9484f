/**
 * Bugs that worker pools are known for, and those that this one could have.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const dispatcher = "src/worker_pool/dispatcher.ts";
const pool = "tests/worker_pool/worker_pool_test.ts";
const cancel = "tests/worker_pool/cancel_test.ts";
const close = "tests/worker_pool/close_test.ts";
const fault = "tests/worker_pool/fault_test.ts";
const interrupts = "tests/worker_pool/interruption_test.ts";

/** What must not come back into the pool. */
export const workerPoolMutants: ReadonlyArray<Mutant> = [
  {
    name: "a job that dies takes its worker with it",
    file: dispatcher,
    from: "    this.running--;\n",
    to: "    if (Exit.isSuccess(exit)) this.running--;\n",
    test: pool,
    filter: "workers outlive jobs",
    hangs: true,
  },
  {
    name: "more jobs run at once than there are workers",
    file: dispatcher,
    from: "this.running >= this.workers) return false",
    to: "this.running > this.workers) return false",
    test: pool,
    filter: "run() never runs more than",
  },
  {
    name: "a full queue takes one more job",
    file: dispatcher,
    from: "this.queue.size < this.capacity + free",
    to: "this.queue.size <= this.capacity + free",
    test: pool,
    filter: "suspends its caller while the queue is full",
  },
  {
    name: "low priorities go first",
    file: "src/internal/lanes.ts",
    from: "this.lanes[middle]!.priority > priority",
    to: "this.lanes[middle]!.priority < priority",
    test: pool,
    filter: "starts jobs by priority",
  },
  {
    name: "a job that gives up makes room for nobody",
    file: dispatcher,
    from: "    this.scheduled = false;\n    this.expire();\n",
    to: "    this.expire();\n    this.scheduled = false;\n",
    test: pool,
    filter: "makes room for the next submitter",
    hangs: true,
  },
  {
    name: "the patience of a job starts anew at the limiter",
    file: dispatcher,
    from: "Math.max(0, deadline.at - this.alarm.time.now())",
    to: "turn.maxWait",
    test: pool,
    filter: "counts the wait in the queue and at the limiter",
  },
  {
    name: "a timeout of the job itself is taken for one of the pool",
    file: dispatcher,
    from: "!begun && error instanceof",
    to: "error instanceof",
    test: pool,
    filter: "hands on a WaitTimeout of the job itself",
  },
  {
    name: "a defect that nobody waits for is swallowed",
    file: dispatcher,
    from:
      "if (!job.notify(exit) && dies(exit)) report(job.context, exit.cause);",
    to: "job.notify(exit);",
    test: pool,
    filter: "a defect that nobody waits for is logged",
  },
  {
    name: "cancel() returns before the finalizers",
    file: dispatcher,
    from: ": Effect.andThen(job.ended, cancelled)",
    to: ": Effect.succeed(true)",
    test: cancel,
    filter: "waits for its finalizers",
  },
  {
    name: "cancel() is true for all who ask",
    file: dispatcher,
    from: 'first && job.status === "cancelled"',
    to: 'job.status === "cancelled"',
    test: cancel,
    filter: "is true once",
  },
  {
    name: "a job that has not come to its first wait cannot be cancelled",
    file: dispatcher,
    from: "    if (job.interrupted) fiber.interruptUnsafe();\n",
    to: "",
    test: cancel,
    filter: "has not come to its first wait",
    hangs: true,
  },
  {
    name: "a job that was withdrawn runs to its end all the same",
    file: dispatcher,
    from: "    job.line?.remove(job);\n",
    to: "    if (job.line !== this.queue) job.line?.remove(job);\n",
    test: cancel,
    filter: "takes a pending job out of the queue",
  },
  {
    name: "the end of the scope lets nobody go on",
    file: dispatcher,
    from:
      "      if (drain > 0) yield* Effect.timeoutOption(this.idle, drain);\n",
    to: "",
    test: close,
    filter: "drain lets jobs go on",
  },
  {
    name: "a closed pool takes jobs",
    file: dispatcher,
    from:
      "        if (this.closed) return resume(Effect.interrupt);\n        const job = this.enter(effect, turn, fiber);\n        const forget = job.whenEnded",
    to:
      "        const job = this.enter(effect, turn, fiber);\n        const forget = job.whenEnded",
    test: close,
    filter: "whoever submits at or after the end",
    hangs: true,
  },
  {
    name: "a submitter misses the room that came before it stood in line",
    file: dispatcher,
    from:
      "        if (job.line === this.queue) return resume(Effect.succeed(job));\n",
    to: "",
    test: interrupts,
    filter: "submit() that waits for room",
    hangs: true,
  },
  {
    name: "who awaits a job misses the end that came before it waits",
    file: "src/worker_pool/job.ts",
    from: "        if (this.exit !== undefined) return resume(this.exit);\n",
    to: "",
    test: fault,
    filter: "Job.await and Job.cancel end with the job",
  },
  {
    name: "who cancels a job misses the end that came before it waits",
    file: "src/worker_pool/job.ts",
    from: "      if (this.exit !== undefined) return resume(Effect.void);\n",
    to: "",
    test: fault,
    filter: "Job.await and Job.cancel end with the job",
  },
  {
    name: "a limiter that throws stops the pool",
    file: dispatcher,
    from: ": Effect.suspend(() => this.limited(job));",
    to: ": this.limited(job);",
    test: fault,
    filter: "a limiter that throws",
    hangs: true,
  },
  {
    name: "a defect is swallowed by who cancels",
    file: "src/worker_pool/job.ts",
    from: "    return awaiting.length > 0;\n",
    to: "    return true;\n",
    test: fault,
    filter: "nobody but its canceller waits for",
  },
  {
    name: "a caller of run() that was interrupted counts as one who waits",
    file: dispatcher,
    from: "Effect.andThen(forget, Effect.asVoid(job.cancel))",
    to: "Effect.asVoid(job.cancel)",
    test: fault,
    filter: "nobody but its canceller waits for",
  },
  {
    name: "a job that closes its pool waits for itself",
    file: dispatcher,
    from:
      "this.closer = [...this.runningJobs].find((job) => job.fiber === closing);",
    to: "this.closer = undefined;",
    test: fault,
    filter: "closed by one of its jobs",
  },
  {
    name: "the end of the scope waits for a job that it never interrupted",
    file: dispatcher,
    from: "      yield* Effect.yieldNow;\n",
    to: "",
    test: fault,
    filter: "the end of the scope reaches a job",
  },
  {
    name: "a pool that drains is not measured",
    file: "src/worker_pool/worker_pool.ts",
    from:
      "    yield* poolMetrics.show(dispatcher, { pool }, label);\n    yield* Effect.addFinalizer(() => dispatcher.close(drain));\n",
    to:
      "    yield* Effect.addFinalizer(() => dispatcher.close(drain));\n    yield* poolMetrics.show(dispatcher, { pool }, label);\n",
    test: "tests/worker_pool/metrics_test.ts",
    filter: "until its last job has ended",
  },
  {
    name: "a job forgets when it began where the wall clock was set back",
    file: "src/worker_pool/job.ts",
    from: "...(startedAt !== undefined && {",
    to: "...(startedAt !== undefined && startedAt >= 0 && {",
    test: fault,
    filter: "the wall clock was set back",
  },
  {
    name: "a pass goes on for as long as its jobs take",
    file: dispatcher,
    from: " && this.now < until;",
    to: ";",
    test: fault,
    filter: "jobs that never wait",
  },
  {
    name: "a pass goes on for as long as there are jobs",
    file: dispatcher,
    from: "more && jobs < jobsPerPass &&",
    to: "more &&",
    test: fault,
    filter: "jobs that submit the next one",
    hangs: true,
  },
  {
    name: "a job runs in the slot of whoever handed it in",
    file: dispatcher,
    from: "withoutSlot(fiber.context)",
    to: "fiber.context",
    test: "tests/worker_pool/fault_test.ts",
    filter: "needs a slot of its own",
  },
];
