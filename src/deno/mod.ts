/**
 * Effect's platform services on Deno.
 *
 * - `DenoHttpServer`: Effect's HTTP server on `Deno.serve`.
 * - `DenoRuntime`: the main program of a process, ended in order by its signals.
 * - `DenoSqlite`: Effect's SQL client on `node:sqlite`.
 * - `DenoFile`: files as sinks.
 * - `DenoStdio`, `DenoTerminal`, `DenoEnv`: standard streams, terminal and environment, for command lines with `effect/cli`.
 *
 * ```ts
 * import { DenoHttpServer } from "@weir/weir/deno";
 *
 * const Server = DenoHttpServer.layer({ port: 8000, drain: "5 seconds" });
 * ```
 *
 * @module
 */

/** Files as sinks. */
export * as DenoFile from "./deno_file.ts";
/** Environment variables, as far as they may be read. */
export * as DenoEnv from "./deno_env.ts";
/** Effect's HTTP server on `Deno.serve`. */
export * as DenoHttpServer from "./deno_http_server.ts";
/** Runs a program as the main one of a process. */
export * as DenoRuntime from "./deno_runtime.ts";
/** Effect's SQL client on `node:sqlite`. */
export * as DenoSqlite from "./deno_sqlite.ts";
/** Arguments and standard streams. */
export * as DenoStdio from "./deno_stdio.ts";
/** The terminal that the process runs in. */
export * as DenoTerminal from "./deno_terminal.ts";
