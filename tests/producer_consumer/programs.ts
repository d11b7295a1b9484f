/**
 * Programs over producers and consumers that must go well under every order of their fibers.
 *
 * @module
 */
import type { Simulated } from "../support/simulated.ts";
import { flood, lateness } from "./flood.ts";
import { moments } from "./moments.ts";

/** All that is claimed of producers and consumers. */
export const producerConsumerPrograms: ReadonlyArray<Simulated> = [
  {
    name:
      "ProducerConsumer.run() consumes each item once, drops it or hands it on",
    program: flood({}),
    timerJitter: lateness,
  },
  {
    name:
      "ProducerConsumer.run() leaves nothing behind, whatever fails and whenever it is interrupted",
    program: flood({ fails: true, stops: true }),
    timerJitter: lateness,
  },
  {
    name:
      "ProducerConsumer.stream() gives each result once, however slowly it is read",
    program: flood({ streams: true }),
    timerJitter: lateness,
  },
  {
    name:
      "ProducerConsumer.stream() leaves nothing behind, whatever fails and whenever it is left",
    program: flood({ streams: true, fails: true, stops: true }),
    timerJitter: lateness,
  },
  ...moments,
];
