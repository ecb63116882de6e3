/** The problems of orders, and which failures become them. */
import { Schema } from "effect";
import type { Refused } from "../../actors/command/command.ts";
import type { InvalidOrder, OrderExists } from "../../actors/order/orders.ts";
import type { OrderRejection } from "../../src/order/order.ts";
import { always, type Failures } from "../http/failures.ts";
import { type Problem, problem, type ProblemType } from "../http/problems.ts";

export const insufficientStock: ProblemType = {
  name: "insufficient-stock",
  status: 409,
  title: "Not enough stock",
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
  members: {
    action: Schema.optionalKey(
      Schema.String.annotate({ description: "Of `illegal-transition`: what was asked for" }),
    ),
    currentStatus: Schema.optionalKey(
      Schema.String.annotate({ description: "Of `illegal-transition`: what does not allow it" }),
    ),
    fulfillmentOrderId: Schema.optionalKey(Schema.String),
  },
};

export const orderExists: ProblemType = {
  name: "order-exists",
  status: 409,
  title: "The channel has another order with this external id",
  members: {
    orderId: Schema.optionalKey(
      Schema.String.annotate({ description: "Of `order-exists`: the order that is there" }),
    ),
    channel: Schema.optionalKey(Schema.String),
    externalId: Schema.optionalKey(Schema.String),
  },
};

const rejectionProblem = (rejection: OrderRejection): Problem => {
  switch (rejection._tag) {
    case "InsufficientStock": {
      const { shortages } = rejection;
      const skus = shortages.slice(0, 5).map(({ sku }) => sku).join(", ");
      const more = shortages.length > 5 ? ` and ${shortages.length - 5} more` : "";
      return problem(insufficientStock, `Not enough stock of ${skus}${more}.`, {
        extensions: { shortages },
      });
    }
    case "IllegalTransition": {
      const { action, status, fulfillmentOrderId } = rejection;
      return problem(illegalTransition, rejection.detail, {
        extensions: {
          action,
          currentStatus: status,
          ...(fulfillmentOrderId === undefined ? {} : { fulfillmentOrderId }),
        },
      });
    }
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
      rejection._tag === "InsufficientStock" || rejection._tag === "IllegalTransition",
    problem: ({ rejection }) => rejectionProblem(rejection),
  },
};
