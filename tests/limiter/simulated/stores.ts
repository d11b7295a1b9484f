/**
 * Stores of all kinds around one in memory, which keeps a record.
 *
 * @module
 */
import type { LimiterStore } from "@weir/weir";
import { Simulation } from "@weir/weir/simulation";
import * as Clock from "effect/Clock";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type { Dice } from "../../support/dice.ts";
import { type Charge, Journal } from "./journal.ts";

type Store = LimiterStore.Service;
type Answer = LimiterStore.Taken | LimiterStore.Refused;
type Accounts = Parameters<Store["take"]>[0];

/** What goes around each call. */
export type Around = <A>(call: Effect.Effect<A>) => Effect.Effect<A>;

/** A store that answers by effects only, with something around each call. */
export const around = (store: Store, wrap: Around): Store => ({
  take: (accounts, cost) => wrap(store.take(accounts, cost)),
  peek: (accounts, cost, ahead) => wrap(store.peek(accounts, cost, ahead)),
  settle: (accounts, charge, cost) =>
    wrap(store.settle(accounts, charge, cost)),
  pause: (account, duration) => wrap(store.pause(account, duration)),
  reset: (account) => wrap(store.reset(account)),
  size: store.size,
});

/** A store over a network of so many milliseconds each way. */
export function delayed(store: Store, millis: number): Store {
  const latency = Effect.sleep(millis);
  return around(
    store,
    (call) => Effect.andThen(latency, Effect.tap(call, () => latency)),
  );
}

/** A store over a network: one call may overtake another. */
export function slowly(dice: Dice): Around {
  const latencies = dice.list(7, () => dice.pick(0, 1, 20, 40));
  let calls = 0;
  return (call) =>
    Effect.suspend(() => {
      const latency = Effect.sleep(latencies[calls++ % latencies.length]!);
      return Effect.andThen(latency, Effect.tap(call, () => latency));
    });
}

/** What calls die of that get lost. */
export const lost = "the store was lost";

/** A store over a network that loses calls and answers, and hangs, as faults have it. */
export function losing(dice: Dice): Around {
  const slow = slowly(dice);
  const { faultPoint } = Simulation;
  const before = Effect.andThen(
    faultPoint("store.call", Effect.die(lost)),
    faultPoint("store.hang", Effect.sleep("10 seconds")),
  );
  const after = faultPoint("store.answer", Effect.die(lost));
  return (call) => Effect.andThen(before, slow(Effect.tap(call, () => after)));
}

/** Writes down what a store charges to whom, by its own clock and less what it is given back. */
export class Journals {
  static readonly make: Effect.Effect<Journals> = Clock.clockWith((clock) =>
    Effect.succeed(new Journals(clock))
  );

  private readonly journals = new Map<string, Journal>();
  private readonly charges = new WeakMap<object, ReadonlyArray<Charge>>();

  private constructor(private readonly clock: Clock.Clock) {}

  /** What concerns a key; that above the keys is {@linkcode shared}. */
  of(key: string): Journal {
    let journal = this.journals.get(key);
    if (journal === undefined) {
      journal = new Journal(() =>
        Number(this.clock.monotonicTimeNanosUnsafe()) / 1e6
      );
      this.journals.set(key, journal);
    }
    return journal;
  }

  /** A store that is written down. */
  watch(store: Store): Store {
    const { takeUnsafe } = store;
    return {
      take: (accounts, cost) =>
        Effect.map(
          store.take(accounts, cost),
          (answer) => this.note(accounts, answer),
        ),
      ...takeUnsafe && {
        takeUnsafe: (accounts: Accounts, cost: number) =>
          this.note(accounts, takeUnsafe(accounts, cost)),
      },
      peek: (accounts, cost, ahead) => store.peek(accounts, cost, ahead),
      settle: (accounts, charge, cost) =>
        Effect.map(
          store.settle(accounts, charge, cost),
          () => this.correct(accounts, charge, cost),
        ),
      pause: (account, duration) =>
        Effect.map(store.pause(account, duration), () => {
          const lasts = Duration.toMillis(duration);
          const journal = this.of(account.key);
          if (lasts > 0) journal.pause(lasts);
          else journal.resume();
        }),
      reset: (account) => store.reset(account),
      size: store.size,
    };
  }

  private note(accounts: Accounts, answer: Answer): Answer {
    if (answer._tag === "Denied") return answer;
    this.charges.set(
      answer,
      accounts.map(({ key }) => this.of(key).admit(answer.cost)),
    );
    return answer;
  }

  private correct(
    accounts: Accounts,
    charge: LimiterStore.Taken,
    cost: number,
  ): void {
    for (const [n, charged] of this.charges.get(charge)!.entries()) {
      this.of(accounts[n]!.key).correct(charged, cost);
    }
  }
}

/** The key of the account above the keys. */
export const shared = "";
