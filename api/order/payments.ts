/** Payments of orders: told of, captured, given up, given back. */
import { Effect, Schema } from "effect";
import { NotFound, Refused } from "../../actors/command/command.ts";
import { Orders } from "../../actors/order/orders.ts";
import { PaymentQueries } from "../../actors/order/payment-queries.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { Identifier, Money, optionalList, Reason, Timestamp } from "../../src/kernel/vocabulary.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { orderIdOfPayment } from "../../src/order/ids.ts";
import { orderLimits, paymentLimits } from "../../src/order/limits.ts";
import type { OrderCommand } from "../../src/order/order.ts";
import { Quantity } from "../../src/order/request.ts";
import { PaymentMethod, PaymentReference } from "../../src/order/payment-request.ts";
import { planRefund, refundBetween } from "../../src/order/refund.ts";
import {
  Disposition,
  PaymentStatus,
  RefundAllocation,
  RefundTarget,
  ReportedStatus,
} from "../../src/order/vocabulary.ts";
import { type ActionRequest, actionRoutes } from "../http/actions.ts";
import { command, json, kept, versioned } from "../http/answer.ts";
import { asPart, decodeCursor, largePage, pageSize } from "../http/pages.ts";
import { fail } from "../http/problems.ts";
import { jsonBody, type ResponseDefinition, route } from "../http/registry.ts";
import { pageOf, pageParameters } from "../http/schemas.ts";
import { someOf } from "../http/several.ts";
import { normalizedIn } from "../http/times.ts";
import { creditOrder, RefundCreditRequest } from "./credits.ts";
import { etag, orderOf } from "./fulfillment.ts";
import { paymentActions } from "./payment-actions.ts";
import {
  amountExceeded,
  notCreditable,
  nothingToRefund,
  paymentDiffers,
} from "./payment-problems.ts";
import { Payment, RefundPreview } from "./payment-schemas.ts";
import { ofPayments } from "./payments-tag.ts";
import { paymentView, refundView } from "./payment-views.ts";
import { notReturnable, notSetAside } from "./return-problems.ts";
import { illegalTransition, orderFailures } from "./problems.ts";
import { Order } from "./schemas.ts";
import { orderView } from "./views.ts";
import { visible } from "./visible.ts";

const PaymentParameters = Schema.Struct({ paymentId: Identifier });
const OrderParameters = Schema.Struct({ orderId: Identifier });

const noPayment = (id: string) => new NotFound({ what: "payment", id });

/** The order of a payment; not found also when the key may not see it. */
const orderWith = Effect.fnUntraced(function* (id: string, { scope }: Principal) {
  const document = yield* orderOf(orderIdOfPayment(id), noPayment(id));
  const { channel, settlement } = document.state;
  const isSeen = scope.channel === undefined || scope.channel === channel;
  return isSeen && settlement?.payments.some((each) => each.id === id)
    ? document
    : yield* noPayment(id);
});

const paymentResponse = (status: number, document: OrderDocument, id: string) => {
  const found = document.state.settlement?.payments.find((each) => each.id === id);
  const view = found === undefined ? null : paymentView(found, document);
  return versioned(status, view, document.state.version, {
    ...(status === 201 ? { location: `/v1/payments/${id}` } : {}),
  });
};

const thePayment = (description: string): ResponseDefinition => ({
  description,
  schema: Payment,
  headers: etag,
});

const AddPayment = Schema.Struct({
  provider: Identifier,
  amount: Money,
  method: Schema.optionalKey(PaymentMethod),
  reference: Schema.optionalKey(
    PaymentReference.annotate({
      description: "What the provider calls it. One reference is one payment of the order",
    }),
  ),
  status: Schema.optionalKey(
    ReportedStatus.annotate({
      description: "How far it is; absent: the provider is called for it",
    }),
  ),
  expiresAt: Schema.optionalKey(Timestamp),
  capture: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Has the provider capture it at once" }),
  ),
}).annotate({
  identifier: "AddPaymentRequest",
  examples: [{
    provider: "manual",
    method: "bank_transfer",
    amount: { amount: "29.95", currency: "EUR" },
    status: "promised",
  }],
});

/** The payment that a request was about: the one of its reference, or the last. */
const addedTo = ({ state }: OrderDocument, body: typeof AddPayment.Type) => {
  const payments = state.settlement?.payments ?? [];
  const { provider, reference } = body;
  const named = reference === undefined
    ? undefined
    : payments.find((each) => each.provider === provider && each.reference === reference);
  return named ?? payments.at(-1);
};

