/**
 * What a task manager answers.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Cron from "effect/Cron";
import * as DateTime from "effect/DateTime";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Equal from "effect/Equal";
import * as Option from "effect/Option";
import * as Schema from "effect/Schema";
import * as Stream from "effect/Stream";
import { finite, millis, named, refuse, span } from "../internal/check.ts";
import { codecsOf } from "./codecs.ts";
import { endingOf } from "./ending.ts";
import { TaskCancelled, TaskConflict, TaskDied } from "./errors.ts";
import type { Kind } from "./kind.ts";
import { infoFor, infoOf } from "./row_info.ts";
import type { EventRow, NewRow, Row } from "./model.ts";
import { formatCron, nextAfter, type Spec, specOf } from "./repeats.ts";
import type { Runner } from "./runner.ts";
import type {
  AwaitError,
  Event,
  EventOptions,
  Handle,
  ScheduleOptions,
  Service,
  SubmitOptions,
} from "./service.ts";
import type { Service as Store, TaskStoreError } from "./store_service.ts";
import { isFinal } from "./transitions.ts";
import { eventsAfter, storedAfter, type Watch } from "./watch.ts";

/** Accepts tasks, and knows what became of them. */
export class Manager implements Service {
  constructor(
    private readonly store: Store,
    private readonly watch: Watch,
    private readonly runner: Runner,
  ) {}

  // Which errors can come depends on the options given, which are not known here by type.
  readonly submit: Service["submit"] = ((
    task: AnyTask,
    payload: unknown,
    options: SubmitOptions = {},
  ) =>
    Effect.gen({ self: this }, function* () {
      const row = yield* rowOf(task, payload, options);
      const [stored] = yield* this.store.insert([row]);
      if (stored === undefined) return yield* Effect.die("nothing was stored");
      if (
        stored.existed &&
        !(stored.row.name === row.name &&
          isSameJson(stored.row.payload, row.payload))
      ) {
        return yield* new TaskConflict({ id: row.id });
      }
      const handle = this.handle(task, row.id);
      return { ...handle, submitted: infoOf(stored.row) };
    })) as Service["submit"];

  readonly submitMany: Service["submitMany"] = (task, payloads, options) =>
    Effect.gen({ self: this }, function* () {
      const rows: Array<NewRow> = [];
      for (const payload of payloads) {
        rows.push(yield* rowOf(task as AnyTask, payload, options ?? {}));
      }
      const [first, ...rest] = rows;
      if (first !== undefined) yield* this.store.insert([first, ...rest]);
      return rows.map(({ id }) => this.handle(task, id));
    });

  readonly handle: Service["handle"] = <Name extends string, Payload, A, E>(
    task: Kind<Name, Payload, A, E>,
    id: string,
  ): Handle<A, E> => ({
    id,
    await: Effect.flatMap(this.watch.ended(id), (row) => resultOf(task, row)),
    info: infoFor(this, id),
    cancel: Effect.suspend(() => this.cancel(id)),
  });

  readonly get: Service["get"] = (id) =>
    Effect.map(this.store.get(id), Option.map(infoOf));

  readonly list: Service["list"] = (query = {}) =>
    Effect.map(this.store.list(query), ({ cursor, rows }) => ({
      tasks: rows.map(infoOf),
      ...(cursor === undefined ? {} : { cursor }),
    }));

  readonly cancel: Service["cancel"] = (id) =>
    Effect.flatMap(this.store.cancel(id), (answer) => {
      if (answer !== "asked") return Effect.succeed(answer === "cancelled");
      this.runner.cancel(id);
      return this.watch.ended(id).pipe(
        Effect.map(({ status }) => status === "cancelled"),
        Effect.catchTag("TaskNotFound", () => Effect.succeed(true)),
      );
    });

  readonly retry: Service["retry"] = (id) => this.store.retry(id);

  readonly events: Service["events"] = (options = {}) =>
    Stream.unwrap(Effect.map(this.eventsFrom(options), (events) => {
      const { id } = options;
      const mine = id === undefined ? events : Stream.takeUntil(
        Stream.filter(events, (event) => event.id === id),
        ({ status }) => isFinal(status),
      );
      return Stream.map(mine, eventOf);
    }));

  get lastEvent(): Service["lastEvent"] {
    return this.store.lastEvent;
  }

  readonly pause: Service["pause"] = (name) => this.store.pause(name, true);

  readonly resume: Service["resume"] = (name) => this.store.pause(name, false);

  readonly schedule: Service["schedule"] = (options) =>
    Effect.gen({ self: this }, function* () {
      const { id } = options;
      const spec = yield* specFor(options);
      const now = yield* Clock.currentTimeMillis;
      const before = (yield* this.store.schedules).find((row) => row.id === id);
      // Declared again as it was, it keeps its times.
      if (before !== undefined && isSameJson(specOf(before), spec)) return;
      yield* this.store.putSchedule({ id, spec, next: nextAfter(spec, now) });
    });

