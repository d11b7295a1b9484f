/**
 * The limiter beside its peers: `deno task bench`.
 *
 * @module
 */
import { admitted } from "./limiter/admitted.ts";
import { concurrency } from "./limiter/concurrency.ts";
import { keyed } from "./limiter/keyed.ts";
import { waitingInLine } from "./limiter/waiters.ts";
import { slidingWindow } from "./limiter/window.ts";
import { peers } from "./peers.ts";
import { header, table } from "./report.ts";

header(peers);
table("A call that need not wait", await admitted());
table("A slot that is free", await concurrency());
table("A sliding window of 1,000", await slidingWindow());
table("A hundred thousand waiters", await waitingInLine());
table("A million keys", await keyed());
