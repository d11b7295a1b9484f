/**
 * A mailbox that looks whether it is empty, lets others go on, and only then waits; and one that does both in one step.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { strictEqual } from "node:assert/strict";

/** Letters, and the one that waits for the next. */
class Mailbox {
  private readonly letters: Array<string> = [];
  private wake: (() => void) | undefined;

  get isEmpty(): boolean {
    return this.letters.length === 0;
  }

  take(): string | undefined {
    return this.letters.shift();
  }

  put(letter: string): void {
    this.letters.push(letter);
    const { wake } = this;
    this.wake = undefined;
    wake?.();
  }

  /** Wakes who waits, at the next letter. */
  call(wake: () => void): void {
    this.wake = wake;
  }
}

/** Takes a letter, and waits for it if there is none. */
export type Receive = (
  mailbox: Mailbox,
) => Effect.Effect<string | undefined>;

export const hasty: Receive = Effect.fn("receive")(function* (mailbox) {
  if (mailbox.isEmpty) {
    yield* Effect.yieldNow;
    yield* Effect.callback<void>(function nextLetter(resume) {
      mailbox.call(() => resume(Effect.void));
    });
  }
  return mailbox.take();
});

export const mended: Receive = Effect.fn("receive")(function* (mailbox) {
  yield* Effect.callback<void>(function nextLetter(resume) {
    if (mailbox.isEmpty) mailbox.call(() => resume(Effect.void));
    else resume(Effect.void);
  });
  return mailbox.take();
});

/** One that writes after a while, and one that reads. */
export const program = (receive: Receive): Effect.Effect<void> =>
  Effect.gen(function* () {
    const mailbox = new Mailbox();
    const reader = yield* Effect.forkChild(receive(mailbox));
    const writer = yield* Effect.forkChild(
      Effect.fn("write")(function* () {
        yield* Effect.replicateEffect(Effect.yieldNow, 4, { discard: true });
        mailbox.put("hello");
      })(),
    );
    yield* Fiber.join(writer);
    strictEqual(yield* Fiber.join(reader), "hello");
  });
