import { crawlPrograms } from "../scraper/crawl_programs.ts";
import { simulationTests } from "../support/simulated.ts";

simulationTests(crawlPrograms, 400);
