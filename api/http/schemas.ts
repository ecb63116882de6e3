/** Schemas that every subject's answers and lists are made with. */
import { Schema, SchemaAST } from "effect";
import { requestLimits } from "../../src/kernel/limits.ts";
import { text, Timestamp } from "../../src/kernel/vocabulary.ts";
import { int32 } from "./json-schema.ts";

/** How many: never below zero. */
export const count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));
export const time = Schema.String.annotate({ format: "date-time" });

/** A page of a list. It is named after what is in it, where that has a name. */
export const pageOf = <S extends Schema.Constraint>(item: S) => {
  const page = Schema.Struct({
    data: Schema.Array(item),
    nextCursor: Schema.NullOr(Schema.String),
  });
  const name = SchemaAST.resolveIdentifier(item.ast);
  return name === undefined ? page : page.annotate({ identifier: `${name}Page` });
};

/** The query parameters of every list. */
export const pageParameters = {
  limit: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: requestLimits.pageSize }))
      .annotate(int32),
  ),
  cursor: Schema.optionalKey(text(requestLimits.cursorLength, "Cursor")),
};

/** The query parameters of lists of what changes: neither moment is included. */
export const updatedParameters = {
  updatedAfter: Schema.optionalKey(Timestamp),
  updatedBefore: Schema.optionalKey(Timestamp),
};
