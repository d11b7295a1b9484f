/**
 * A million items through a queue of a hundred, to consumers that do nothing: what the way costs.
 *
 * Effect's own queue has no consumers, no counts and no end of all producers; it is here for its transfer alone.
 *
 * @module
 */
import { ProducerConsumer } from "@weir/weir";
import type * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Pull from "effect/Pull";
import * as Queue from "effect/Queue";
import * as Stream from "effect/Stream";
import {
  atMost,
  nanos,
  ratio,
  rounds,
  type Row,
  type Scores,
  shown,
  times,
} from "../report.ts";
import { BareQueue } from "./bare.ts";

const capacity = 100;
const items = 1_000_000;
/** Effect's own queue suspends a fiber for each, which takes too long for a million. */
const fewer = 100_000;
const python = `${import.meta.dirname}/asyncio_queue.py`;

const unlimited = Layer.mergeAll(
  ProducerConsumer.ProducerLimiter.layerUnlimited,
  ProducerConsumer.ConsumerLimiter.layerUnlimited,
);

/** So many producers and consumers: Weir and its peers beside each other. */
export async function transfer(
  producers: number,
  consumers: number,
): Promise<ReadonlyArray<Row>> {
  const shape = { producers, consumers };
  const scores: Scores<string> = await rounds<string>({
    "Weir, item by item": weir(shape, 1),
    "Weir, in chunks": weir(shape, undefined),
    "bare ring with promises": bare(shape),
    "effect's Queue, offer and take": offerAndTake(shape),
    "effect's Queue, offerAll and takeAll": offerAllAndTakeAll(shape),
    ...await asyncio(shape),
  }, { counted: 5, warmUp: 1 });
  const theirs = scores["Python's asyncio.Queue"];
  if (theirs === undefined) {
    return [...times(scores), { name: "no python3 here", value: "–" }];
  }
  const byItem = ratio(scores["Weir, item by item"]!, theirs);
  const byChunk = ratio(scores["Weir, in chunks"]!, theirs);
  const chunks = scores["effect's Queue, offer and take"]!;
  return [
    ...times(scores),
    atMost(0.6, "Weir ÷ asyncio.Queue, item by item", byItem, "×"),
    atMost(0.35, "Weir ÷ asyncio.Queue, in chunks", byChunk, "×"),
    shown(
      "effect's offer and take ÷ Weir, item by item",
      ratio(chunks, scores["Weir, item by item"]!),
      "×",
    ),
  ];
}

interface Shape {
  readonly producers: number;
  readonly consumers: number;
}

/** How many items each producer gives, and how many that makes. */
function shares(items: number, { producers }: Shape): [number, number] {
  const share = Math.floor(items / producers);
  return [share, share * producers];
}

function weir(shape: Shape, chunkSize: number | undefined) {
  const [share, all] = shares(items, shape);
  const Live = ProducerConsumer.layer({ capacity, consumers: shape.consumers });
  return nanos(all, () => {
    const run = ProducerConsumer.run({
      producers: Array.from(
        { length: shape.producers },
        () => Stream.range(1, share, chunkSize),
      ),
      consumer: () => Effect.void,
    });
    return Effect.runPromise(
      run.pipe(
        Effect.map(({ consumed }) => consumed),
        Effect.provide(Layer.provide(Live, unlimited)),
      ),
    );
  });
}

function bare({ producers, consumers }: Shape) {
  const [share, all] = shares(items, { producers, consumers });
  return nanos(all, async () => {
    const queue = new BareQueue<number>(capacity);
    let taken = 0;
    const produce = async () => {
      for (let i = 1; i <= share;) {
        const full = queue.put(i);
        if (full === undefined) i++;
        else await full;
      }
    };
    const consume = async () => {
      for (;;) {
        const item = queue.take();
        if (item === undefined) return;
        if (typeof item === "number") taken++;
        else await item;
      }
    };
    const taking = Array.from({ length: consumers }, consume);
    await Promise.all(Array.from({ length: producers }, produce));
    queue.end();
    await Promise.all(taking);
    return taken;
  });
}

function offerAndTake(shape: Shape) {
  const [share, all] = shares(fewer, shape);
  return nanos(all, () =>
    throughQueue(shape, (queue) => {
      let next = 1;
      return Effect.whileLoop({
        while: () => next <= share,
        body: () => Effect.asVoid(Queue.offer(queue, next++)),
        step: () => {},
      });
    }, (queue) => Effect.as(Queue.take(queue), 1)));
}

function offerAllAndTakeAll(shape: Shape) {
  const [share, all] = shares(items, shape);
  return nanos(all, () =>
    throughQueue(
      shape,
      (queue) =>
        Stream.runForEachArray(
          Stream.range(1, share),
          (items) => Queue.offerAll(queue, items),
        ),
      (queue) => Effect.map(Queue.takeAll(queue), (items) => items.length),
    ));
}

type Items = Queue.Queue<number, Cause.Done>;

/** Gives how many items came through, as each taking counts them. */
function throughQueue(
  { consumers, producers }: Shape,
  produce: (queue: Items) => Effect.Effect<void>,
  take: (queue: Items) => Effect.Effect<number, Cause.Done>,
): Promise<number> {
  return Effect.runPromise(Effect.gen(function* () {
    const queue: Items = yield* Queue.bounded<number, Cause.Done>(capacity);
    let taken = 0;
    const consume = Pull.catchDone(
      Effect.whileLoop({
        while: () => true,
        body: () => take(queue),
        step: (count) => taken += count,
      }),
      () => Effect.void,
    );
    const produceAll = Effect.replicateEffect(
      Effect.suspend(() => produce(queue)),
      producers,
      { concurrency: "unbounded", discard: true },
    );
    yield* Effect.all([
      Effect.replicateEffect(consume, consumers, {
        concurrency: "unbounded",
        discard: true,
      }),
      Effect.andThen(produceAll, Queue.end(queue)),
    ], { concurrency: 2, discard: true });
    return taken;
  }));
}

async function asyncio(
  shape: Shape,
): Promise<Record<string, () => Promise<number>>> {
  const [share] = shares(items, shape);
  const run = async () => {
    const { producers, consumers } = shape;
    const args = [
      python,
      ...[producers, consumers, capacity, share].map(String),
    ];
    const { code, stderr, stdout } = await new Deno.Command("python3", { args })
      .output();
    if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
    return Number(new TextDecoder().decode(stdout));
  };
  try {
    await new Deno.Command("python3", { args: ["--version"] }).output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
  return { "Python's asyncio.Queue": run };
}
