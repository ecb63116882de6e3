/** An order's invoices and credit memos: what was sold with what left, and what of it is owed no more. */
import { Amount, Card, Table, When, words } from "../../dashboard/parts.tsx";
import { path, type Visit } from "../../dashboard/visit.ts";
import type { OrderView } from "./operations.ts";

type Invoice = NonNullable<OrderView["invoices"]>[number];
type CreditMemo = NonNullable<OrderView["creditMemos"]>[number];

const unitsIn = (lines: readonly { readonly quantity: number }[]): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);

const InvoiceFor = ({ invoice, visit }: { readonly invoice: Invoice; readonly visit: Visit }) => {
  const { lines, shipmentId, fulfillmentOrderId, fees = [] } = invoice;
  if (lines.length === 0) return <>{fees.map(({ code }) => words(code)).join(", ")}</>;
  return (
    <>
      {visit.format.number(unitsIn(lines))} units
      <br />
      {shipmentId === undefined
        ? null
        : <a href={path("shipments", shipmentId)} class="code muted">{shipmentId}</a>}
      {shipmentId !== undefined || fulfillmentOrderId === undefined
        ? null
        : (
          <a href={path("fulfillment-orders", fulfillmentOrderId)} class="code muted">
            {fulfillmentOrderId}
          </a>
        )}
    </>
  );
};

/** What a memo is for, in a few words. */
const memoWords = ({ lines, allowances, totals }: CreditMemo, visit: Visit): string =>
  [
    ...(lines.length === 0 ? [] : [`${visit.format.number(unitsIn(lines))} units`]),
    ...(allowances.length === 0 ? [] : ["off the price"]),
    ...(/[1-9]/.test(totals.shipping.amount + totals.shippingTax.amount) ? ["shipping"] : []),
    ...(/[1-9]/.test(totals.keptBack.amount) ? ["less a fee"] : []),
  ].join(", ");

const head = [
  { text: "Number" },
  { text: "For" },
  { text: "Made" },
  { text: "Tax", number: true, wide: true },
  { text: "Total", number: true },
];

const CreditMemos = ({ memos, visit }: {
  readonly memos: readonly CreditMemo[];
  readonly visit: Visit;
}) => (
  <Table label="Credit memos" stacked head={head}>
    {memos.map((memo) => (
      <tr id={memo.id} role="row">
        <td role="cell" class="code">{memo.id}</td>
        <td role="cell">
          {memo.reason}
          <br />
          <span class="muted">{memoWords(memo, visit)}</span>
        </td>
        <td role="cell">
          <When at={memo.at} visit={visit} />
        </td>
        <td role="cell" class="number wide">
          <Amount of={memo.totals.tax} visit={visit} />
        </td>
        <td role="cell" class="number">
          <Amount of={memo.totals.total} visit={visit} />
        </td>
      </tr>
    ))}
  </Table>
);

export const DocumentsCard = ({ order, visit }: {
  readonly order: OrderView;
  readonly visit: Visit;
}) => {
  const { invoices = [], creditMemos = [] } = order;
  if (invoices.length === 0 && creditMemos.length === 0) return null;
  return (
    <Card title="Invoices and credit memos" id="documents">
      {invoices.length === 0 ? null : (
        <Table label="Invoices" stacked head={head}>
          {invoices.map((invoice) => (
            <tr id={invoice.id} role="row">
              <td role="cell" class="code">{invoice.id}</td>
              <td role="cell">
                <InvoiceFor invoice={invoice} visit={visit} />
              </td>
              <td role="cell">
                <When at={invoice.at} visit={visit} />
              </td>
              <td role="cell" class="number wide">
                <Amount of={invoice.totals.tax} visit={visit} />
              </td>
              <td role="cell" class="number">
                <Amount of={invoice.totals.total} visit={visit} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      {creditMemos.length === 0 ? null : <CreditMemos memos={creditMemos} visit={visit} />}
    </Card>
  );
};
