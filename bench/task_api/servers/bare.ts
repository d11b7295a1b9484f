/**
 * `Deno.serve`, which looks at what it is given, and keeps it in a table.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { serve } from "../../http/servers/serve.ts";
import { isSubmission } from "./submission.ts";

const [filename = ""] = Deno.args;

const database = new DatabaseSync(filename);
database.exec(`
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE tasks (id TEXT PRIMARY KEY, name TEXT, payload TEXT, status TEXT)
`);
const insert = database.prepare("INSERT INTO tasks VALUES (?, ?, ?, ?)");

serve(async (request) => {
  const body: unknown = await request.json();
  if (!isSubmission(body)) return new Response(null, { status: 400 });
  const { name, payload } = body;
  const id = crypto.randomUUID();
  insert.run(id, name, JSON.stringify(payload), "pending");
  return Response.json({ id, name, payload, status: "pending" }, {
    status: 202,
  });
});
