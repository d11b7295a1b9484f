/**
 * Chromium without a window, driven over its DevTools protocol.
 *
 * @module
 */
import { once } from "node:events";

/** How a page is shown. */
export interface Look {
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
  readonly reducedMotion?: boolean;
}

/** What the protocol answers. */
interface Answer {
  readonly id?: number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

/** The shell ends the browser and removes its profile once its input ends, which the end of the tests makes it do too. */
const script = `
dir=$(mktemp -d)
"$@" --user-data-dir="$dir" about:blank </dev/null &
cat >/dev/null
kill $! 2>/dev/null
wait $!
until rm -rf "$dir" 2>/dev/null; do sleep 0.1; done
`;

const flags = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"],
  ...["--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
  ...["--disable-dev-shm-usage", "--remote-debugging-port=0"],
];

/** A browser of its own; ends when it is disposed of. */
export class Browser implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #socket: WebSocket;
  readonly #waiting: Map<
    number,
    PromiseWithResolvers<Readonly<Record<string, unknown>>>
  > = new Map();
  #last = 0;

  private constructor(child: Deno.ChildProcess, socket: WebSocket) {
    this.#child = child;
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const { error, id, result }: Answer = JSON.parse(data);
      const waiting = this.#waiting.get(id ?? -1);
      this.#waiting.delete(id ?? -1);
      if (error === undefined) waiting?.resolve(result ?? {});
      else waiting?.reject(new Error(error.message));
    };
  }

  /** Starts one. */
  static async start(): Promise<Browser> {
    const child = new Deno.Command("sh", {
      args: ["-c", script, "sh", "chromium", ...flags],
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const socket = new WebSocket(await addressIn(child.stderr));
    await once(socket, "open");
    return new Browser(child, socket);
  }

  /** Asks for something of the protocol. */
  send(
    method: string,
    params: object = {},
    sessionId?: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.#last;
    const waiting = Promise.withResolvers<Readonly<Record<string, unknown>>>();
    this.#waiting.set(id, waiting);
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return waiting.promise;
  }

  /** Opens a page that shares no storage with others. */
  async open(url: string, look: Look): Promise<Page> {
    const { browserContextId } = await this.send("Target.createBrowserContext");
    const { targetId } = await this.send("Target.createTarget", {
      ...{ url: "about:blank", browserContextId },
    });
    const { sessionId } = await this.send("Target.attachToTarget", {
      ...{ targetId, flatten: true },
    });
    const page = new Page(this, String(sessionId), String(browserContextId));
    await page.look(look);
    await page.send("Page.enable");
    await page.send("Page.navigate", { url });
    await page.until("document.readyState === 'complete'");
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, "close");
    await this.send("Browser.close");
    await closed;
    await this.#child.stdin.close();
    await this.#child.status;
  }
}

/** A page of a browser. */
export class Page implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #session: string;
  readonly #context: string;

  constructor(browser: Browser, session: string, context: string) {
    this.#browser = browser;
    this.#session = session;
    this.#context = context;
  }

  /** Asks for something of the protocol. */
  send(
    method: string,
    params?: object,
  ): Promise<Readonly<Record<string, unknown>>> {
    return this.#browser.send(method, params, this.#session);
  }

  /** Shows the page otherwise. */
  async look({ dark, height, reducedMotion, width }: Look): Promise<void> {
    await this.send("Emulation.setDeviceMetricsOverride", {
      ...{ width, height, deviceScaleFactor: 1, mobile: width < 600 },
    });
    await this.send("Emulation.setEmulatedMedia", {
      features: [
        { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
        {
          name: "prefers-reduced-motion",
          value: reducedMotion ? "reduce" : "no-preference",
        },
      ],
    });
  }

  /** What an expression gives, once that is settled. */
  async evaluate(expression: string): Promise<unknown> {
    const answer = await this.send("Runtime.evaluate", {
      ...{ expression, awaitPromise: true, returnByValue: true },
    });
    if (answer.exceptionDetails !== undefined) {
      throw new Error(JSON.stringify(answer.exceptionDetails));
    }
    return Object(answer.result).value;
  }

  /** Waits until an expression holds, for 10 s at most. */
  async until(expression: string): Promise<void> {
    const end = Date.now() + 10_000;
    while (await this.evaluate(`!!(${expression})`) !== true) {
      if (Date.now() > end) throw new Error(`Never came true: ${expression}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Clicks with the mouse on the middle of what a selector finds. */
  async click(selector: string): Promise<void> {
    const place = await this.evaluate(`(() => {
      const found = document.querySelector(${JSON.stringify(selector)});
      found.scrollIntoView({ block: "center" });
      const { x, y, width, height } = found.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
    const at = { ...Object(place), button: "left", clickCount: 1 };
    for (const type of ["mousePressed", "mouseReleased"]) {
      await this.send("Input.dispatchMouseEvent", { type, ...at });
    }
  }

  /** Presses a key. */
  async press(key: "Tab" | "Enter"): Promise<void> {
    const code = key === "Tab" ? 9 : 13;
    const press = { key, code: key, windowsVirtualKeyCode: code };
    const text = key === "Enter" ? { text: "\r" } : {};
    await this.send("Input.dispatchKeyEvent", {
      ...{ type: "keyDown", ...press, ...text },
    });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...press });
  }

  /** Types words into what has the focus. */
  async type(text: string): Promise<void> {
    await this.send("Input.insertText", { text });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.send("Target.disposeBrowserContext", {
      browserContextId: this.#context,
    });
  }
}

/** The address at which a browser says that it listens; what it says further is dropped. */
async function addressIn(
  stderr: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<string> {
  const address = Promise.withResolvers<string>();
  const decoder = new TextDecoder();
  let said = "";
  stderr.pipeTo(
    new WritableStream({
      write(bytes) {
        if (said.length > 100_000) return;
        said += decoder.decode(bytes, { stream: true });
        const [, found] = /DevTools listening on (ws:\S+)/.exec(said) ?? [];
        if (found !== undefined) address.resolve(found);
      },
      close: () => address.reject(new Error(`Chromium ended: ${said}`)),
    }),
  );
  return await address.promise;
}
