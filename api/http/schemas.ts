/** Schemas that every subject's answers and lists are made with. */
import { Schema } from "effect";
import { requestLimits } from "../../src/kernel/limits.ts";
import { text } from "../../src/kernel/vocabulary.ts";

/** How many: never below zero. */
export const count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));
export const time = Schema.String.annotate({ format: "date-time" });

/** A page of a list. */
export const pageOf = <S extends Schema.Constraint>(item: S) =>
  Schema.Struct({ data: Schema.Array(item), nextCursor: Schema.NullOr(Schema.String) });

/** The query parameters of every list. */
export const pageParameters = {
  limit: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: requestLimits.pageSize })),
  ),
  cursor: Schema.optionalKey(text(requestLimits.cursorLength)),
};
