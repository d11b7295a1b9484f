/**
 * Limits for HTTP servers and clients.
 *
 * @module
 */
