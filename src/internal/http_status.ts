/**
 * Statuses of HTTP that mean the same to all who ask (RFC 9110, section 15).
 *
 * @module
 */

/** These may go well the next time. */
export const transient: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** These lead elsewhere, if there is a `Location`. */
export const redirects: ReadonlySet<number> = new Set([
  ...[301, 302, 303, 307, 308],
]);
