/** Bytes of the heap that are in use, once garbage is gone: under `--v8-flags=--expose-gc` alone. */
export async function heap(): Promise<number> {
  // What ended a moment ago may be held until the event loop comes round.
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve));
    (globalThis as { readonly gc?: () => void }).gc?.();
  }
  return Deno.memoryUsage().heapUsed;
}

/** The slope of the line that fits best: what is added from one to the next. */
export function slopeOf(values: ReadonlyArray<number>): number {
  const middle = (values.length - 1) / 2;
  let above = 0;
  let below = 0;
  values.forEach((value, i) => {
    above += (i - middle) * value;
    below += (i - middle) ** 2;
  });
  return above / below;
}
