/** The one check of an order's shape, shared with `POST /v1/orders`: an import has no rules of its own. */
import { Result, Schema, SchemaIssue } from "effect";
import { PlaceOrderRequest } from "../order/request.ts";
import type { RowError } from "./job.ts";

const decode = Schema.decodeUnknownResult(PlaceOrderRequest, {
  errors: "all",
  onExcessProperty: "error",
});

const format = SchemaIssue.makeFormatterStandardSchemaV1();

/** RFC 6901. */
const pointerOf = (path: readonly unknown[]): string =>
  path.map((step) => {
    const key = typeof step === "object" && step !== null && "key" in step ? step.key : step;
    return `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
  }).join("");

export const decodeOrder = (
  candidate: unknown,
): Result.Result<PlaceOrderRequest, readonly RowError[]> => {
  const decoded = decode(candidate);
  if (Result.isSuccess(decoded)) return Result.succeed(decoded.success);
  return Result.fail(
    format(decoded.failure.issue).issues.map((issue) => ({
      pointer: pointerOf(issue.path ?? []),
      detail: issue.message,
    })),
  );
};
