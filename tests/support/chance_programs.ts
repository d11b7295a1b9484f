/**
 * Programs made by chance, without timers, that end whatever their fibers wait for.
 *
 * A program is made before it runs, so that it is the same however it goes. Its root starts fibers that wait for each other,
 * lets them go on for a while, and interrupts those that are left: it waits for nobody that it has not interrupted.
 *
 * @module
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Latch from "effect/Latch";
import * as Queue from "effect/Queue";
import * as Semaphore from "effect/Semaphore";
import { lcg } from "./random.ts";

/** What comes to pass in a run. */
export type Kind =
  | "Deferred"
  | "Latch"
  | "Queue"
  | "Semaphore"
  | "all"
  | "budget"
  | "end"
  | "finalizer"
  | "fork"
  | "interruption"
  | "priority"
  | "race"
  | "yield";

/** Makes a program that writes down what comes to pass: of which kind, and where. */
export function programOf(
  seed: number,
): (log: Array<string>) => Effect.Effect<void> {
  const author = new Author(lcg(seed));
  const crew = author.several(3, 6, (i) => author.fork(`${i}`, 0));
  const helps = author.several(15, 40, (i) => author.help(`root.${i}`));
  return (log) =>
    Effect.gen(function* () {
      const site = yield* Site.make(log);
      for (const fork of crew) yield* fork(site);
      for (const help of helps) yield* help(site);
      for (const fiber of site.crew) yield* Fiber.interrupt(fiber);
    });
}

/** What the fibers of a run share. */
class Site {
  readonly crew: Array<Fiber.Fiber<void>> = [];
  readonly doors: ReadonlyArray<Deferred.Deferred<void>> = [1, 2].map(() =>
    Deferred.makeUnsafe()
  );
  readonly permits: ReadonlyArray<Semaphore.Semaphore> = [1, 2].map(
    Semaphore.makeUnsafe,
  );
  readonly latch: Latch.Latch = Latch.makeUnsafe();

  private constructor(
    readonly log: Array<string>,
    readonly queues: ReadonlyArray<Queue.Queue<number>>,
  ) {}

  static make(log: Array<string>): Effect.Effect<Site> {
    const queues = [
      ...[1, 3].map((capacity) => Queue.bounded<number>(capacity)),
      Queue.unbounded<number>(),
    ];
    return Effect.map(Effect.all(queues), (queues) => new Site(log, queues));
  }

  tell(kind: Kind, where: string): Effect.Effect<void> {
    return Effect.sync(() => {
      this.log.push(`${kind} ${where}`);
    });
  }
}

type Step = (site: Site) => Effect.Effect<void>;
type Place = readonly [where: string, depth: number];

const deepest = 2;
/** More than a fiber may make before it lets others go first. */
const operations = 5000;

/** Writes programs. */
class Author {
  constructor(private readonly random: () => number) {}

  /** Between two numbers, both included. */
  number(least: number, most: number): number {
    return least + Math.floor(this.random() * (most - least + 1));
  }

  pick<A>(options: ReadonlyArray<A>): A {
    return options[this.number(0, options.length - 1)]!;
  }

  several<A>(least: number, most: number, one: (i: number) => A): Array<A> {
    return Array.from({ length: this.number(least, most) }, (_, i) => one(i));
  }

  /** Starts a fiber, and does not wait for it. */
  fork(where: string, depth: number): Step {
    const fork = this.pick([Effect.forkChild, Effect.forkDetach]);
    const startImmediately = this.pick([true, false]);
    const body = this.body(where, depth);
    return (site) =>
      Effect.andThen(site.tell("fork", where), body(site)).pipe(
        Effect.onExit((exit) =>
          site.tell(Exit.hasInterrupts(exit) ? "interruption" : "end", where)
        ),
        (effect) => fork(effect, { startImmediately }),
        Effect.tap((fiber) => Effect.sync(() => site.crew.push(fiber))),
        Effect.uninterruptible,
        Effect.asVoid,
      );
  }

  /** Lets others go on, at once. */
  help(where: string): Step {
    return this.pick([
      this.yields,
      this.yields,
      this.opens,
      this.completes,
      this.offersAtOnce,
    ]).call(this, where);
  }

  /** Several steps, one after the other. */
  private body(where: string, depth: number): Step {
    const steps = this.several(
      1,
      5,
      (i) => this.step([`${where}.${i}`, depth]),
    );
    return (site) =>
      Effect.forEach(steps, (step) => step(site), { discard: true });
  }

  private step([where, depth]: Place): Step {
    if (depth < deepest && this.random() < 0.4) {
      return this.pick([
        this.forks,
        this.forks,
        this.forksAndJoins,
        this.holdsPermit,
        this.finalizes,
        this.acquires,
        this.all,
        this.race,
      ]).call(this, where, depth + 1);
    }
    return this.pick([
      this.help,
      this.awaits,
      this.offers,
      this.takes,
      this.takes,
      this.passesLatch,
      this.interrupts,
      this.works,
    ]).call(this, where);
  }

  // What takes no one else

