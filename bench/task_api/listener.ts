/**
 * One who listens to events.
 *
 * @module
 */

/** What many listeners heard, and when. */
export interface Heard {
  /** When each event happened, by its number. */
  readonly at: Map<number, number>;
  /** From an event to its arrival, in milliseconds: of all listeners. */
  readonly delays: Array<number>;
}

const request = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
const event = /id: (\d+)\ndata: \{"at":"([^"]+)"[^\n]*\n\n/g;

/** A connection of its own, on which nothing is sent but the request. */
export class Listener {
  /** How many events came, without a gap and in order. */
  count = 0;
  private last = 0;
  private rest = "";
  private readonly decoder = new TextDecoder();

  private constructor(
    private readonly connection: Deno.TcpConn,
    private readonly heard: Heard,
  ) {}

  /** Listens, once the server has answered. */
  static async start(port: number, heard: Heard): Promise<Listener> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.write(new TextEncoder().encode(request));
    const listener = new Listener(connection, heard);
    const buffer = new Uint8Array(16_384);
    await listener.read(buffer);
    if (!listener.rest.startsWith("HTTP/1.1 200")) {
      throw new Error(listener.rest);
    }
    listener.follow(buffer);
    return listener;
  }

  stop(): void {
    this.connection.close();
  }

  private async follow(buffer: Uint8Array): Promise<void> {
    try {
      while (await this.read(buffer)) this.hear(Date.now());
      throw new Error("The stream has ended");
    } catch (error) {
      // So a read ends when the connection is closed here.
      if (!(error instanceof Deno.errors.Interrupted)) throw error;
    }
  }

  private async read(buffer: Uint8Array): Promise<boolean> {
    const length = await this.connection.read(buffer) ?? 0;
    this.rest += this.decoder.decode(buffer.subarray(0, length), {
      stream: true,
    });
    return length > 0;
  }

  private hear(now: number): void {
    let end = 0;
    for (const match of this.rest.matchAll(event)) {
      const sequence = Number(match[1]);
      if (this.last > 0 && sequence !== this.last + 1) {
        throw new Error(`Event ${sequence} comes after ${this.last}`);
      }
      let at = this.heard.at.get(sequence);
      if (at === undefined) {
        at = Date.parse(match[2]!);
        this.heard.at.set(sequence, at);
      }
      this.heard.delays.push(now - at);
      this.last = sequence;
      this.count++;
      end = match.index + match[0].length;
    }
    this.rest = this.rest.slice(end);
  }
}
