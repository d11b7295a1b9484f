/**
 * Effect's platform services on Deno.
 *
 * - `DenoHttpServer`: Effect's HTTP server on `Deno.serve`.
 *
 * @module
 */

/** Effect's HTTP server on `Deno.serve`. */
export * as DenoHttpServer from "./deno_http_server.ts";
/** Runs a program as the main one of a process. */
export * as DenoRuntime from "./deno_runtime.ts";
