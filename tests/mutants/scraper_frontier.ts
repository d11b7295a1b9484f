/**
 * Bugs that the frontiers of the scraper could have.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

const memory = "src/scraper/frontier_memory.ts";
const step = "src/scraper/frontier_step.ts";
const tables = "src/scraper/frontier_tables.ts";
const memoryTest = "tests/scraper/frontier_memory_test.ts";
const sqlTest = "tests/scraper/frontier_sql_test.ts";
const agree = "tests/scraper/frontiers_agree_test.ts";

/** What must not come into the frontiers. */
export const scraperFrontierMutants: ReadonlyArray<Mutant> = [
  {
    name: "a host has all of its URLs given before the next has one",
    file: memory,
    from: "    this.leave(host);\n",
    to:
      "    if (host.peek() !== undefined) return entryOf(host.name, waiting);\n" +
      "    this.leave(host);\n",
    test: memoryTest,
    filter: "hosts take turns",
  },
  {
    name: "a busy host loses its place",
    file: memory,
    from: "while (host !== undefined && busy.has(host.name)) host = host.next;",
    to:
      "for (let n = busy.size; n > 0 && host && busy.has(host.name); n--) {\n" +
      "      this.leave(host);\n      this.join(host);\n      host = this.first;\n    }",
    test: memoryTest,
    filter: "next() passes busy hosts, and they keep their place",
  },
  {
    name: "priorities are read upside down",
    file: "src/scraper/frontier_entry.ts",
    from: "  return 0 - priority;",
    to: "  return priority;",
    test: memoryTest,
    filter: "within a host higher priorities go first",
  },
  {
    name: "deep pages of a host go with shallow ones",
    file: memory,
    from: "one.rank - other.rank || one.depth - other.depth ||",
    to: "one.rank - other.rank ||",
    test: memoryTest,
    filter: "many of one host go in order",
  },
  {
    name: "room is counted for URLs that are seen",
    file: step,
    from: ": (yield* this.unseen(entries)).slice(0, room);",
    to: ": yield* this.unseen(entries.slice(0, room));",
    test: sqlTest,
    filter: "add() remembers as many as its capacity",
  },
  {
    name: "a frontier in memory never is full",
    file: memory,
    from: "      if (seen.size >= capacity) break;\n",
    to: "",
    test: memoryTest,
    filter: "add() remembers as many as its capacity",
  },
  {
    name: "a host of which more comes goes to the end",
    file: step,
    from:
      "DO UPDATE SET turn = coalesce(turn, excluded.turn) RETURNING id, name",
    to: "DO UPDATE SET turn = excluded.turn RETURNING id, name",
    test: sqlTest,
    filter: "a host of which more comes while it waits keeps its place",
  },
  {
    name: "the search for a host that is free ends after a few",
    file: step,
    from: "return free !== undefined || hosts.length < limit",
    to: "return free !== undefined || limit > fewHosts",
    test: sqlTest,
    filter: "next() finds the one host of a thousand",
  },
  {
    name: "what was on its way is lost with the process",
    file: "src/scraper/frontier_sql.ts",
    from: "      yield* step.recover;\n",
    to: "",
    test: sqlTest,
    filter: "goes on where it was left",
  },
  {
    name: "what was on its way waits again each time that it is opened",
    file: step,
    from: "      yield* this.execute(sql.forget, [this.crawl]);\n",
    to: "",
    test: sqlTest,
    filter: "opened again and again",
  },
  {
    name: "a visit that has ended begins again after a restart",
    file: "src/scraper/frontier_sql.ts",
    from: "Effect.asVoid(this.run(sql.done, [this.crawl, url]));",
    to: "Effect.asVoid(this.run(sql.done, [-1, url]));",
    test: sqlTest,
    filter: "goes on where it was left",
  },
  {
    name: "a crawl takes what another has seen for its own",
    file: step,
    from:
      "SELECT 1 FROM weir_frontier_seen WHERE crawl = ? AND url = each.value)",
    to: "SELECT 1 FROM weir_frontier_seen WHERE ? > 0 AND url = each.value)",
    test: sqlTest,
    filter: "keeps crawls apart",
  },
  {
    name: "all hosts are sorted for the next one",
    file: tables,
    from:
      "`CREATE INDEX weir_frontier_turns ON weir_frontier_hosts (crawl, turn)",
    to:
      "`CREATE INDEX weir_frontier_turns ON weir_frontier_hosts (turn, crawl)",
    test: sqlTest,
    filter: "walks past nothing",
  },
  {
    name: "all that waits of a host is sorted for its first",
    file: tables,
    from: "PRIMARY KEY (host, rank, depth, seq)",
    to: "PRIMARY KEY (host, seq, depth, rank)",
    test: sqlTest,
    filter: "walks past nothing",
  },
  {
    name: "URLs of one add() wait in the order of their text",
    file: step,
    from: "    ORDER BY each.key`,",
    to: "    ORDER BY each.value`,",
    test: agree,
    filter: "answer alike",
  },
];
