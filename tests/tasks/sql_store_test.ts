import { DenoSqlite } from "@weir/weir/deno";
import { TaskStore } from "@weir/weir/tasks";
import * as Layer from "effect/Layer";
import { storeSuite } from "./store_suite.ts";

storeSuite("TaskStore.layerSql()", (options) =>
  Layer.provide(
    TaskStore.layerSql(options),
    DenoSqlite.layer({ filename: ":memory:" }),
  ));
