/**
 * Prints the milliseconds that one thread takes for so many settings of a pool.
 *
 * @module
 */
import { millisFor } from "./sweeps.ts";

// deno-lint-ignore no-console -- the bench reads it
console.log(await millisFor(Number(Deno.args[0]), 1));
