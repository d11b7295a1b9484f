/**
 * How a crawler behaves.
 *
 * @module
 */
import * as Schedule from "effect/Schedule";
import { finite, millis, refuse, span, whole } from "../internal/check.ts";
import type { Options } from "./options.ts";
import { productToken } from "./robots.ts";
import type { VisitError } from "./visit.ts";

/** The options, checked. Times are milliseconds. */
export interface Settings {
  readonly userAgent: string;
  /** By which robots.txt knows it. */
  readonly product: string;
  readonly concurrency: number;
  readonly timeout: number;
  readonly retry: Schedule.Schedule<unknown, VisitError>;
  readonly maxPause: number;
  readonly delayFactor: number;
  readonly maxDelay: number;
  readonly maxBytes: number;
  readonly allowHosts: ReadonlySet<string>;
  readonly robots: boolean;
}

const twice: Schedule.Schedule<unknown> = Schedule.exponential("1 second").pipe(
  Schedule.jittered,
  Schedule.upTo({ times: 2 }),
);

/** Checks options. Throws a `RangeError` that names a bad one. */
export function settingsOf(options: Options): Settings {
  const { allowHosts = [], retry = twice, robots = true, userAgent } = options;
  const product = productToken(userAgent);
  if (product === undefined || !/^[\x20-\x7e]+$/.test(userAgent)) {
    return refuse(
      "userAgent",
      'a product and where to complain, such as "ExampleBot/1.0 (+https://bot.example)"',
      userAgent,
    );
  }
  const delayFactor = finite("delayFactor", options.delayFactor ?? 1);
  if (delayFactor < 0) refuse("delayFactor", "at least 0", delayFactor);
  return {
    userAgent,
    product,
    concurrency: whole("concurrency", options.concurrency ?? 10, 1),
    timeout: span("timeout", options.timeout ?? "30 seconds"),
    retry,
    maxPause: millis("maxPause", options.maxPause ?? "5 minutes"),
    delayFactor,
    maxDelay: millis("maxDelay", options.maxDelay ?? "30 seconds"),
    maxBytes: whole("maxBytes", options.maxBytes ?? 10 * 1024 * 1024, 1),
    allowHosts: new Set(allowHosts.map((host) => host.toLowerCase())),
    robots,
  };
}
