/**
 * A way to a server that can be cut off.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";

/** A port that leads to another one. */
export interface Breakable {
  readonly url: string;
  /** Cuts all connections, and each new one until it is mended. */
  readonly cut: () => void;
  readonly mend: () => void;
  /** How many connections there were. */
  readonly count: () => number;
}

/** Opens a way to a port of the loopback, until the scope ends. */
export function breakable(
  port: number,
): Effect.Effect<Breakable, never, Scope.Scope> {
  return Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new Way(port)),
      (way) => Effect.promise(() => way.close()),
    ),
    (way) => ({
      url: `http://127.0.0.1:${way.port}`,
      cut: () => way.cut(),
      mend: () => {
        way.isCut = false;
      },
      count: () => way.count,
    }),
  );
}

class Way {
  isCut = false;
  count = 0;
  private readonly listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  private readonly open = new Set<Deno.Conn>();
  private readonly done: Promise<void>;

  constructor(private readonly target: number) {
    this.done = this.run();
  }

  get port(): number {
    return this.listener.addr.port;
  }

  cut(): void {
    this.isCut = true;
    for (const one of [...this.open]) this.shut(one);
  }

  async close(): Promise<void> {
    this.listener.close();
    this.cut();
    await this.done;
  }

  private async run(): Promise<void> {
    const pipes: Array<Promise<void>> = [];
    // Closing the listener ends this.
    for await (const client of this.listener) {
      this.count++;
      pipes.push(this.lead(client));
    }
    await Promise.all(pipes);
  }

  private async lead(client: Deno.Conn): Promise<void> {
    this.open.add(client);
    if (this.isCut) return this.shut(client);
    const server = await Deno.connect({
      hostname: "127.0.0.1",
      port: this.target,
    });
    this.open.add(server);
    if (this.isCut) this.shut(server);
    await Promise.all([this.pipe(client, server), this.pipe(server, client)]);
  }

  private async pipe(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let n = await from.read(buffer); n; n = await from.read(buffer)) {
        for (let done = 0; done < n;) {
          done += await to.write(buffer.subarray(done, n));
        }
      }
    } catch {
      // One end is gone.
    }
    this.shut(from);
    this.shut(to);
  }

  private shut(one: Deno.Conn): void {
    if (!this.open.delete(one)) return;
    // Closing alone waits for reads that are under way.
    one.closeWrite().catch(() => {}).finally(() => one.close());
  }
}
