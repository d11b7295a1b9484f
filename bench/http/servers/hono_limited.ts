/**
 * hono with hono-rate-limiter, in memory.
 *
 * @module
 */
// deno-lint-ignore no-import-prefix -- measured, not depended on
import { Hono } from "npm:hono@4.13.19";
// deno-lint-ignore no-import-prefix -- measured, not depended on
import { rateLimiter } from "npm:hono-rate-limiter@0.5.4";
import { perMinute } from "./quota.ts";
import { answer, serve } from "./serve.ts";

type Env = { Bindings: { readonly remoteAddr: Deno.NetAddr } };

const app = new Hono<Env>();
app.use(rateLimiter<Env>({
  windowMs: 60_000,
  limit: perMinute,
  standardHeaders: "draft-7",
  keyGenerator: (context) => context.env.remoteAddr.hostname,
}));
app.get("/", (context) => context.json(answer));

serve((request, { remoteAddr }) => app.fetch(request, { remoteAddr }));
