/** Invoices and credit memos of orders: what was sold with what left, and what of it is owed no more. */
import { Effect, Schema } from "effect";
import { NotFound } from "../../actors/command/command.ts";
import { Orders } from "../../actors/order/orders.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { orderIdOfCreditMemo, orderIdOfInvoice } from "../../src/order/ids.ts";
import { versioned } from "../http/answer.ts";
import { decodeCursor, largePage, type PageCursor, pageSize } from "../http/pages.ts";
import { invalidParameter } from "../http/problems.ts";
import { type ApiRequest, route, type Tag } from "../http/registry.ts";
import { pageOf, pageParameters } from "../http/schemas.ts";
import { etag, orderOf } from "./fulfillment.ts";
import {
  CreditMemo,
  creditMemoViews,
  Invoice,
  invoiceViews,
  withOrder,
} from "./invoice-schemas.ts";
import { visible } from "./visible.ts";

const invoicesTag: Tag = {
  name: "Invoices",
  description: "What is invoiced as goods leave, and credited later",
};

const ofInvoices = {
  method: "GET",
  tags: [invoicesTag],
  permission: "invoices:read",
  scopes: { channel: "narrowed", location: "refused" },
} as const;

const ListQuery = Schema.Struct({ ...pageParameters, orderId: Identifier });
type ListRequest = ApiRequest<unknown, typeof ListQuery.Type, unknown>;

/** A page of one order's documents, oldest first. */
const listOf = Effect.fnUntraced(function* <View extends { readonly id: string }>(
  request: ListRequest,
  viewsOf: (document: OrderDocument) => readonly View[],
) {
  const orders = yield* Orders;
  const { query, by } = request;
  const cursor = yield* decodeCursor(query, 1);
  if (cursor !== undefined && !/^\d{1,9}$/.test(cursor[0] ?? "")) {
    return yield* invalidParameter("cursor", "is not a cursor of this list");
  }
  const document = yield* visible(by, yield* orders.get(query.orderId));
  const rows = viewsOf(document).map((view, n) => ({ view, n }));
  return yield* largePage(request, {
    limit: pageSize(query),
    cursor,
    read: (limit: number, from: PageCursor = ["0"]) => {
      const first = Number(from[0]);
      const end = first + limit;
      return Effect.succeed({
        rows: rows.slice(first, end),
        next: end < rows.length ? [String(end)] : null,
      });
    },
    after: ({ n }) => [String(n + 1)],
    view: ({ view }) => withOrder(view, document),
  });
});

const oneOf = Effect.fnUntraced(function* <View extends { readonly id: string }>(
  id: string,
  { scope }: Principal,
  orderId: string | null,
  missing: NotFound,
  viewsOf: (document: OrderDocument) => readonly View[],
) {
  const document = yield* orderOf(orderId, missing);
  const isSeen = scope.channel === undefined || scope.channel === document.state.channel;
  const view = isSeen ? viewsOf(document).find((each) => each.id === id) : undefined;
  return view === undefined
    ? yield* missing
    : versioned(200, withOrder(view, document), document.state.version);
});

const invoicesIn = ({ state }: OrderDocument) => invoiceViews(state);
const creditMemosIn = ({ state }: OrderDocument) => creditMemoViews(state);

export const listInvoices = route({
  ...ofInvoices,
  path: "/v1/invoices",
  operationId: "listInvoices",
  summary: "The invoices of an order, oldest first",
  description:
    "An invoice is made as units leave: by carrier, over the counter or as a download. Its figures never " +
    "change: what is owed no more, a credit memo says.",
  query: ListQuery,
  responses: { 200: { description: "A page of invoices", schema: pageOf(Invoice) } },
  problems: ["not-found"],
  handler: (request) => listOf(request, invoicesIn),
});

export const getInvoice = route({
  ...ofInvoices,
  path: "/v1/invoices/{invoiceId}",
  operationId: "getInvoice",
  summary: "An invoice",
  params: Schema.Struct({ invoiceId: Identifier }),
  responses: { 200: { description: "The invoice", schema: Invoice, headers: etag } },
  handler: ({ params: { invoiceId: id }, by }) =>
    oneOf(id, by, orderIdOfInvoice(id), new NotFound({ what: "invoice", id }), invoicesIn),
});

export const listCreditMemos = route({
  ...ofInvoices,
  path: "/v1/credit-memos",
  operationId: "listCreditMemos",
  summary: "The credit memos of an order, oldest first",
  query: ListQuery,
  responses: { 200: { description: "A page of credit memos", schema: pageOf(CreditMemo) } },
  problems: ["not-found"],
  handler: (request) => listOf(request, creditMemosIn),
});

export const getCreditMemo = route({
  ...ofInvoices,
  path: "/v1/credit-memos/{creditMemoId}",
  operationId: "getCreditMemo",
  summary: "A credit memo",
  params: Schema.Struct({ creditMemoId: Identifier }),
  responses: { 200: { description: "The credit memo", schema: CreditMemo, headers: etag } },
  handler: ({ params: { creditMemoId: id }, by }) =>
    oneOf(
      id,
      by,
      orderIdOfCreditMemo(id),
      new NotFound({ what: "credit memo", id }),
      creditMemosIn,
    ),
});

export const invoiceRoutes = [listInvoices, getInvoice, listCreditMemos, getCreditMemo];
