/**
 * `Deno.serve` with the two fields that a limit adds: what they cost by themselves.
 *
 * @module
 */
import { answer, serve } from "./serve.ts";

let n = 1e9;

serve(() => {
  const response = Response.json(answer);
  response.headers.set(
    "ratelimit-policy",
    '"1e9 in 1 second";q=1000000000;w=1',
  );
  response.headers.set("ratelimit", `"1e9 in 1 second";r=${n--};t=1`);
  return response;
});
