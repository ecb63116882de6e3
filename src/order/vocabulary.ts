/** The words of orders as schemas, with the names that documents of the API have for them. */
import { Schema } from "effect";
import { taxRoundings } from "../money/tax.ts";
import { shipTimes } from "./exchange.ts";
import {
  cancelCodes,
  fulfillmentActions,
  fulfillmentMethods,
  fulfillmentOrderStatuses,
  holdBlocks,
  holdCodes,
  orderStatuses,
  shipmentStatuses,
  shortagePolicies,
  trackingStatuses,
} from "./order.ts";
import {
  dispositions,
  notReturnableReasons,
  returnActions,
  returnAuthorizations,
  returnReasons,
  returnStatuses,
} from "./return.ts";

import {
  authorizationPoints,
  cancelRefunds,
  capturePoints,
  fulfillConditions,
  latePayments,
  orderPaymentStatuses,
  paymentStatuses,
  refundAllocations,
  refundTargets,
  reportedStatuses,
  transactionKinds,
  transactionStatuses,
  waysToAsk,
} from "./payment.ts";
import { attentionReasons } from "./payment-attention.ts";

const words = <Words extends readonly string[]>(identifier: string, literals: Words) =>
  Schema.Literals(literals).annotate({ identifier });

export const OrderStatus = words("OrderStatus", orderStatuses);
export const FulfillmentOrderStatus = words("FulfillmentOrderStatus", fulfillmentOrderStatuses);
export const ShipmentStatus = words("ShipmentStatus", shipmentStatuses);
export const TrackingStatus = words("TrackingStatus", trackingStatuses);
export const FulfillmentMethod = words("FulfillmentMethod", fulfillmentMethods);
export const FulfillmentAction = words("FulfillmentAction", fulfillmentActions);
export const ShortagePolicy = words("ShortagePolicy", shortagePolicies);
export const TaxRounding = words("TaxRounding", taxRoundings);
export const CancelCode = words("CancelCode", cancelCodes);
export const HoldCode = words("HoldCode", holdCodes);
export const HoldBlocks = words("HoldBlocks", holdBlocks).annotate({
  description: "`all`: the order is `held`. `fulfillment`: it gets its stock, and nothing leaves",
});
export const ReturnStatus = words("ReturnStatus", returnStatuses);
export const ReturnReason = words("ReturnReason", returnReasons);
export const ReturnAction = words("ReturnAction", returnActions);
export const ReturnAuthorization = words("ReturnAuthorization", returnAuthorizations);
export const ShipWhen = words("ShipWhen", shipTimes).annotate({
  description:
    "When the new goods of an exchange leave: `received`, once the return has come, or `now`",
});
export const NotReturnableReason = words("NotReturnableReason", notReturnableReasons);
export const Disposition = words("Disposition", dispositions).annotate({
  description:
    "`restock` may be sold again; `refurbish` and `quarantine` stay set aside; `scrap` " +
    "and `vendor` leave the location",
});
export const CapturePoint = words("CapturePoint", capturePoints).annotate({
  description: "When what is due is captured",
});
export const AuthorizationPoint = words("AuthorizationPoint", authorizationPoints).annotate({
  description:
    "When a provider is asked to authorize what was promised: at once, or when the order has the first of its " +
    "goods, for those that may wait for them longer than an authorization lasts",
});
export const FulfillCondition = words("FulfillCondition", fulfillConditions).annotate({
  description: "What must be there before anything leaves",
});
export const LatePayment = words("LatePayment", latePayments).annotate({
  description: "What becomes of money that comes for a cancelled order",
});
export const CancelRefund = words("CancelRefund", cancelRefunds).annotate({
  description: "Whether a cancellation gives back by itself what was captured",
});
export const ReportedStatus = words("ReportedPaymentStatus", reportedStatuses).annotate({
  description: "How far a payment is when it is told of",
});
export const PaymentStatus = words("PaymentStatus", paymentStatuses);
export const OrderPaymentStatus = words("OrderPaymentStatus", orderPaymentStatuses);
export const TransactionKind = words("TransactionKind", transactionKinds).annotate({
  description: "`sale`: authorized and captured at once",
});
export const TransactionStatus = words("TransactionStatus", transactionStatuses).annotate({
  description:
    "`expected`: the customer does it at the provider. `requested` and `unresolved` count " +
    "as used until it is known what became of them",
});
export const WayToAsk = words("WayToAsk", waysToAsk).annotate({
  description:
    "`call`: the provider is called. `find`: it is asked what it knows. `hand`: people do it",
});
export const RefundTarget = words("RefundTarget", refundTargets);
export const RefundAllocation = words("RefundAllocation", refundAllocations).annotate({
  description: "Which of several payments give back first",
});
export const AttentionReason = words("PaymentAttention", attentionReasons);
