/**
 * Every bug that a test guards against.
 *
 * @module
 */
import { batchMutants } from "./batch.ts";
import { denoMutants } from "./deno.ts";
import { httpClientMutants } from "./http_client.ts";
import { httpRateLimitMutants } from "./http_rate_limit.ts";
import { limiterMutants } from "./limiter.ts";
import { metricsMutants } from "./metrics.ts";
import { producerConsumerMutants } from "./producer_consumer.ts";
import { reportMutants } from "./report.ts";
import { retryBudgetMutants } from "./retry_budget.ts";
import { scraperCrawlMutants } from "./scraper_crawl.ts";
import { scraperFrontierMutants } from "./scraper_frontier.ts";
import { scraperMannersMutants } from "./scraper_manners.ts";
import { scraperPureMutants } from "./scraper_pure.ts";
import { scraperPagesMutants } from "./scraper_pages.ts";
import { simulationMutants } from "./simulation.ts";
import { sweepMutants } from "./sweep.ts";
import { taskApiMutants } from "./task_api.ts";
import { taskCliMutants } from "./task_cli.ts";
import { taskMutants } from "./tasks.ts";
import { taskManagerMutants } from "./task_manager.ts";
import { tasksSqlMutants } from "./tasks_sql.ts";
import { workerPoolMutants } from "./worker_pool.ts";
import type { Mutant } from "./mutant.ts";

/** Every bug that a test guards against. */
export const allMutants: ReadonlyArray<Mutant> = [
  batchMutants,
  denoMutants,
  httpClientMutants,
  httpRateLimitMutants,
  limiterMutants,
  metricsMutants,
  producerConsumerMutants,
  reportMutants,
  retryBudgetMutants,
  scraperCrawlMutants,
  scraperFrontierMutants,
  scraperMannersMutants,
  scraperPureMutants,
  scraperPagesMutants,
  simulationMutants,
  sweepMutants,
  taskApiMutants,
  taskCliMutants,
  taskManagerMutants,
  taskMutants,
  tasksSqlMutants,
  workerPoolMutants,
].flat();
