/**
 * What `node:sqlite` throws, as Effect's SQL errors.
 *
 * @module
 */
import * as SqlError from "effect/sql/SqlError";

/** What was tried. */
export type Operation = "open" | "prepare" | "execute";

/** SQLite's codes of a value that is there already: in an index, as a primary key, as a rowid. */
const uniqueCodes: ReadonlyArray<number> = [2067, 1555, 2579];

/** By the primary code, which is the lowest byte; the rest as Effect classifies them. */
const reasons: Readonly<
  Record<number, new (props: Props) => SqlError.SqlErrorReason>
> = {
  3: SqlError.AuthorizationError,
  5: SqlError.LockTimeoutError,
  6: SqlError.LockTimeoutError,
  14: SqlError.ConnectionError,
  19: SqlError.ConstraintError,
  23: SqlError.AuthenticationError,
};

interface Props {
  readonly cause: unknown;
  readonly message: string;
  readonly operation: Operation;
}

/** Turns what was thrown into an error that says why. */
export function failed(
  operation: Operation,
): (cause: unknown) => SqlError.SqlError {
  return (cause) =>
    new SqlError.SqlError({
      reason: reasonOf({
        cause,
        message: cause instanceof Error ? cause.message : String(cause),
        operation,
      }),
    });
}

/** Whether another process holds the database. */
export function isBusy(cause: unknown): boolean {
  return ((codeOf(cause) ?? 0) & 0xff) === 5;
}

function reasonOf(props: Props): SqlError.SqlErrorReason {
  const { cause, message, operation } = props;
  if (cause instanceof Deno.errors.NotCapable) {
    return new SqlError.AuthorizationError(props);
  }
  const code = codeOf(cause);
  if (code === undefined && operation === "open") {
    return new SqlError.ConnectionError(props);
  }
  if (cause instanceof SyntaxError || code === 1 && operation === "prepare") {
    return new SqlError.SqlSyntaxError(props);
  }
  if (code !== undefined && uniqueCodes.includes(code)) {
    const constraint = /^UNIQUE constraint failed: (.+)/.exec(message)?.[1];
    return new SqlError.UniqueViolation({
      ...props,
      constraint: constraint ?? "unknown",
    });
  }
  const Reason = code === undefined ? undefined : reasons[code & 0xff];
  return new (Reason ?? SqlError.UnknownError)(props);
}

/** SQLite's extended code, such as 2067. */
function codeOf(cause: unknown): number | undefined {
  return cause instanceof Error && "errcode" in cause &&
      typeof cause.errcode === "number"
    ? cause.errcode
    : undefined;
}
