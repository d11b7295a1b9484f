/**
 * Effect's platform services on Deno.
 *
 * @module
 */