  readonly unschedule: Service["unschedule"] = (id) =>
    this.store.removeSchedule(id);

  get schedules(): Service["schedules"] {
    return Effect.map(this.store.schedules, (rows) =>
      rows.map((row) => ({
        id: row.id,
        name: specOf(row).name,
        next: DateTime.makeUnsafe(row.next),
      })));
  }

  get stats(): Service["stats"] {
    return this.store.stats;
  }

  /** Those of a task that has ended already are not waited for. */
  private eventsFrom(
    { after, id }: EventOptions,
  ): Effect.Effect<Stream.Stream<EventRow, TaskStoreError>, TaskStoreError> {
    return Effect.gen({ self: this }, function* () {
      const last = after ?? (yield* this.store.lastEvent);
      if (id !== undefined) {
        const row = yield* this.store.get(id);
        if (Option.isNone(row) || isFinal(row.value.status)) {
          return storedAfter(this.store, last);
        }
      }
      return eventsAfter(this.store, last);
    });
  }
}

/** Whether a store would keep the same of both. */
function isSameJson(a: unknown, b: unknown): boolean {
  const [one, other] = [a, b].map((value) =>
    value === undefined ? undefined : JSON.parse(JSON.stringify(value))
  );
  return Equal.equals(one, other);
}

/** Where types of payloads do not matter. */
type AnyTask = Kind<string, unknown, unknown, unknown>;

function rowOf(
  task: AnyTask,
  payload: unknown,
  options: SubmitOptions,
): Effect.Effect<NewRow> {
  return Effect.map(encode(task, payload), (encoded) => {
    const { delay, id = crypto.randomUUID(), priority = 0, runAt } = options;
    if (delay !== undefined && runAt !== undefined) {
      refuse("runAt", "given without a delay", runAt);
    }
    return {
      ...kindOf(task, payload),
      id: named("id", id),
      payload: encoded,
      priority: finite("priority", priority),
      start: startOf(delay, runAt),
    };
  });
}

function startOf(
  delay: Duration.Input | undefined,
  runAt: DateTime.DateTime.Input | undefined,
): NewRow["start"] {
  return runAt === undefined
    ? { delay: millis("delay", delay ?? 0) }
    : { at: DateTime.toEpochMillis(DateTime.makeUnsafe(runAt)) };
}

/** What a row has from its kind. */
function kindOf(
  { name, options }: AnyTask,
  payload: unknown,
): Pick<NewRow, "name" | "maxAttempts" | "lane"> {
  const { lane, maxAttempts = 10 } = options;
  return {
    name,
    maxAttempts,
    lane: lane && {
      key: named("lane", lane.key(payload)),
      concurrency: lane.concurrency,
      quota: lane.quota,
    },
  };
}

/** A payload that does not fit is a defect: its type says that it does. */
function encode(task: AnyTask, payload: unknown): Effect.Effect<unknown> {
  return Effect.orDie(codecsOf(task).encodePayload(payload));
}

function resultOf<Name extends string, Payload, A, E>(
  task: Kind<Name, Payload, A, E>,
  { error, id, result, status }: Row,
): Effect.Effect<A, E | AwaitError> {
  const misfit = (cause: Schema.SchemaError) =>
    new TaskDied({ id, reason: "Payload", detail: cause.message });
  if (status === "completed") {
    return Effect.mapError(
      Schema.decodeUnknownEffect(task.success)(result),
      misfit,
    );
  }
  if (status === "cancelled") return Effect.fail(new TaskCancelled({ id }));
  const ending = endingOf(error);
  return ending._tag === "Error"
    ? Schema.decodeUnknownEffect(task.error)(ending.error).pipe(
      Effect.mapError(misfit),
      Effect.flatMap((failure) => Effect.fail(failure)),
    )
    : Effect.fail(
      new TaskDied({ id, reason: ending._tag, detail: ending.detail }),
    );
}

function eventOf(
  { at, id, name, progress, sequence, status }: EventRow,
): Event {
  return {
    ...{ sequence, id, name, status },
    at: DateTime.makeUnsafe(at),
    ...(progress === undefined ? {} : { progress }),
  };
}

function specFor<Name extends string, Payload, A, E>(
  { id, missed = "latest", payload, task, when }: ScheduleOptions<
    Name,
    Payload,
    A,
    E
  >,
): Effect.Effect<Spec> {
  const kind = task as AnyTask;
  return Effect.map(encode(kind, payload), (encoded) => {
    named("id", id);
    if (!["skip", "latest", "all"].includes(missed)) {
      refuse("missed", '"skip", "latest" or "all"', missed);
    }
    return {
      ...kindOf(kind, payload),
      payload: encoded,
      when: Cron.isCron(when)
        ? formatCron(when)
        : { every: span("when", when) },
      missed,
    };
  });
}
