/**
 * Which key is tried next.
 *
 * @module
 */
import { Heap } from "../internal/heap.ts";
import type { KeyLine } from "./lines.ts";

/**
 * Keys that wait: for a time of their own, or for their turn. A line is in one place at most.
 */
export class Rota {
  /** Lines by when their own quota lets the next one in. */
  private readonly due = new Heap<KeyLine>();
  /** Lines that nothing lets in as far as is known. */
  private readonly stuck = new Set<KeyLine>();
  /** Lines that may be tried, in turn. */
  private readonly turns = new Set<KeyLine>();
  /** The line that the shared quota refused, and until when it refuses all: it goes before the others. */
  private refused: KeyLine | undefined;
  private refusedUntil = -Infinity;

  /** Whether somebody waits for a turn, and not for a time. */
  get contended(): boolean {
    return this.refused !== undefined || this.turns.size > 0;
  }

  /** When somebody can be tried. */
  get at(): number {
    const turn = this.contended ? this.refusedUntil : Infinity;
    return Math.min(turn, this.due.peek()?.at ?? Infinity);
  }

  /** Gives a line its turn, after those who have theirs already. */
  add(line: KeyLine): void {
    if (line === this.refused) return this.retry();
    this.due.remove(line);
    this.stuck.delete(line);
    this.turns.add(line);
  }

  remove(line: KeyLine): void {
    if (line === this.refused) {
      // What it was refused for says nothing about the others.
      this.refused = undefined;
      this.retry();
    }
    this.due.remove(line);
    this.stuck.delete(line);
    this.turns.delete(line);
  }

  /** Whether a line waits for its own quota. */
  isOff(line: KeyLine): boolean {
    return line.place >= 0 || this.stuck.has(line);
  }

  /** Whether the shared quota refuses all. */
  refuses(now: number): boolean {
    return this.contended && this.refusedUntil > now;
  }

  /** Lets a line wait for its own quota. */
  putOff(line: KeyLine, at: number): void {
    this.remove(line);
    line.at = at;
    if (at < Infinity) this.due.push(line);
    else this.stuck.add(line);
  }

  /** Gives their turn to lines that nothing would let in. */
  free(): void {
    for (const line of this.stuck) this.add(line);
  }

  /** Lets all lines wait for the shared quota, this one first unless another was refused before. */
  refuse(line: KeyLine, until: number): void {
    this.remove(line);
    if (this.refused === undefined) {
      this.refused = line;
      this.refusedUntil = until;
    } else this.turns.add(line);
  }

  /** The shared quota may have room again. */
  retry(): void {
    this.refusedUntil = -Infinity;
  }

  /** Takes out the line whose turn it is. */
  pick(now: number): KeyLine | undefined {
    let due = this.due.peek();
    while (due !== undefined && due.at <= now) {
      this.add(due);
      due = this.due.peek();
    }
    if (this.refusedUntil > now) return undefined;
    const line = this.refused ?? this.turns.values().next().value;
    if (line !== undefined) this.remove(line);
    return line;
  }
}
