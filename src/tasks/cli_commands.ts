/**
 * The commands of the command line, and their flags.
 *
 * @module
 */
import * as Argument from "effect/cli/Argument";
import * as CliConfig from "effect/cli/CliConfig";
import * as CliError from "effect/cli/CliError";
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as GlobalFlag from "effect/cli/GlobalFlag";
import * as Config from "effect/Config";
import * as DateTime from "effect/DateTime";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type * as HttpClient from "effect/http/HttpClient";
import * as Option from "effect/Option";
import * as Schema from "effect/Schema";
import * as Actions from "./cli_actions.ts";
import { open, type Session } from "./cli_session.ts";
import type { Trouble } from "./cli_trouble.ts";
import { watch } from "./cli_watch.ts";
import type { Status } from "./status.ts";

/** How the command is called. */
export const name = "weir-tasks";
/** Of the package. */
export const version = "0.1.0";

const builtIns = [
  GlobalFlag.Help,
  GlobalFlag.Version,
  GlobalFlag.Completions,
];

const statuses: ReadonlyArray<Status> = [
  ...["scheduled", "pending", "running"] as const,
  ...["completed", "failed", "cancelled"] as const,
];

const Url = GlobalFlag.Setting("url")({
  flag: Flag.String("url").pipe(
    Flag.withDescription(
      "Where the service is; WEIR_URL, or http://localhost:8000, if omitted",
    ),
    Flag.withFallbackConfig(Config.String("WEIR_URL")),
    Flag.withDefault("http://localhost:8000"),
    Flag.mapTryCatch(addressOf, () => "Expected an http or https URL"),
  ),
});

const Token = GlobalFlag.Setting("token")({
  flag: Flag.Redacted("token").pipe(
    Flag.withDescription(
      "The bearer token of the service; WEIR_TOKEN if omitted, which is better: other users of the machine can see arguments",
    ),
    Flag.withFallbackConfig(Config.Redacted("WEIR_TOKEN")),
    Flag.optional,
  ),
});

const Json = GlobalFlag.Setting("json")({
  flag: Flag.Boolean("json").pipe(
    Flag.withDescription("Print JSON, one line for each task or event"),
    Flag.withDefault(false),
  ),
});

const session = Effect.gen(function* () {
  const token = Option.getOrUndefined(yield* Token);
  return yield* open({ url: yield* Url, token, json: yield* Json });
});

/** What a command does that asks the service. */
const asks = <Input>(
  action: (
    session: Session,
    input: Input,
  ) => Effect.Effect<void, Trouble | CliError.ShowHelp>,
) =>
(input: Input) => Effect.flatMap(session, (session) => action(session, input));

const id = Argument.String("id").pipe(
  Argument.withDescription("Names the task"),
  Argument.withSchema(Schema.NonEmptyString),
);

const kind = Schema.NonEmptyString;

const payload = Argument.String("payload").pipe(
  Argument.withDescription("What it is given, as JSON; null if omitted"),
  Argument.mapTryCatch(
    (text): unknown => JSON.parse(text),
    (error) =>
      `Expected JSON (${error instanceof Error ? error.message : error})`,
  ),
  Argument.withDefault(undefined),
);

const delay = Flag.String("delay").pipe(
  Flag.withDescription('Not before this time from now, such as "5 minutes"'),
  Flag.mapTryCatch(
    delayOf,
    () => 'Expected a span of time such as "5 minutes"',
  ),
  Flag.withDefault(undefined),
);

const runAt = Flag.String("run-at").pipe(
  Flag.withDescription("Not before this instant, such as 2030-01-31T09:00:00Z"),
  Flag.mapTryCatch(
    (text) => DateTime.makeUnsafe(text),
    () => "Expected an instant such as 2030-01-31T09:00:00Z",
  ),
  Flag.withDefault(undefined),
);

