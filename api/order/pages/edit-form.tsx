/** The form that edits an order on its page: one line at a time, or one item more. */
import { orderLimits } from "../../../src/order/limits.ts";
import { textLimits } from "../../../src/kernel/limits.ts";
import { orderTransitions } from "../../../src/order/status.ts";
import { bodyIn, OfferedAction, onPost } from "../../dashboard/action-form.tsx";
import { Field, Select } from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  field,
  type FormFields,
  type PageContext,
  path,
  type Visit,
} from "../../dashboard/visit.ts";
import type { RefusedReply } from "../../http/in-process.ts";
import { reason } from "../actions.ts";
import { editOrder, type OrderView } from "./operations.ts";

const form = {
  says: {
    opens: "Edit…",
    button: "Edit the order",
    fields: [reason],
    done: "The order is edited.",
  },
} as const;

export const editDone: Readonly<Record<string, string>> = { edit: form.says.done };

const another = "another";

export const EditForm = (
  { order, visit }: { readonly order: OrderView; readonly visit: Visit },
) => {
  const open = order.lines.filter(({ quantity, cancelled = 0 }) => cancelled < quantity);
  const { actions } = orderTransitions[order.status];
  return !actions.includes("edit") || !visit.calls.may(editOrder)
    ? null
    : (
      <OfferedAction visit={visit} name="edit" action={form} to={path("orders", order.id, "edit")}>
        <Select
          label="Line"
          name="line"
          id="edit-line"
          choices={[
            ...open.map(({ id, sku, quantity, cancelled = 0 }) => ({
              value: id,
              text: `${visit.format.number(quantity - cancelled)} × ${sku} (line ${id})`,
            })),
            { value: another, text: "Another item" },
          ]}
        />
        <Field label="SKU of another item" name="sku" id="edit-sku" maxLength={textLimits.sku} />
        <Field
          label="Units; as they are when empty"
          name="quantity"
          id="edit-quantity"
          type="number"
          minimum={0}
          maximum={orderLimits.unitsPerLine}
        />
        <Field
          label="Unit price; as it is when empty"
          name="unitPrice"
          id="edit-unitPrice"
          maxLength={16}
        />
        <input type="hidden" name="currency" value={order.currency} />
      </OfferedAction>
    );
};

/** The changes that the form asks for: of an empty field there is none. */
const changesIn = (fields: FormFields): readonly object[] => {
  const [lineId, sku, units, amount] = ["line", "sku", "quantity", "unitPrice"].map((name) =>
    field(fields, name)
  );
  const quantity = units === "" ? {} : { quantity: Number(units) };
  const unitPrice = amount === ""
    ? {}
    : { unitPrice: { amount, currency: field(fields, "currency") } };
  if (lineId === another) return [{ type: "add-line", sku, ...quantity, ...unitPrice }];
  return [
    ...(units === "" ? [] : [{ type: "set-quantity", lineId, ...quantity }]),
    ...(amount === "" ? [] : [{ type: "set-price", lineId, ...unitPrice }]),
  ];
};

export const onEditPost = (
  app: Dashboard,
  again: (c: PageContext, refused: RefusedReply) => Response | Promise<Response>,
): void =>
  onPost(app, {
    path: "/orders/:orderId/edit",
    operation: editOrder,
    params: (c) => ({ orderId: c.req.param("orderId") ?? "" }),
    body: (fields) => ({ ...bodyIn(form, fields), changes: changesIn(fields) }),
    back: (c) => path("orders", c.req.param("orderId") ?? ""),
    done: "edit",
    again,
  });
