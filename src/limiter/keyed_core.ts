/**
 * What a keyed limiter does for one key.
 *
 * @module
 */
import type * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import { shortest } from "../internal/time.ts";
import type { Turn } from "../internal/turn.ts";
import { denied } from "./answer.ts";
import { atOnceOr } from "./at_once.ts";
import type { Decision, Denied } from "./decision.ts";
import type { Accounts, KeyedPermit } from "./keyed_permit.ts";
import { KeyedQueue } from "./keyed_queue.ts";
import { type KeyedOptions, Ledger } from "./ledger.ts";
import type { Refusal } from "./lobby.ts";
import { Trial } from "./patience.ts";
import type { Quota } from "./quota.ts";
import { type Restore, runInSlot } from "./slot.ts";
import type { Refused, Service as Store, Taken } from "./store.ts";

/** Decides at once, or sends into the queue. */
export class KeyedCore {
  readonly queue: KeyedQueue;
  private readonly ledger: Ledger;

  constructor(
    readonly options: KeyedOptions,
    readonly store: Store,
    context: Context.Context<never>,
  ) {
    this.ledger = new Ledger(options);
    this.queue = new KeyedQueue(options, this.ledger, store, context);
  }

  /** What a key is held to. */
  quotaOf(key: string): Quota {
    return this.ledger.quotaOf(key);
  }

  /** Gives a turn. */
  turn(key: string, turn: Turn): Effect.Effect<KeyedPermit, Refusal> {
    return atOnceOr(
      () => {
        const answer = this.queue.takeNow(key, turn.cost, false);
        return answer?._tag === "Allowed" ? answer : undefined;
      },
      () => this.turnLater(key, turn),
    );
  }

  /** Runs an effect in its turn. */
  limit<A, E, R>(
    key: string,
    self: Effect.Effect<A, E, R>,
    turn: Turn,
  ): Effect.Effect<A, E | Refusal, R> {
    const { queue } = this;
    return this.options.concurrency === Infinity
      ? Effect.flatMap(this.turn(key, turn), () => self)
      : runInSlot<A, E, R, KeyedPermit>(self, {
        limiter: this,
        key,
        turn: () => this.turn(key, turn),
        take: (restore, run) => {
          const answer = queue.takeNow(key, turn.cost, true);
          return answer?._tag === "Allowed"
            ? run(answer)
            : Effect.flatMap(queue.take(key, turn, true, restore), run);
        },
        give: (permit, begun, fiber) => {
          queue.release(key, fiber);
          if (!begun) queue.undo(permit);
        },
      });
  }

  /** Decides now. */
  try(key: string, cost: number): Effect.Effect<KeyedPermit | Denied> {
    return atOnceOr(
      () => this.tryNow(key, cost),
      () =>
        this.store.takeUnsafe === undefined
          ? this.tryLater(key, cost)
          : this.denyNow(key, cost),
    );
  }

  /** Decides now, if the store can and nobody waits. */
  tryNow(key: string, cost: number): KeyedPermit | Denied | undefined {
    const answer = this.queue.takeNow(key, cost, false);
    if (answer?._tag !== "Denied") return answer;
    this.queue.lobby.denied++;
    return plain(answer);
  }

  /** Whether `try` would be allowed, and what is left now. */
  peek(key: string, cost: number): Effect.Effect<Decision> {
    return Effect.suspend(() => {
      const accounts = this.ledger.accounts(key);
      this.ledger.check(accounts, cost);
      return this.queue.waitsBefore(key)
        ? this.deny(key, accounts, cost)
        : Effect.map(this.store.peek(accounts, cost), plain);
    });
  }

  pause(key: string, millis: number): Effect.Effect<void> {
    const [account] = this.ledger.accounts(key);
    // To the store, a pause of no time is the end of one.
    return millis === 0
      ? Effect.void
      : this.store.pause(account, Duration.millis(millis));
  }

  resume(key: string): Effect.Effect<void> {
    const [account] = this.ledger.accounts(key);
    return this.queue.steer(key, this.store.pause(account, Duration.zero));
  }

  reset(key: string): Effect.Effect<void> {
    const [account] = this.ledger.accounts(key);
    return this.queue.steer(key, this.store.reset(account));
  }

  private turnLater(
    key: string,
    turn: Turn,
  ): Effect.Effect<KeyedPermit, Refusal> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(
        this.queue.take(key, turn, false, restore),
        (permit) => this.handOver(permit, restore),
      )
    );
  }

  private tryLater(
    key: string,
    cost: number,
  ): Effect.Effect<KeyedPermit | Denied> {
    return Effect.suspend(() => {
      const trial = new Trial(cost);
      return Effect.catch(this.turnLater(key, trial), (refusal) => {
        if (refusal._tag === "CostExceedsLimit") {
          return Effect.succeed(denied(refusal.tier, Infinity));
        }
        return trial.refused === undefined
          ? this.deny(key, this.ledger.accounts(key), cost)
          : Effect.succeed(plain(trial.refused));
      });
    });
  }

  private denyNow(key: string, cost: number): Effect.Effect<Denied> {
    const accounts = this.ledger.accounts(key);
    this.ledger.check(accounts, cost);
    this.queue.lobby.denied++;
    return this.deny(key, accounts, cost);
  }

  /** Lets a permit out of an uninterruptible region; an interrupt that came meanwhile gives it back. */
  private handOver(
    permit: KeyedPermit,
    restore: Restore,
  ): Effect.Effect<KeyedPermit> {
    return Effect.catchCause(
      restore(Effect.sync(() => permit)),
      (cause) => {
        this.queue.undo(permit);
        return Effect.failCause(cause);
      },
    );
  }

  /** Refuses one who would overtake those who wait. */
  private deny(
    key: string,
    accounts: Accounts,
    cost: number,
  ): Effect.Effect<Denied> {
    const ahead = this.queue.demand(key, -Infinity, !this.queue.full(key));
    return Effect.map(this.store.peek(accounts, cost, ahead), (answer) => {
      if (answer._tag === "Denied") return plain(answer);
      const wait = this.queue.dueAt(key) - this.queue.lobby.now();
      return denied(
        answer.tier,
        wait < Infinity ? Math.max(shortest, wait) : shortest,
      );
    });
  }
}

/** An answer without what only the store needs. */
function plain(answer: Refused): Denied;
function plain(answer: Taken | Refused): Decision;
function plain(answer: Taken | Refused): Decision {
  if (answer._tag === "Denied") {
    const { retryAfter, tier } = answer;
    return { _tag: "Denied", tier, retryAfter };
  }
  const { remaining, resetAfter, tier } = answer;
  return { _tag: "Allowed", tier, remaining, resetAfter };
}
