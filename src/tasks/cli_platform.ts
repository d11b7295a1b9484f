/**
 * What the command line needs of Deno.
 *
 * @module
 */
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities";
import type * as Command from "effect/cli/Command";
import * as Effect from "effect/Effect";
import * as FileSystem from "effect/FileSystem";
import * as FetchHttpClient from "effect/http/FetchHttpClient";
import type * as HttpClient from "effect/http/HttpClient";
import * as Layer from "effect/Layer";
import * as Path from "effect/Path";
import * as PlatformError from "effect/PlatformError";
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner";
import { DenoEnv, DenoStdio, DenoTerminal } from "../deno/mod.ts";

/** The commands take no files and start no programs, so they get none. */
const layerNoPrograms = Layer.succeed(
  ChildProcessSpawner.ChildProcessSpawner,
  ChildProcessSpawner.make(() =>
    Effect.fail(PlatformError.systemError({
      _tag: "PermissionDenied",
      module: "ChildProcess",
      method: "spawn",
    }))
  ),
);

/** Provides what {@linkcode run} needs of Deno. It asks for no permission but that to reach the service. */
export const layer: Layer.Layer<HttpClient.HttpClient | Command.Environment> =
  TerminalCapabilities.layer.pipe(
    Layer.provideMerge(
      Layer.mergeAll(
        DenoEnv.layer,
        DenoStdio.layer,
        DenoTerminal.layer,
        FetchHttpClient.layer,
        FileSystem.layerNoop({}),
        Path.layer,
        layerNoPrograms,
      ),
    ),
  );