  private yields(where: string): Step {
    const priority = this.pick([undefined, undefined, -1, 1, 5]);
    return priority === undefined
      ? (site) => Effect.andThen(Effect.yieldNow, site.tell("yield", where))
      : (site) =>
        Effect.andThen(
          Effect.yieldNowWith(priority),
          site.tell("priority", where),
        );
  }

  private opens(): Step {
    const act = this.pick(["open", "release", "close"] as const);
    return (site) => Effect.asVoid(site.latch[act]);
  }

  private completes(): Step {
    const door = this.number(0, 1);
    const exit = this.pick([Exit.void, Exit.interrupt()]);
    return (site) => Effect.asVoid(Deferred.done(site.doors[door]!, exit));
  }

  private offersAtOnce(): Step {
    return (site) => Effect.asVoid(Queue.offerAll(site.queues[2]!, [1, 2, 3]));
  }

  private works(where: string): Step {
    if (this.random() < 0.7) return this.yields(where);
    return (site) =>
      Effect.suspend(() => {
        let made = 0;
        let seen = site.log.length;
        const operation = Effect.sync(() => {
          made++;
          if (site.log.length === seen) return;
          seen = site.log.push(`budget ${where} ${made}`);
        });
        return Effect.replicateEffect(operation, operations, { discard: true });
      });
  }

  // What may have to wait

  private awaits(where: string): Step {
    const door = this.number(0, 1);
    return (site) =>
      Effect.andThen(
        Effect.exit(Deferred.await(site.doors[door]!)),
        site.tell("Deferred", where),
      );
  }

  private offers(): Step {
    const queue = this.number(0, 2);
    return (site) => Effect.asVoid(Queue.offer(site.queues[queue]!, 0));
  }

  private takes(where: string): Step {
    const queue = this.number(0, 2);
    const isOne = this.pick([true, false]);
    return (site) =>
      Effect.flatMap(
        this.take(site.queues[queue]!, isOne),
        (taken) => site.tell("Queue", `${where} ${taken}`),
      );
  }

  private take(
    queue: Queue.Queue<number>,
    isOne: boolean,
  ): Effect.Effect<number | ReadonlyArray<number>> {
    return isOne ? Queue.take(queue) : Queue.takeAll(queue);
  }

  private passesLatch(where: string): Step {
    return (site) =>
      Effect.andThen(site.latch.await, site.tell("Latch", where));
  }

  private interrupts(): Step {
    const whom = this.number(0, 100);
    const waits = this.pick([true, false]);
    return (site) =>
      Effect.suspend(() => {
        const fiber = site.crew[whom % site.crew.length];
        if (fiber === undefined) return Effect.void;
        return waits
          ? Fiber.interrupt(fiber)
          : Effect.sync(() => fiber.interruptUnsafe());
      });
  }

  // What is made of others

  private forks(where: string, depth: number): Step {
    return this.fork(where, depth);
  }

  private forksAndJoins(where: string, depth: number): Step {
    const fork = this.fork(where, depth);
    return (site) =>
      Effect.suspend(() => {
        const place = site.crew.length;
        return Effect.andThen(
          fork(site),
          Effect.suspend(() => Fiber.await(site.crew[place]!)),
        );
      });
  }

  private holdsPermit(where: string, depth: number): Step {
    const [which, body] = [this.number(0, 1), this.body(where, depth)];
    const permits = this.number(1, which + 1);
    return (site) =>
      site.permits[which]!.withPermits(permits)(
        Effect.andThen(site.tell("Semaphore", where), body(site)),
      );
  }

  private finalizes(where: string, depth: number): Step {
    const body = this.body(where, depth);
    const last = this.help(where);
    const finalizer: Step = (site) =>
      Effect.andThen(last(site), site.tell("finalizer", where));
    return this.pick<Step>([
      (site) => Effect.ensuring(body(site), finalizer(site)),
      (site) => Effect.onExit(body(site), () => finalizer(site)),
      (site) => Effect.onInterrupt(body(site), () => finalizer(site)),
    ]);
  }

  private acquires(where: string, depth: number): Step {
    const body = this.body(where, depth);
    const [first, last] = [this.help(where), this.help(where)];
    const acquire = (site: Site) =>
      Effect.acquireRelease(
        first(site),
        () => Effect.andThen(last(site), site.tell("finalizer", where)),
      );
    return (site) => Effect.scoped(Effect.andThen(acquire(site), body(site)));
  }

  private all(where: string, depth: number): Step {
    const concurrency = this.pick([1, 2, "unbounded"] as const);
    const bodies = this.several(2, 4, (i) => this.body(`${where}#${i}`, depth));
    return (site) =>
      Effect.andThen(
        Effect.all(bodies.map((body) => body(site)), { concurrency }),
        site.tell("all", where),
      );
  }

  private race(where: string, depth: number): Step {
    const race = this.pick([Effect.raceAll, Effect.raceAllFirst]);
    const bodies = this.several(2, 3, (i) => this.body(`${where}#${i}`, depth));
    return (site) =>
      Effect.andThen(
        race(bodies.map((body) => body(site))),
        site.tell("race", where),
      );
  }
}
