/**
 * A bug that a test guards against, as a patch that brings it back.
 *
 * @module
 */

/** One patch, and the tests that must fail under it. */
export interface Mutant {
  /** Says which bug comes back. */
  readonly name: string;
  /** The file to patch, from the project's root. */
  readonly file: string;
  /** The text without the bug; the file holds it exactly once. */
  readonly from: string;
  /** The text with the bug. */
  readonly to: string;
  /** The test file that guards against the bug, from the project's root. */
  readonly test: string;
  /** Selects tests of that file, as `deno test --filter` does. */
  readonly filter: string;
  /** Whether a test that never ends counts as one that fails. */
  readonly hangs?: boolean;
}
