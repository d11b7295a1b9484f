/**
 * hono.
 *
 * @module
 */
// deno-lint-ignore no-import-prefix -- measured, not depended on
import { Hono } from "npm:hono@4.13.19";
import { answer, serve } from "./serve.ts";

const app = new Hono();
app.get("/", (context) => context.json(answer));

serve((request) => app.fetch(request));
