/**
 * Web streams as bodies of answers.
 *
 * @module
 */

/** The source of a stream that hands on another one as it is read, until that ends, nobody reads, or a signal comes. */
export class Relay implements UnderlyingDefaultSource<Uint8Array> {
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  private isOver = false;
  private stop: (() => void) | undefined;

  constructor(
    source: ReadableStream<Uint8Array>,
    private readonly until: AbortSignal | undefined,
    private readonly whenOver: () => void,
  ) {
    this.reader = source.getReader();
  }

  /** Ends in order when the signal comes. */
  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const stop = () => {
      controller.close();
      // That it could not be told so changes nothing for the client.
      this.cancel().catch(() => {});
    };
    if (this.until?.aborted === true) return stop();
    this.stop = stop;
    this.until?.addEventListener("abort", stop);
  }

  async pull(
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    try {
      const { done, value } = await this.reader.read();
      if (this.isOver) return;
      if (!done) return controller.enqueue(value);
      controller.close();
    } catch (error) {
      if (this.isOver) return;
      controller.error(error);
    }
    this.end();
  }

  cancel(reason?: unknown): Promise<void> {
    this.end();
    return this.reader.cancel(reason);
  }

  private end(): void {
    if (this.isOver) return;
    this.isOver = true;
    if (this.stop !== undefined) {
      this.until?.removeEventListener("abort", this.stop);
    }
    this.whenOver();
  }
}
