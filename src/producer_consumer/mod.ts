/**
 * Many producers, one bounded queue, many consumers.
 *
 * - `ProducerConsumer`: runs streams into consumers, and ends by itself.
 *
 * ```ts
 * import { ProducerConsumer } from "@weir/weir/producer-consumer";
 *
 * const Live = ProducerConsumer.layer({ capacity: 100, consumers: 5 });
 * ```
 *
 * @module
 */

/** Many producers, one bounded queue, many consumers: a program that ends by itself. */
export * as ProducerConsumer from "./producer_consumer.ts";