export const addPayment = route({
  method: "POST",
  path: "/v1/orders/{orderId}/payments",
  operationId: "addPayment",
  summary: "Tell of a payment, or have a provider authorize one",
  description:
    "A reference that the order has already is answered with the payment that is there. Never send the number " +
    "of a card.",
  ...ofPayments,
  permission: "payments:add",
  params: OrderParameters,
  body: jsonBody(AddPayment),
  responses: {
    200: thePayment("The payment was told of before"),
    201: { ...thePayment("The new payment"), headers: { ...etag, location: "Where it is" } },
  },
  problems: ["not-found", paymentDiffers, illegalTransition],
  failures: orderFailures,
  handler: Effect.fnUntraced(function* (request) {
    const orders = yield* Orders;
    const { body, by, params: { orderId } } = request;
    const before = yield* visible(by, yield* orders.get(orderId));
    const known = before.state.settlement?.payments.length ?? 0;
    const asked: OrderCommand = {
      type: "add-payment",
      ...body,
      expiresAt: normalizedIn(body.expiresAt),
    };
    return yield* command(
      request,
      (context) => orders.command(orderId, asked, context),
      (document: OrderDocument) => {
        const isNew = (document.state.settlement?.payments.length ?? 0) > known;
        return paymentResponse(isNew ? 201 : 200, document, addedTo(document, body)?.id ?? "");
      },
    );
  }),
});

export const listPayments = route({
  method: "GET",
  path: "/v1/payments",
  operationId: "listPayments",
  summary: "Payments, newest first; or those that somebody has to look after, oldest first",
  ...ofPayments,
  permission: "payments:read",
  query: Schema.Struct({
    ...pageParameters,
    status: Schema.optionalKey(someOf(PaymentStatus)),
    attention: Schema.optionalKey(
      Schema.Literals(["true", "false"]).annotate({
        description: "`true`: only those that somebody has to look after",
      }),
    ),
  }),
  responses: { 200: { description: "A page of payments", schema: pageOf(Payment) } },
  handler: Effect.fnUntraced(function* (request) {
    const queries = yield* PaymentQueries;
    const { query, by: { scope } } = request;
    const [cursor] = (yield* decodeCursor(query, 1)) ?? [];
    const found = yield* queries.payments({
      status: query.status,
      attention: query.attention === "true",
      channel: scope.channel,
      cursor,
    });
    return yield* largePage(request, {
      limit: pageSize(query),
      read: (limit: number) => Effect.map(found(limit), asPart),
      after: ({ payment }) => [payment.id],
      view: ({ document, payment }) => paymentView(payment, document),
    });
  }),
});

export const getPayment = route({
  method: "GET",
  path: "/v1/payments/{paymentId}",
  operationId: "getPayment",
  summary: "A payment, with all that was asked of its provider",
  ...ofPayments,
  permission: "payments:read",
  params: PaymentParameters,
  responses: { 200: thePayment("The payment") },
  handler: Effect.fnUntraced(function* ({ params: { paymentId }, by }) {
    return paymentResponse(200, yield* orderWith(paymentId, by), paymentId);
  }),
});

const refundFields = {
  amount: Schema.optionalKey(
    Money.annotate({ description: "All that is due to the customer when absent" }),
  ),
  credit: Schema.optionalKey(RefundCreditRequest.annotate({
    description: "Credits this first of what came back, in the same step",
  })),
  goodwill: Schema.optionalKey(
    Schema.Boolean.annotate({
      description: "Gives the amount off the price of lines, and gives it back",
    }),
  ),
  restock: optionalList(
    Schema.Struct({
      lineId: Identifier,
      quantity: Quantity,
      locationId: Identifier,
      disposition: Disposition,
    }).annotate({ identifier: "RestockUnits" }),
    {
      mostEntries: orderLimits.linesPerReturn,
      description:
        "Units that came back without a return: one is made of them, received and inspected at once, and " +
        "`credit` may be of them. Each unit comes back once",
    },
  ),
  to: Schema.optionalKey(
    RefundTarget.annotate({
      description: "`storeCredit` is refused as long as there are no accounts",
    }),
  ),
  lines: optionalList(Identifier, {
    mostEntries: orderLimits.lines,
    description: "Ids of the lines that a goodwill refund is for; all when absent",
  }),
  allocation: Schema.optionalKey(RefundAllocation),
  payments: optionalList(Identifier, {
    mostEntries: paymentLimits.payments,
    description: "Ids of the payments that give back; all when absent",
  }),
  expectedRefundable: Schema.optionalKey(
    Money.annotate({
      description: "`refundable` as the caller has seen it: with another amount nothing is done",
    }),
  ),
};

