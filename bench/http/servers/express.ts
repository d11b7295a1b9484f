/**
 * express, on Deno's `node:http`.
 *
 * @module
 */
// deno-lint-ignore no-import-prefix -- measured, not depended on
import express from "npm:express@5.3.0";
import { answer } from "./serve.ts";

const app = express();
app.get(
  "/",
  (_request: unknown, response: { readonly json: (body: unknown) => void }) =>
    response.json(answer),
);

const server = app.listen(0, "127.0.0.1", () => {
  // deno-lint-ignore no-console -- the bench reads the port
  console.log(server.address().port);
});
