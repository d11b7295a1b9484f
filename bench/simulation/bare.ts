/**
 * What one would write without a library: an event loop of a heap and callbacks.
 *
 * @module
 */
import { arrivals, exponential, servers, services } from "./queueing.ts";

/** The earliest first, a binary heap. */
class EventLoop {
  now = 0;
  private readonly times: Array<number> = [];
  private readonly callbacks: Array<() => void> = [];

  after(delay: number, callback: () => void): void {
    const { callbacks, times } = this;
    const time = this.now + delay;
    let i = times.length;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (times[parent]! <= time) break;
      times[i] = times[parent]!;
      callbacks[i] = callbacks[parent]!;
      i = parent;
    }
    times[i] = time;
    callbacks[i] = callback;
  }

  run(): void {
    const { callbacks, times } = this;
    while (times.length > 0) {
      this.now = times[0]!;
      const callback = callbacks[0]!;
      const time = times.pop()!;
      const last = callbacks.pop()!;
      if (times.length > 0) this.down(time, last);
      callback();
    }
  }

  private down(time: number, callback: () => void): void {
    const { callbacks, times } = this;
    const { length } = times;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= length) break;
      if (child + 1 < length && times[child + 1]! < times[child]!) child++;
      if (time <= times[child]!) break;
      times[i] = times[child]!;
      callbacks[i] = callbacks[child]!;
      i = child;
    }
    times[i] = time;
    callbacks[i] = callback;
  }
}

/** Three servers and a line. Gives how many were served. */
export function bare(customers: number): number {
  const loop = new EventLoop();
  let free = servers;
  let waiting = 0;
  let arrived = 0;
  let served = 0;
  const later = (rate: number, callback: () => void) =>
    loop.after(exponential(rate, Math.random()), callback);
  const leave = () => {
    served++;
    if (waiting > 0) {
      waiting--;
      later(services, leave);
    } else free++;
  };
  const arrive = () => {
    if (++arrived < customers) later(arrivals, arrive);
    if (free > 0) {
      free--;
      later(services, leave);
    } else waiting++;
  };
  later(arrivals, arrive);
  loop.run();
  return served;
}
