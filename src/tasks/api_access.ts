/**
 * Who may use the HTTP API of a task manager.
 *
 * @module
 */
import * as HttpApiError from "effect/http-api/HttpApiError";
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware";
import * as HttpApiSecurity from "effect/http-api/HttpApiSecurity";

const /** @internal */ UnauthorizedProblem: HttpApiError.ProblemClass<
  Unauthorized,
  "Unauthorized",
  "about:blank",
  401,
  Record<never, never>,
  unknown
> = HttpApiError.Problem<Unauthorized, unknown>()("Unauthorized", {
  type: "about:blank",
  status: 401,
  title: "Unauthorized",
});

/** The bearer token is missing, or another one. */
export class Unauthorized extends UnauthorizedProblem {}

const /** @internal */ ForbiddenProblem: HttpApiError.ProblemClass<
  Forbidden,
  "Forbidden",
  "about:blank",
  403,
  Record<never, never>,
  unknown
> = HttpApiError.Problem<Forbidden, unknown>()("Forbidden", {
  type: "about:blank",
  status: 403,
  title: "Forbidden",
});

/** Without a token only this machine is answered, and this request may come from elsewhere. */
export class Forbidden extends ForbiddenProblem {}

const /** @internal */ AccessKey: HttpApiMiddleware.ServiceClass<
  Access,
  "@weir/weir/TaskApi/Access",
  {
    requires: never;
    provides: never;
    error: readonly [typeof Unauthorized, typeof Forbidden];
    clientError: never;
    requiredForClient: false;
    security: { readonly bearer: HttpApiSecurity.Http };
  }
> = HttpApiMiddleware.Service<Access>()("@weir/weir/TaskApi/Access", {
  error: [Unauthorized, Forbidden],
  security: { bearer: HttpApiSecurity.bearer },
});

/** Lets in who has the token; without one, who asks from this machine. */
export class Access extends AccessKey {}
