import { type Limiter, ProducerConsumer } from "@weir/weir";
import type * as Cause from "effect/Cause";
import * as Context from "effect/Context";
import * as Data from "effect/Data";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import * as Stream from "effect/Stream";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Checked by the compiler alone. */
const same = <A, B>(
  ..._: Same<A, B> extends true ? [actual: A] : [actual: A, wanted: B]
): void => {};

class NotRead extends Data.TaggedError("NotRead") {}
class NotSaved extends Data.TaggedError("NotSaved") {}
class NotSent extends Data.TaggedError("NotSent") {}
class Disk extends Context.Service<
  Disk,
  { readonly save: (n: number | string) => Effect.Effect<boolean, NotSaved> }
>()("test/Disk") {}
class Letters extends Context.Service<
  Letters,
  { readonly send: (item: unknown) => Effect.Effect<boolean> }
>()("test/Letters") {}
type Asked = ProducerConsumer.ProducerConsumer;

const numbers: Stream.Stream<number, NotRead> = Stream.fail(new NotRead());
const strings: Stream.Stream<string, never, Limiter.Limiter> = Stream.empty;
const save = (item: number | string) =>
  Effect.flatMap(Disk, (disk) => disk.save(item));

Deno.test("run() fails as producers and items do, and needs what they need", () => {
  const run = ProducerConsumer.run({
    producers: [numbers, strings],
    consumer: save,
  });
  same<
    typeof run,
    Effect.Effect<
      ProducerConsumer.Report,
      NotRead | NotSaved,
      Limiter.Limiter | Disk | Asked
    >
  >(run);
});

Deno.test("run() with onFailure fails as that does, not as items do", () => {
  const run = ProducerConsumer.run({
    producers: [numbers, strings],
    consumer: save,
    retry: Schedule.recurs(3),
    onFailure: (item, cause) => {
      same<typeof item, number | string>(item);
      same<typeof cause, Cause.Cause<NotSaved>>(cause);
      return Effect.flatMap(
        Effect.flatMap(Letters, (letters) => letters.send(item)),
        (sent) => sent ? Effect.void : Effect.fail(new NotSent()),
      );
    },
  });
  same<
    typeof run,
    Effect.Effect<
      ProducerConsumer.Report,
      NotRead | NotSent,
      Limiter.Limiter | Disk | Letters | Asked
    >
  >(run);
});

Deno.test("run() that cannot fail has no error", () => {
  const run = ProducerConsumer.run({
    producers: [Stream.range(1, 20)],
    consumer: (n) => Effect.log(n),
  });
  same<typeof run, Effect.Effect<ProducerConsumer.Report, never, Asked>>(run);
});

Deno.test("stream() gives results and what stands in their place", () => {
  const stream = ProducerConsumer.stream({
    producers: [Stream.range(1, 20)],
    consumer: (n) =>
      n > 3 ? Effect.fail(new NotSaved()) : Effect.succeed(String(n)),
    onFailure: (n) => Effect.succeed(n),
  });
  same<typeof stream, Stream.Stream<string | number, never, Asked>>(stream);
});