const Refund = Schema.Struct({ reason: Reason, ...refundFields }).annotate({
  identifier: "RefundRequest",
  examples: [{ reason: "One was cancelled", amount: { amount: "10.00", currency: "EUR" } }],
});

const RefundPreviewOf = Schema.Struct(refundFields).annotate({
  identifier: "RefundPreviewRequest",
  examples: [{ amount: { amount: "10.00", currency: "EUR" } }],
});

const refundOf = (
  { reason = "", lines, payments, ...rest }: typeof RefundPreviewOf.Type & {
    readonly reason?: string;
  },
) => ({ type: "refund", reason, lineIds: lines, paymentIds: payments, ...rest }) as const;

const refundProblems = [
  ...["not-found", amountExceeded, nothingToRefund, notCreditable] as const,
  ...[notReturnable, notSetAside, illegalTransition] as const,
] as const;

export const previewRefund = route({
  method: "POST",
  path: "/v1/orders/{orderId}/refunds/preview",
  operationId: "previewRefund",
  summary: "What a refund would do: nothing is done",
  ...ofPayments,
  permission: "payments:refund",
  params: OrderParameters,
  body: jsonBody(RefundPreviewOf, { required: false }),
  responses: { 200: { description: "The refund as it would be", schema: RefundPreview } },
  problems: refundProblems,
  failures: orderFailures,
  handler: Effect.fnUntraced(function* (request) {
    const orders = yield* Orders;
    const { body, by, params } = request;
    const { state } = yield* visible(by, yield* orders.get(params.orderId));
    const asked = refundOf(body);
    // What comes back with it needs stock and room: it is decided as the refund is.
    const planned = asked.restock === undefined
      ? Effect.mapError(
        Effect.fromResult(planRefund(state, asked)),
        (rejection) => new Refused({ rejection }),
      )
      : Effect.map(
        orders.preview(params.orderId, asked, by.id),
        (would) => refundBetween(state, would.state),
      );
    return yield* command(
      request,
      (context) => Effect.flatMap(planned, (plan) => kept(refundView(plan, state), context)),
      (view: ReturnType<typeof refundView>) => json(200, view),
    );
  }),
});

export const refundOrder = route({
  method: "POST",
  path: "/v1/orders/{orderId}/refunds",
  operationId: "refundOrder",
  summary: "Give money back to the payments that it came from",
  description:
    "At most `balance.refundDue`, so that a refund that is asked for twice finds nothing left. A goodwill refund " +
    "needs an `Idempotency-Key`, or `expectedRefundable`. With `credit` what came back is credited first, and " +
    "nothing is done where no money is due by it.",
  ...ofPayments,
  permission: "payments:refund",
  params: OrderParameters,
  body: jsonBody(Refund),
  responses: { 200: { description: "The order as it is now", schema: Order, headers: etag } },
  problems: refundProblems,
  failures: orderFailures,
  handler: Effect.fnUntraced(function* (request) {
    const orders = yield* Orders;
    const { body, by, params: { orderId } } = request;
    const { goodwill = false, expectedRefundable } = body;
    if (goodwill && expectedRefundable === undefined && request.idempotency === undefined) {
      const detail = "Without an Idempotency-Key a goodwill refund says what it expects.";
      return yield* fail("invalid-request", detail, {
        errors: [{ pointer: "/expectedRefundable", detail }],
      });
    }
    if (by.scope.channel !== undefined) yield* visible(by, yield* orders.get(orderId));
    return yield* command(
      request,
      (context) => orders.command(orderId, refundOf(body), context),
      (document: OrderDocument) => versioned(200, orderView(document), document.state.version),
    );
  }),
});

const act = Effect.fnUntraced(function* (
  request: ActionRequest<{ readonly paymentId: string }>,
  orderCommand: OrderCommand,
) {
  const orders = yield* Orders;
  const { paymentId } = request.params;
  const document = yield* orderWith(paymentId, request.by);
  return yield* command(
    request,
    (context) => orders.command(document.state.id, orderCommand, context),
    (changed: OrderDocument) => paymentResponse(200, changed, paymentId),
  );
});

export const paymentRoutes = [
  addPayment,
  listPayments,
  getPayment,
  previewRefund,
  refundOrder,
  creditOrder,
  ...actionRoutes({
    path: "/v1/payments/{paymentId}",
    params: PaymentParameters,
    idOf: ({ paymentId }) => paymentId,
    tags: ofPayments.tags,
    scopes: ofPayments.scopes,
    responses: { 200: thePayment("The payment as it is now") },
    problems: ["not-found", illegalTransition],
    failures: orderFailures,
    act,
  }, paymentActions),
];
