/**
 * What every {@linkcode TaskStore} must do.
 *
 * @module
 */
import { attemptClaims } from "./suite/attempts.ts";
import { claimsOf, type LayerOf } from "./suite/claims.ts";
import { endingClaims } from "./suite/endings.ts";
import { insertClaims } from "./suite/insert.ts";
import { laneClaims } from "./suite/lanes.ts";
import { oracleClaims } from "./suite/oracle_claims.ts";
import { watchingClaims } from "./suite/watching.ts";

/**
 * Registers the tests of one store, whose time is that of the clock. Each builds its layer anew, and finds it empty; one does
 * so `runs` times.
 */
export function storeSuite<E>(
  name: string,
  layerOf: LayerOf<E>,
  { runs = 300 }: { readonly runs?: number } = {},
): void {
  const test = claimsOf(name, layerOf);
  insertClaims(test);
  attemptClaims(test);
  endingClaims(test);
  laneClaims(test);
  watchingClaims(test);
  oracleClaims(name, layerOf, runs);
}
