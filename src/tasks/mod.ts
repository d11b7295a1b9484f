/**
 * Background tasks.
 *
 * @module
 */
