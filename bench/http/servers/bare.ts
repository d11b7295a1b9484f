/**
 * `Deno.serve`, and nothing else.
 *
 * @module
 */
import { answer, serve } from "./serve.ts";

serve(() => Response.json(answer));
