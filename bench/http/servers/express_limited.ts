/**
 * express with express-rate-limit, in memory, on Deno's `node:http`.
 *
 * @module
 */
// deno-lint-ignore no-import-prefix -- measured, not depended on
import express from "npm:express@5.3.0";
// deno-lint-ignore no-import-prefix -- measured, not depended on
import { rateLimit } from "npm:express-rate-limit@8.7.5";
import { perMinute } from "./quota.ts";
import { answer } from "./serve.ts";

const app = express();
app.use(rateLimit({
  windowMs: 60_000,
  limit: perMinute,
  standardHeaders: "draft-8",
  legacyHeaders: false,
}));
app.get(
  "/",
  (_request: unknown, response: { readonly json: (body: unknown) => void }) =>
    response.json(answer),
);

const server = app.listen(0, "127.0.0.1", () => {
  // deno-lint-ignore no-console -- the bench reads the port
  console.log(server.address().port);
});
