/**
 * Crawls under other orders of their fibers.
 *
 * @module
 */
import { simulationTests } from "../support/simulated.ts";
import { crawlPrograms } from "./crawl_programs.ts";

simulationTests(crawlPrograms, 60);
