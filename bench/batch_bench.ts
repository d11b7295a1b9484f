/**
 * Batches beside their peers.
 *
 * @module
 */
import { promises, synchronous, values } from "./batch/for_each.ts";
import { gathered } from "./batch/gather.ts";
import { peers } from "./batch/peers.ts";
import { header, table } from "./report.ts";

header(peers);
table("An item that is a value", await values());
table("An item that is a function", await synchronous());
table("An item that is a promise", await promises());
table("A request among a thousand", await gathered());
