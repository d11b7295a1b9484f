/**
 * The least that a pool can do: N loops over one index.
 *
 * @module
 */

/** Runs so many jobs, so many at once; awaits only what is a promise. */
export async function bare(
  run: () => number | Promise<number>,
  jobs: number,
  workers: number,
): Promise<number> {
  let next = 0;
  let done = 0;
  const worker = async () => {
    while (next < jobs) {
      next++;
      const value = run();
      const settled = typeof value === "number" ? value : await value;
      done += settled;
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return done;
}
