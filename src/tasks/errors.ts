/**
 * How tasks end, and are refused, as errors that can be sent and stored.
 *
 * @module
 */
import type * as Cause from "effect/Cause";
import * as Schema from "effect/Schema";

const /** @internal */ TaskCancelledSchema: Schema.Class<
  TaskCancelled,
  Schema.TaggedStruct<"TaskCancelled", { readonly id: typeof Schema.String }>,
  Cause.YieldableError
> = Schema.TaggedError<TaskCancelled>("@weir/weir/TaskCancelled")(
  "TaskCancelled",
  { id: Schema.String },
);

/** Raised to whoever awaits a task that was cancelled. */
export class TaskCancelled extends TaskCancelledSchema {
  /** Which task. */
  override get message(): string {
    return `Task "${this.id}" was cancelled`;
  }
}

const /** @internal */ TaskDiedSchema: Schema.Class<
  TaskDied,
  Schema.TaggedStruct<"TaskDied", {
    readonly id: typeof Schema.String;
    readonly reason: Schema.Literals<["Defect", "Attempts", "Payload"]>;
    readonly detail: typeof Schema.String;
  }>,
  Cause.YieldableError
> = Schema.TaggedError<TaskDied>("@weir/weir/TaskDied")("TaskDied", {
  id: Schema.String,
  reason: Schema.Literals(["Defect", "Attempts", "Payload"]),
  detail: Schema.String,
});

/**
 * Raised to whoever awaits a task that ended outside of its typed errors: its handler died, its attempts ran out in crashes,
 * or its payload or result did not fit the schema.
 */
export class TaskDied extends TaskDiedSchema {
  /** Which task, and why. */
  override get message(): string {
    return `Task "${this.id}" died: ${this.detail}`;
  }
}

const /** @internal */ TaskNotFoundSchema: Schema.Class<
  TaskNotFound,
  Schema.TaggedStruct<"TaskNotFound", { readonly id: typeof Schema.String }>,
  Cause.YieldableError
> = Schema.TaggedError<TaskNotFound>("@weir/weir/TaskNotFound")(
  "TaskNotFound",
  { id: Schema.String },
);

/** Raised where no task has this id: it never had, or it was pruned. */
export class TaskNotFound extends TaskNotFoundSchema {
  /** Which task. */
  override get message(): string {
    return `No task "${this.id}"`;
  }
}

const /** @internal */ TaskConflictSchema: Schema.Class<
  TaskConflict,
  Schema.TaggedStruct<"TaskConflict", { readonly id: typeof Schema.String }>,
  Cause.YieldableError
> = Schema.TaggedError<TaskConflict>("@weir/weir/TaskConflict")(
  "TaskConflict",
  { id: Schema.String },
);

/** Raised where an id is submitted again with another kind or payload. */
export class TaskConflict extends TaskConflictSchema {
  /** Which task. */
  override get message(): string {
    return `Task "${this.id}" exists with another name or payload`;
  }
}
