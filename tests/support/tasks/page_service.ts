/**
 * A service of tasks with its page, whose tasks do what a test says.
 *
 * @module
 */
import { Limiter } from "@weir/weir";
import { Task, TaskApi, TaskManager, TaskStore } from "@weir/weir/tasks";
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as HttpRouter from "effect/http/HttpRouter";
import * as HttpServer from "effect/http/HttpServer";
import * as HttpServerRequest from "effect/http/HttpServerRequest";
import type * as HttpServerResponse from "effect/http/HttpServerResponse";
import * as Layer from "effect/Layer";
import * as Queue from "effect/Queue";
import type * as Redacted from "effect/Redacted";
import * as Schedule from "effect/Schedule";
import * as Schema from "effect/Schema";
import * as Scope from "effect/Scope";
import { type Served, served } from "../served.ts";

/** Markup, where only words are meant. */
export const hostile = "<img src=x onerror='document.title=1'>";
/** What does not fit into any line. */
export const long: string = "0123456789abcdef".repeat(16);

/** A kind of task: `send` is tried twice, `crop` is in a lane with a long name, `hostile` is called so. */
type Name = "resize" | "send" | "crop" | "hostile";

const error = Schema.String;
const kinds: Readonly<Record<Name, Task.Task<string, void, void, string>>> = {
  resize: Task.make("resize", { error }),
  send: Task.make("send", { error, retry: Schedule.recurs(1) }),
  crop: Task.make("crop", { error, lane: { key: () => long } }),
  hostile: Task.make(hostile + long, { error }),
};

/** What a task does next: it goes on, or ends. */
type Step = Task.Progress | Exit.Exit<void, string>;

/** How the service is set up. */
export interface Options {
  readonly token?: Redacted.Redacted;
  /** How many tasks run at once; 1 if omitted. */
  readonly workers?: number;
}

/** How a task is submitted. */
export interface Submission extends TaskManager.SubmitOptions {
  readonly kind?: Name;
}

/** A service on a port of its own, which it keeps when it is started again. */
export class PageService implements AsyncDisposable {
  /** What was asked for, such as `GET /tasks?limit=100`. */
  readonly asked: Array<string> = [];
  /** The `Last-Event-ID` of each stream. */
  readonly resumedAt: Array<string | undefined> = [];
  /** Answers in place of the service where it gives something. */
  instead: (
    path: string,
  ) =>
    | HttpServerResponse.HttpServerResponse
    | Promise<HttpServerResponse.HttpServerResponse>
    | undefined = () => undefined;

  readonly #options: Options;
  readonly #scope = Scope.makeUnsafe();
  readonly #steps = new Map<string, Queue.Queue<Step>>();
  #context: Context.Context<TaskManager.TaskManager> | undefined;
  #server: Served | undefined;

  private constructor(options: Options) {
    this.#options = options;
  }

  static async start(options: Options = {}): Promise<PageService> {
    const service = new PageService(options);
    await service.#open();
    await service.serve();
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server?.port}/`;
  }

  get manager(): TaskManager.Service {
    return Context.get(this.#context!, TaskManager.TaskManager);
  }

  /** Serves again, after {@linkcode stop}. */
  async serve(): Promise<void> {
    const { token } = this.#options;
    const api = TaskApi.layer({
      tasks: Object.values(kinds),
      ...(token === undefined ? {} : { token }),
    });
    const watched = HttpRouter.middleware(this.#watch, { global: true });
    const routes = Layer.merge(api, watched).pipe(
      Layer.orDie,
      Layer.provide([
        Layer.succeedContext(this.#context!),
        HttpServer.layerServices,
      ]),
    );
    const { port = 0 } = this.#server ?? {};
    this.#server = await Effect.runPromise(
      served(routes, { port }).pipe(Scope.provide(this.#scope)),
    );
  }

  /** Stops the server, while tasks go on. */
  async stop(): Promise<void> {
    await Effect.runPromise(this.#server!.close);
  }

  async submit(
    id: string,
    { kind = "resize", ...options }: Submission = {},
  ): Promise<void> {
    await Effect.runPromise(
      this.manager.submit(kinds[kind], undefined, { ...options, id }),
    );
  }

  /** Lets tasks take a step each, once they run. */
  progress(id: string, progress: Task.Progress): void {
    Queue.offerUnsafe(this.#stepsOf(id), progress);
  }

  complete(id: string): void {
    Queue.offerUnsafe(this.#stepsOf(id), Exit.void);
  }

  fail(id: string, error: string): void {
    Queue.offerUnsafe(this.#stepsOf(id), Exit.fail(error));
  }

  async cancel(id: string): Promise<void> {
    await Effect.runPromise(this.manager.cancel(id));
  }

  async retry(id: string): Promise<void> {
    await Effect.runPromise(this.manager.retry(id));
  }

  look(id: string): Promise<Task.Info> {
    return Effect.runPromise(this.manager.handle(kinds.resize, id).info);
  }

  /** Waits until a task stands so. */
  async until(id: string, status: Task.Status): Promise<void> {
    const { info } = this.manager.handle(kinds.resize, id);
    await Effect.runPromise(
      info.pipe(
        Effect.repeat({
          until: (now) => now.status === status,
          schedule: Schedule.spaced("5 millis"),
        }),
        Effect.timeout("10 seconds"),
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Effect.runPromise(Scope.close(this.#scope, Exit.void));
  }

  async #open(): Promise<void> {
    const { workers = 1 } = this.#options;
    const run = (_: void, { id, progress }: Task.Run) =>
      Effect.gen({ self: this }, function* () {
        while (true) {
          const step = yield* Queue.take(this.#stepsOf(id));
          if (Exit.isExit(step)) return yield* step;
          yield* progress(step);
        }
      });
    const handlers = Object.values(kinds).map((kind) => kind.toLayer(run));
    const [first, ...others] = handlers;
    const tasks = Layer.mergeAll(first!, ...others).pipe(
      Layer.provideMerge(TaskManager.layer({ workers })),
      Layer.provide([Limiter.layerUnlimited, TaskStore.layerMemory()]),
    );
    this.#context = await Effect.runPromise(
      Layer.buildWithScope(tasks, this.#scope),
    );
  }

  #stepsOf(id: string): Queue.Queue<Step> {
    const steps = this.#steps.get(id) ??
      Effect.runSync(Queue.unbounded<Step>());
    this.#steps.set(id, steps);
    return steps;
  }

  #watch = <E, R>(
    app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>,
  ) =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const { headers, method, url } = request;
      this.asked.push(`${method} ${url}`);
      if (url === "/events") this.resumedAt.push(headers["last-event-id"]);
      const answer = this.instead(url);
      return answer === undefined
        ? app
        : Effect.promise(() => Promise.resolve(answer));
    });
}
