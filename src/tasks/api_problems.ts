/**
 * The errors of tasks as problems of RFC 9457.
 *
 * @module
 */
import * as HttpApiSchema from "effect/http-api/HttpApiSchema";
import * as ProblemDetails from "effect/http/ProblemDetails";
import * as Schema from "effect/Schema";
import * as SchemaTransformation from "effect/SchemaTransformation";
import { TaskConflict, TaskNotFound } from "./errors.ts";
import { TaskStoreError } from "./store_service.ts";

const members = {
  ...{ type: Schema.String, status: Schema.Int },
  ...{ title: Schema.String, detail: Schema.String },
};

/** 404, and back. */
export const MissingProblem: Schema.Codec<TaskNotFound, unknown> = ofTask(
  ...[404, "Not Found", Schema.instanceOf(TaskNotFound)] as const,
  (id) => new TaskNotFound({ id }),
);

/** 409, and back. */
export const ConflictProblem: Schema.Codec<TaskConflict, unknown> = ofTask(
  ...[409, "Conflict", Schema.instanceOf(TaskConflict)] as const,
  (id) => new TaskConflict({ id }),
);

/** 503, and back. What a database said of itself stays here. */
export const StoreProblem: Schema.Codec<TaskStoreError, unknown> = sent(
  503,
  Schema.Struct({
    ...members,
    reason: Schema.Literals(["Full", "Unavailable", "Corrupt"]),
  }).pipe(
    Schema.decodeTo(
      Schema.instanceOf(TaskStoreError),
      SchemaTransformation.transform({
        decode: ({ detail, reason }) => new TaskStoreError({ detail, reason }),
        encode: ({ detail, reason }) => ({
          ...{ type: ProblemDetails.blankType, status: 503 },
          ...{ title: "Service Unavailable", reason },
          detail: reason === "Full"
            ? detail
            : "The store of tasks could not do it",
        }),
      }),
    ),
  ),
);

function ofTask<E extends { readonly id: string; readonly message: string }>(
  status: number,
  title: string,
  self: Schema.Codec<E, E>,
  make: (id: string) => E,
): Schema.Codec<E, unknown> {
  return sent(
    status,
    Schema.Struct({ ...members, id: Schema.String }).pipe(
      Schema.decodeTo(
        self,
        SchemaTransformation.transform({
          decode: ({ id }) => make(id),
          encode: ({ id, message }) => ({
            ...{ type: ProblemDetails.blankType, status, title },
            ...{ detail: message, id },
          }),
        }),
      ),
    ),
  );
}

function sent<A>(
  status: number,
  schema: Schema.Codec<A, unknown>,
): Schema.Codec<A, unknown> {
  return schema.pipe(
    HttpApiSchema.status(status),
    HttpApiSchema.asJson({ contentType: ProblemDetails.contentType }),
  );
}
