/**
 * Loads Effect, and so comes too early before the preload.
 *
 * @module
 */
import "effect/Effect";
