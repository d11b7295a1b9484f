/**
 * Limits for HTTP servers and clients.
 *
 * @module
 */

/** An HTTP client that keeps to the limits of the servers that it calls. */
export * as LimitedHttpClient from "./limited_http_client.ts";
