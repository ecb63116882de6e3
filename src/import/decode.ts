/** The one check of an order's shape, shared with `POST /v1/orders`: an import has no rules of its own. */
import { Result, SchemaParser } from "effect";
import { detailsOfIssue } from "../kernel/issues.ts";
import { PlaceOrderRequest } from "../order/request.ts";
import type { RowError } from "./job.ts";

const decode = SchemaParser.decodeUnknownResult(PlaceOrderRequest, {
  errors: "all",
  onExcessProperty: "error",
});

export const decodeOrder = (
  candidate: unknown,
): Result.Result<PlaceOrderRequest, readonly RowError[]> =>
  Result.mapError(decode(candidate), detailsOfIssue);
