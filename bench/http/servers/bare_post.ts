/**
 * `Deno.serve`, which reads JSON and sends it back, with no bound to it.
 *
 * @module
 */
import { serve } from "./serve.ts";

serve(async (request) => Response.json(await request.json()));
