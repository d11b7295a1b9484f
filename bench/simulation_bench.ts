/**
 * Simulations beside their peers, and beside what could be.
 * Permissions: --allow-run --allow-read
 *
 * @module
 */
import { header, table } from "./report.ts";
import { checks } from "./simulation/checks.ts";
import { exploring } from "./simulation/exploring.ts";
import { mm3 } from "./simulation/mm3.ts";
import { pending } from "./simulation/pending.ts";
import { preloaded } from "./simulation/preloaded.ts";
import { sweeps } from "./simulation/sweeps.ts";

header({ "SimPy 2.3": "Debian's python3-simpy, if it is there" });
table("Three servers and a line, an event", await mm3());
table("Exploring, a step", await exploring());
table("Checks of small programs", await checks());
table("An event, with others that wait", await pending());
table("With and without the preload", await preloaded());
table("Sweeps", await sweeps());