const submit = Command.make(
  "submit",
  {
    name: Argument.String("name").pipe(
      Argument.withDescription("Which kind of task"),
      Argument.withSchema(kind),
    ),
    payload,
    id: Flag.String("id").pipe(
      Flag.withDescription(
        "Names it: submitting the same id again gives the first task",
      ),
      // It is sent as a header.
      Flag.filter(
        (id) => /^[!-~]([ -~]*[!-~])?$/.test(id),
        () => "Expected letters, digits and signs of ASCII",
      ),
      Flag.withDefault(undefined),
    ),
    priority: Flag.Finite("priority").pipe(
      Flag.withDescription("Higher goes first; 0 if omitted"),
      Flag.withDefault(undefined),
    ),
    delay,
    runAt,
    wait: Flag.Boolean("wait").pipe(
      Flag.withDescription(
        "Wait until it has ended, and exit with 1 unless it is completed",
      ),
      Flag.withDefault(false),
    ),
  },
  asks((session, submission) =>
    submission.delay !== undefined && submission.runAt !== undefined
      ? misused("submit", "Give --delay or --run-at, not both")
      : Actions.submit(session, submission)
  ),
).pipe(Command.withDescription("Submit a task"));

const list = Command.make(
  "list",
  {
    status: Flag.Literals("status", statuses).pipe(
      Flag.withDescription("Only those that stand there"),
      Flag.withDefault(undefined),
    ),
    name: Flag.String("name").pipe(
      Flag.withDescription("Only of this kind"),
      Flag.withSchema(kind),
      Flag.withDefault(undefined),
    ),
    limit: Flag.Int("limit").pipe(
      Flag.withDescription("At most so many; 20 if omitted"),
      Flag.filter((limit) => limit > 0, () => "Expected 1 or more"),
      Flag.withDefault(undefined),
    ),
    all: Flag.Boolean("all").pipe(
      Flag.withDescription("All of them"),
      Flag.withDefault(false),
    ),
  },
  asks((session, { all, limit, ...which }) =>
    all && limit !== undefined
      ? misused("list", "Give --limit or --all, not both")
      : Actions.list(session, { ...which, limit: all ? Infinity : limit ?? 20 })
  ),
).pipe(Command.withDescription("List tasks, newest first"));

const get = Command.make(
  "get",
  { id },
  asks((session, { id }) => Actions.get(session, id)),
).pipe(
  Command.withDescription("Tell all that is known about a task"),
);

const watching = Command.make(
  "watch",
  { id: Argument.withDefault(id, undefined) },
  asks((session, { id }) => watch(session, id)),
).pipe(Command.withDescription(
  "Show tasks as they go on: a live table on a terminal, elsewhere a line for each event; one task until it has ended",
));

const cancel = Command.make(
  "cancel",
  { id },
  asks((session, { id }) => Actions.cancel(session, id)),
).pipe(Command.withDescription("Cancel a task"));

const retry = Command.make(
  "retry",
  { id },
  asks((session, { id }) => Actions.retry(session, id)),
).pipe(
  Command.withDescription("Let a failed or cancelled task begin anew"),
);

const stats = Command.make("stats", {}, asks(Actions.stats)).pipe(
  Command.withDescription("Count the tasks by where they stand"),
);

const root = Command.make(name).pipe(
  Command.withDescription("Tasks of a task service that runs"),
  Command.withSubcommands([submit, list, get, watching, cancel, retry, stats]),
  Command.withGlobalFlags([Url, Token, Json]),
);

/** Runs a command line. */
export const runCommand: (args: ReadonlyArray<string>) => Effect.Effect<
  void,
  Trouble | CliError.CliError,
  HttpClient.HttpClient | Command.Environment
> = (args) =>
  Effect.provideService(
    Command.runWith(root, { version })(args),
    CliConfig.CliConfig,
    CliConfig.make({ builtIns }),
  );

function addressOf(text: string): string {
  const { hash, host, pathname, protocol, search, username } = new URL(text);
  if (!/^https?:$/.test(protocol) || hash + search + username !== "") {
    throw new TypeError("It is no address of a service");
  }
  return `${protocol}//${host}${pathname.replace(/\/+$/, "")}`;
}

function delayOf(text: string): Duration.Duration {
  const delay = Duration.fromInputUnsafe(text as Duration.Input);
  if (
    !Number.isFinite(Duration.toMillis(delay)) || Duration.isNegative(delay)
  ) {
    throw new RangeError("It has no end, or is over");
  }
  return delay;
}

/** Shows how to use the command. */
function misused(
  command: string,
  message: string,
): Effect.Effect<never, CliError.ShowHelp> {
  return Effect.fail(
    new CliError.ShowHelp({
      commandPath: [name, command],
      errors: [new CliError.ValidationError({ message })],
    }),
  );
}
