/**
 * `Deno.serve` with Weir's limit around its handler.
 *
 * @module
 */
import { RateLimit } from "@weir/weir/http";
import { quota } from "./quota.ts";
import { answer, serve } from "./serve.ts";

serve(RateLimit.handler(() => Response.json(answer), { quota }));
