/**
 * Charges a request, and gathers what its response has to say of it.
 *
 * @module
 */
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import { type DecideNow, instantKeysOf } from "../internal/instant.ts";
import type { Decision, KeyedLimiter } from "../limiter/mod.ts";
import {
  limitItem,
  policyOf,
  type Standing,
  standingAfter,
  standingOf,
} from "./limit_fields.ts";

/** What came of a charge. */
export interface Verdict {
  /** Why the request is refused; nothing if it is not. */
  readonly denied: Decision.Denied | undefined;
  /** What is told of the limit; nothing where there is none. */
  readonly told: Told | undefined;
}

/** What is told of a limit. */
export interface Told {
  /** An item of `RateLimit`. */
  readonly item: string;
  /** Items of `RateLimit-Policy`. */
  readonly policy: string;
  /** The limit of the tier that `item` speaks of; unknown where something else than a tier refused. */
  readonly limit: number | undefined;
  /** What `item` says. */
  readonly standing: Standing;
}

/** Charges the keys of one limiter. */
export class Till {
  private readonly decideNow: DecideNow;

  constructor(readonly limiter: KeyedLimiter.Service) {
    this.decideNow = instantKeysOf(limiter);
  }

  /** Decides at once; nothing where that cannot be done, and nothing is charged. */
  decide(key: string, cost: number): Decision.Decision | undefined {
    return this.decideNow(key, cost);
  }

  /** Charges a key of a limiter whose store answers at once. */
  chargeNow(key: string, cost: number): Verdict {
    const decision = this.decideNow(key, cost);
    if (decision === undefined) {
      return Effect.runSync(this.charge(key, cost, undefined));
    }
    return this.verdict(key, decision) ??
      Effect.runSync(this.look(key, decision));
  }

  /** What a decision means, if it says enough. */
  verdict(key: string, decision: Decision.Decision): Verdict | undefined {
    const denied = decision._tag === "Denied" ? decision : undefined;
    const quota = this.limiter.quotaOf(key);
    if (quota.tiers.length === 0) return { denied, told: undefined };
    const standing = standingOf(decision);
    // One more unit may be had after a refusal for ever: it was the cost that was too high.
    return standing === undefined || standing.seconds === Infinity
      ? undefined
      : this.tell(key, denied, standing);
  }

  /** What a decision means that does not say enough. */
  look(key: string, decision: Decision.Decision): Effect.Effect<Verdict> {
    const denied = decision._tag === "Denied" ? decision : undefined;
    return Effect.map(
      this.limiter.for(key).peek(),
      (peeked) => this.tell(key, denied, standingAfter(peeked)),
    );
  }

  /** Charges a key, waiting for its turn if it may. An interrupt gives the place up, wherever this runs. */
  charge(
    key: string,
    cost: number,
    maxWait: number | undefined,
  ): Effect.Effect<Verdict> {
    const limiter = this.limiter.for(key);
    const decision: Effect.Effect<Decision.Decision> = maxWait === undefined
      ? limiter.tryAcquire({ cost })
      : limiter.acquire({ cost, maxWait }).pipe(
        Effect.catchTag(
          "CostExceedsLimit",
          ({ tier }) =>
            Effect.succeed<Decision.Denied>({
              _tag: "Denied",
              tier,
              retryAfter: Duration.infinity,
            }),
        ),
        Effect.catchTag("WaitTimeout", ({ retryAfter }) =>
          Effect.map(
            limiter.peek({ cost }),
            (peeked): Decision.Denied => ({
              _tag: "Denied",
              tier: peeked.tier,
              retryAfter: peeked._tag === "Denied"
                ? peeked.retryAfter
                : retryAfter ?? Duration.zero,
            }),
          )),
      );
    return Effect.flatMap(Effect.interruptible(decision), (decision) => {
      const verdict = this.verdict(key, decision);
      return verdict === undefined
        ? this.look(key, decision)
        : Effect.succeed(verdict);
    });
  }

  private tell(
    key: string,
    denied: Decision.Denied | undefined,
    standing: Standing,
  ): Verdict {
    const policy = policyOf(this.limiter.quotaOf(key));
    return {
      denied,
      told: {
        item: limitItem(policy, standing),
        policy: policy.field,
        limit: policy.tiers.get(standing.tier)?.limit,
        standing,
      },
    };
  }
}
