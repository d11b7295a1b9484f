/** Whether two types are the same, and not merely assignable to each other. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Does not type-check unless two types are the same. */
export function sameType<A, B>(
  ..._: Same<A, B> extends true ? [] : [different: [A, B]]
): void {}
