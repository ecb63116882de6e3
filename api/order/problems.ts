/** The problems of orders, and which failures become them. */
import { Schema } from "effect";
import type { Refused } from "../../actors/command/command.ts";
import type { InvalidOrder, OrderExists } from "../../actors/order/orders.ts";
import type { OrderRejection, Shortage } from "../../src/order/order.ts";
import { always, type Failures } from "../http/failures.ts";
import { type Problem, problem, type ProblemType } from "../http/problems.ts";
import { lotProblem } from "../lot/problems.ts";
import { returnProblem } from "./return-problems.ts";
import { isDecidedOfPayment, isOfPayment, paymentProblem } from "./payment-problems.ts";

export const insufficientStock: ProblemType = {
  name: "insufficient-stock",
  status: 409,
  title: "Not enough stock",
  meaning:
    "No location has enough of what the order or the cart needs, and it was not to wait for it. Nothing is kept " +
    "of one that was new; one that is there stays as it was.",
  remedy:
    "Order less, or later; or place the order with `onShortage` as `backorder`, `partial` or `hold`.",
  members: {
    shortages: Schema.optionalKey(Schema.Array(Schema.Struct({
      sku: Schema.String,
      requested: Schema.Int,
      available: Schema.Int,
    }))).annotate({ description: "Of `insufficient-stock`" }),
  },
};

export const illegalTransition: ProblemType = {
  name: "illegal-transition",
  status: 409,
  title: "The status does not allow this",
  meaning:
    "What may follow what is fixed, and this may not follow the status that is there. Nothing was done.",
  remedy:
    "Read it again. A fulfillment order lists what can be done with it as `supportedActions`.",
  members: {
    action: Schema.optionalKey(
      Schema.String.annotate({ description: "Of `illegal-transition`: what was asked for" }),
    ),
    currentStatus: Schema.optionalKey(
      Schema.String.annotate({ description: "Of `illegal-transition`: what does not allow it" }),
    ),
    fulfillmentOrderId: Schema.optionalKey(Schema.String),
    shipmentId: Schema.optionalKey(Schema.String),
    returnId: Schema.optionalKey(Schema.String),
    paymentId: Schema.optionalKey(Schema.String),
  },
};

export const kitIncomplete: ProblemType = {
  name: "kit-incomplete",
  status: 409,
  title: "A kit would be broken",
  meaning:
    "Kits are shipped and cancelled whole, and this would leave a part of one without the rest. Nothing was done.",
  remedy:
    "Name the units of whole kits: the line of `lineId` says of what goods they are. What has left in part is owed.",
  members: {
    lineId: Schema.optionalKey(
      Schema.String.annotate({ description: "Of `kit-incomplete`: the line, or the part of it" }),
    ),
  },
};

export const orderExists: ProblemType = {
  name: "order-exists",
  status: 409,
  title: "The channel has another order with this external id",
  meaning:
    "A channel has one order of each external id, and the one that is there has other content.",
  remedy:
    "Read the order of `orderId`. The same order sent again is answered with 200; another needs another id.",
  members: {
    orderId: Schema.optionalKey(
      Schema.String.annotate({ description: "Of `order-exists`: the order that is there" }),
    ),
    channel: Schema.optionalKey(Schema.String),
    externalId: Schema.optionalKey(Schema.String),
  },
};

export const insufficientStockProblem = (shortages: readonly Shortage[]): Problem => {
  const skus = shortages.slice(0, 5).map(({ sku }) => sku).join(", ");
  const more = shortages.length > 5 ? ` and ${shortages.length - 5} more` : "";
  return problem(insufficientStock, `Not enough stock of ${skus}${more}.`, {
    extensions: { shortages },
  });
};

const rejectionProblem = (rejection: OrderRejection): Problem => {
  switch (rejection._tag) {
    case "InsufficientStock":
      return insufficientStockProblem(rejection.shortages);
    case "IllegalTransition": {
      const { action, status, fulfillmentOrderId, shipmentId, returnId, paymentId } = rejection;
      return problem(illegalTransition, rejection.detail, {
        extensions: {
          action,
          currentStatus: status,
          ...(fulfillmentOrderId === undefined ? {} : { fulfillmentOrderId }),
          ...(shipmentId === undefined ? {} : { shipmentId }),
          ...(returnId === undefined ? {} : { returnId }),
          ...(paymentId === undefined ? {} : { paymentId }),
        },
      });
    }
    case "KitIncomplete":
      return problem(kitIncomplete, rejection.detail, {
        extensions: { lineId: rejection.lineId },
      });
    case "InvalidCommand":
      return problem("invalid-request", rejection.detail, {
        errors: [{ pointer: rejection.pointer, detail: rejection.detail }],
      });
    case "UnknownFulfillmentOrder":
      return problem(
        "not-found",
        `There is no fulfillment order ${rejection.fulfillmentOrderId}.`,
      );
    case "UnknownShipment":
      return problem("not-found", `There is no shipment ${rejection.shipmentId}.`);
    case "LotsUnnamed":
    case "LotExpired":
    case "LotShort":
    case "SerialExists":
      return lotProblem(rejection);
    case "UnknownReturn":
    case "NotReturnable":
    case "NotSetAside":
      return returnProblem(rejection);
    default:
      return paymentProblem(rejection);
  }
};

export const orderFailures: Failures<OrderExists | InvalidOrder | Refused<OrderRejection>> = {
  OrderExists: {
    decided: always,
    problem: ({ orderId, channel, externalId }) =>
      problem(
        orderExists,
        `Channel ${channel} has the order ${externalId} already, with other content.`,
        { extensions: { orderId, channel, externalId } },
      ),
  },
  InvalidOrder: {
    problem: ({ errors }) => problem("invalid-request", "The order is not valid.", { errors }),
  },
  Refused: {
    decided: ({ rejection }) =>
      rejection._tag === "InsufficientStock" || rejection._tag === "IllegalTransition" ||
      rejection._tag === "KitIncomplete" ||
      rejection._tag === "LotExpired" || rejection._tag === "LotShort" ||
      rejection._tag === "SerialExists" || rejection._tag === "NotReturnable" ||
      rejection._tag === "NotSetAside" ||
      (isOfPayment(rejection) && isDecidedOfPayment(rejection)),
    problem: ({ rejection }) => rejectionProblem(rejection),
  },
};
