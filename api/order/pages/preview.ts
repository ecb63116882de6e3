/** What a form of an order's page would do, told on the page before it is done. */
import { type Dashboard, type FormFields, type PageContext, path } from "../../dashboard/visit.ts";
import type { Operation, RefusedReply } from "../../http/in-process.ts";
import { getOrder, type OrderView } from "./operations.ts";

type Shown = Response | Promise<Response>;

/** Shows the page again: with why it was refused, or with what would be. */
export interface ShownAgain {
  readonly refused: (c: PageContext, reply: RefusedReply) => Shown;
  readonly told: (c: PageContext, words: string) => Shown;
}

/** The button beside the one that does it. */
export const previewPath = (form: string): string => `${form}/preview`;

interface Previewed<Would> extends ShownAgain {
  /** Of the form, behind its order. */
  readonly form: string;
  readonly operation: Operation<Would>;
  readonly body: (fields: FormFields) => object;
  /** What would be, in a sentence. */
  readonly words: (would: Would, order: OrderView) => string;
}

/** An amount with its currency. */
export const amountText = (
  { amount, currency }: { readonly amount: string; readonly currency: string },
): string => `${amount} ${currency}`;

/** Takes the form where it is only asked what it would do: what was typed stays in it. */
export const onPreview = <Would>(
  app: Dashboard,
  { form, operation, body, words, refused, told }: Previewed<Would>,
): void => {
  app.post(previewPath(`/orders/:orderId/${form}`), async (c) => {
    const orderId = c.req.param("orderId") ?? "";
    const page = path("orders", orderId);
    const { sent, ...visit } = c.get("visit");
    if (sent !== undefined) {
      c.set("visit", { ...visit, sent: { ...sent, action: `${page}/${form}`, page } });
    }
    const params = { orderId };
    const [would, is] = await Promise.all([
      visit.calls.ask(operation, { params, json: body(c.get("fields")) }),
      visit.calls.ask(getOrder, { params }),
    ]);
    if (!would.ok) return await refused(c, would);
    return await (is.ok ? told(c, words(would.value, is.value)) : refused(c, is));
  });
};
