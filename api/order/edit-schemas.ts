/** Edits as the API answers with them. */
import { Schema } from "effect";
import { moneyOf } from "../../src/kernel/money.ts";
import { Money } from "../../src/kernel/vocabulary.ts";
import type { Edit as OrderEdit } from "../../src/order/edit.ts";
import { editFields, toldEdit } from "../../src/order/edit-events.ts";
import { time } from "../http/schemas.ts";

export const Edit = Schema.Struct({
  at: time,
  ...editFields,
  added: Schema.Array(Schema.String).annotate({ description: "The ids of the lines it added" }),
  returnId: Schema.optionalKey(
    Schema.String.annotate({ description: "The return of which it is the exchange" }),
  ),
  total: Schema.Struct({ before: Money, after: Money }).annotate({
    identifier: "EditedTotal",
    description: "Of all that was ordered, what was taken out included",
  }),
}).annotate({ identifier: "OrderEdit" });

export const editView = (edit: OrderEdit, currency: string) => ({
  at: edit.at,
  ...toldEdit(edit, currency),
  added: edit.added,
  ...(edit.returnId === undefined ? {} : { returnId: edit.returnId }),
  total: {
    before: moneyOf(edit.total.before, currency),
    after: moneyOf(edit.total.after, currency),
  },
});
