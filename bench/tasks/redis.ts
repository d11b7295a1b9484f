/**
 * A Redis server for peers that need one.
 *
 * @module
 */

/** Where it listens, on loopback. */
export const port = 16_399;

/** Starts a server that keeps its files there. Nothing if there is none on this machine. */
export function startRedis(directory: string): Deno.ChildProcess | undefined {
  const options = {
    "port": port,
    "bind": "127.0.0.1",
    "dir": directory,
    "save": "",
    "appendonly": "yes",
    "appendfsync": "everysec",
  };
  try {
    return new Deno.Command("redis-server", {
      args: Object.entries(options).flatMap(([name, value]) => [
        `--${name}`,
        `${value}`,
      ]),
      stdout: "null",
      stderr: "inherit",
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
