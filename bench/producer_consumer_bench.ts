/**
 * Producers and consumers beside their peers.
 * Permissions: --allow-run=python3
 *
 * @module
 */
import { transfer } from "./producer_consumer/transfer.ts";
import { header, table } from "./report.ts";

header({ "Python's asyncio.Queue": "python3, if it is there" });
table("One producer, one consumer", await transfer(1, 1));
table("Three producers, five consumers", await transfer(3, 5));
