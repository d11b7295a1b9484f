/**
 * What a limited client tells of its calls.
 *
 * @module
 */
import * as Data from "effect/Data";
import type * as HttpClientRequest from "effect/http/HttpClientRequest";
import type * as HttpClientResponse from "effect/http/HttpClientResponse";

/** One step from an address to another. */
export interface Redirect {
  /** The answer that redirects. Its body is closed. */
  readonly from: HttpClientResponse.HttpClientResponse;
  /** The request that follows. */
  readonly to: HttpClientRequest.HttpClientRequest;
  /** How many were followed before, for this request. */
  readonly followed: number;
}

/** The `cause` of the error that a request fails with which is redirected more often than allowed. */
export class TooManyRedirects extends Data.Error<{
  /** How many are followed. */
  readonly maxRedirects: number;
}> {
  /** Tells this error from others. */
  readonly _tag = "TooManyRedirects";
  /** Names this error in logs. */
  override get name(): "TooManyRedirects" {
    return "TooManyRedirects";
  }
  /** How many are too many. */
  override get message(): string {
    return `Redirected more than ${this.maxRedirects} times`;
  }
}

/** The `cause` of the error that a response fails with which is larger than allowed. */
export class ResponseTooLarge extends Data.Error<{
  /** How many bytes are read of a response. */
  readonly maxBytes: number;
  /** How many this one has by its own words, or how many had come when it was cut off. */
  readonly size: number;
}> {
  /** Tells this error from others. */
  readonly _tag = "ResponseTooLarge";
  /** Names this error in logs. */
  override get name(): "ResponseTooLarge" {
    return "ResponseTooLarge";
  }
  /** What came, and what was allowed. */
  override get message(): string {
    return `${this.size} bytes or more, of ${this.maxBytes} allowed`;
  }
}
