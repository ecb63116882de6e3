/** What clients ask, as HTTP requests; what they are told, as they understand it; what the log says they must be told. */
import { problemBody } from "../../../api/http/problems.ts";
import { orderFailures } from "../../../api/order/problems.ts";
import { type ReturnView, returnView } from "../../../api/order/return-schemas.ts";
import { fulfillmentOrderView, orderView, shipmentView } from "../../../api/order/views.ts";
import { Refused } from "../../../actors/command/command.ts";
import type { Contact, FulfillmentOrder, Order, OrderRejection } from "../../../src/order/order.ts";
import type { Answer, Operation, Outcome, Request } from "../../sim/operation.ts";
import type { KnownOrder } from "../../sim/workload.ts";
import type { AggregateState } from "../../../src/subject/state.ts";
import type { Answer as HttpAnswer, Ask } from "../process.ts";

/** An order, or the part of it that an answer is about, as the API shows it. */
export interface SeenOrder {
  readonly id: string;
  readonly version: number;
  readonly body: unknown;
}

export type HttpOperation = Operation<SeenOrder>;

export interface HttpRequest extends Pick<Ask, "method" | "json"> {
  readonly path: string;
}

type Command = Extract<Request, { readonly type: "command" }>;

const commandRequest = ({ orderId, command }: Command): HttpRequest | null => {
  switch (command.type) {
    case "release": {
      const { codes, reason } = command;
      const json = { code: codes?.[0], reason };
      return { path: `/v1/orders/${orderId}/release`, json };
    }
    case "hold":
    case "cancel": {
      const { type, ...json } = command;
      return { path: `/v1/orders/${orderId}/${type}`, json };
    }
    case "accept":
    case "reject":
    case "pick":
    case "pack":
    case "ship":
    case "ready-for-pickup":
    case "collect": {
      const { type, fulfillmentOrderId, ...json } = command;
      return { path: `/v1/fulfillment-orders/${fulfillmentOrderId}/${type}`, json };
    }
    case "track": {
      const { type: _, shipmentId, ...json } = command;
      return { path: `/v1/shipments/${shipmentId}/tracking`, json };
    }
    case "correct-tracking":
    case "set-tracking-numbers":
    case "note":
    case "reship": {
      const { type, shipmentId, ...json } = command;
      return { path: `/v1/shipments/${shipmentId}/${type}`, json };
    }
    case "request-return": {
      const { type: _, ...json } = command;
      return { path: `/v1/orders/${orderId}/returns`, json };
    }
    case "authorize-return":
    case "decline-return":
    case "ship-return":
    case "receive-return":
    case "inspect-return":
    case "close-return":
    case "cancel-return": {
      const { type, returnId, ...json } = command;
      return { path: `/v1/returns/${returnId}/${type.replace("-return", "")}`, json };
    }
    // What only the engine itself asks for, and payments, which no client of these has.
    default:
      return null;
  }
};

/** Null for what cannot be asked over HTTP. */
export const httpRequestOf = (request: Request): HttpRequest | null => {
  switch (request.type) {
    case "place":
      return { path: "/v1/orders", json: request.order };
    case "command":
      return commandRequest(request);
    case "adjust":
      return { path: "/v1/inventory/adjustments", json: request.adjustment };
    case "move":
      return { path: "/v1/inventory/moves", json: request.move };
    case "count":
      return { path: "/v1/inventory/counts", json: request.count };
    case "safety stock":
      return { path: "/v1/inventory/safety-stock", method: "PUT", json: request.levels };
    case "save location": {
      const { id, ...json } = request.location;
      return { path: `/v1/locations/${id}`, method: "PUT", json };
    }
    case "save item": {
      const { sku, kit, ...item } = request.item;
      const json = kit === undefined
        ? item
        : { ...item, kit: { components: kit.components, ship: kit.ship } };
      return { path: `/v1/items/${sku}`, method: "PUT", json };
    }
    case "get":
      return { path: `/v1/orders/${request.orderId}` };
    // Asked of engines in the simulation.
    case "save":
    case "make":
    case "ask":
    case "reserve":
      return null;
  }
};

const problemName = ({ body }: HttpAnswer): string =>
  String(body?.["type"]).replace("/problems/", "");

/** Problems that are an answer; what they are for those who ask the engine itself. */
const refusals: Readonly<Record<string, string>> = {
  "insufficient-stock": "InsufficientStock",
  "illegal-transition": "IllegalTransition",
  "invalid-request": "InvalidCommand",
  "not-found": "NotFound",
  "order-exists": "OrderExists",
  "below-zero-available": "BelowZeroAvailable",
  "not-returnable": "NotReturnable",
  "not-set-aside": "NotSetAside",
  "kit-incomplete": "KitIncomplete",
};

/** Refusals that are kept under the request's idempotency key; others are decided again. */
const kept: ReadonlySet<string> = new Set([
  "InsufficientStock",
  "IllegalTransition",
  "OrderExists",
  "BelowZeroAvailable",
  "NotReturnable",
  "NotSetAside",
  "KitIncomplete",
]);

/** Whether it is the answer to its idempotency key for good. */
export const isFinal = (answer: Answer<SeenOrder>): boolean =>
  answer.type !== "refused" || kept.has(answer.tag);

const askAgain: ReadonlySet<string> = new Set([
  "overloaded",
  "unavailable",
  "idempotency-in-flight",
]);

/** A problem without what is another for each request. */
const reasonOf = (problem: unknown): unknown => ({ ...problem as object, instance: undefined });

const versionOf = ({ headers }: HttpAnswer): number =>
  Number(/^"(\d+)"$/.exec(headers.get("etag") ?? "")?.[1]);

const doneOutcome = (request: Request, answer: HttpAnswer): Outcome<SeenOrder> => {
  const { body, status, headers } = answer;
  const replayed = headers.get("idempotent-replayed") === "true";
  switch (request.type) {
    case "place":
    case "command":
    case "get": {
      const id = request.type === "place" ? String(body["id"]) : request.orderId;
      const state = { id, version: versionOf(answer), body };
      const created = request.type === "place" ? status === 201 : null;
      return { type: "answered", replayed, answer: { type: "state", created, state } };
    }
    case "adjust":
    case "move":
    case "count":
    case "safety stock": {
      const levels = [...body["data"]].map((row) => row as never);
      return { type: "answered", replayed, answer: { type: "levels", levels } };
    }
    case "save location":
    case "save item":
      return {
        type: "answered",
        replayed,
        answer: { type: "saved", version: Number(body["version"]) },
      };
    case "save":
    case "make":
    case "ask":
    case "reserve":
      return { type: "absurd", detail: `${request.type} was not asked over HTTP` };
  }
};

/** What a client makes of an answer. */
export const outcomeOf = (request: Request, answer: HttpAnswer): Outcome<SeenOrder> => {
  if (answer.status === 200 || answer.status === 201) return doneOutcome(request, answer);
  const name = problemName(answer);
  if (askAgain.has(name)) return { type: "again", tag: name };
  const tag = refusals[name];
  return tag === undefined ? { type: "absurd", detail: `${answer.status} ${answer.text}` } : {
    type: "answered",
    replayed: false,
    answer: { type: "refused", tag, reason: reasonOf(answer.body) },
  };
};

/** Such a command is answered with the return. */
const isAboutReturn = ({ type }: Command["command"]): boolean => type.endsWith("-return");

/** An answer about a part of an order tells also of the order, when that was known before. */
export const knownAfter = (
  request: Request,
  { version, body }: SeenOrder,
  before: KnownOrder | undefined,
): KnownOrder | null => {
  if (request.type === "command" && isAboutReturn(request.command)) {
    if (before === undefined) return null;
    const found = body as ReturnView;
    const others = (before.returns ?? []).filter(({ id }) => id !== found.id);
    return { ...before, version, returns: [...others, found] };
  }
  if (request.type !== "command" || !("fulfillmentOrderId" in request.command)) {
    if (request.type !== "command" || !("shipmentId" in request.command)) return body as KnownOrder;
    if (before === undefined) return null;
    const shipment = body as KnownOrder["shipments"][number];
    return {
      ...before,
      version,
      shipments: before.shipments.map((each) => each.id === shipment.id ? shipment : each),
    };
  }
  if (before === undefined) return null;
  const part = body as FulfillmentOrder & Pick<KnownOrder, "shipments">;
  const others = before.shipments.filter(({ id }) =>
    !part.shipments.some((each) => each.id === id)
  );
  return {
    ...before,
    version,
    fulfillmentOrders: before.fulfillmentOrders.map((each) => each.id === part.id ? part : each),
    shipments: [...others, ...part.shipments],
  };
};

const viewFor = (request: Request, order: Order, contact: Contact): unknown => {
  const document = { state: order, personal: contact, history: [] };
  if (request.type === "command" && isAboutReturn(request.command)) {
    const { command } = request;
    const found = "returnId" in command
      ? order.returns?.find(({ id }) => id === command.returnId)
      : order.returns?.at(-1);
    return found === undefined ? null : returnView(found, order);
  }
  if (request.type === "command" && "fulfillmentOrderId" in request.command) {
    const { fulfillmentOrderId } = request.command;
    const found = order.fulfillmentOrders.find(({ id }) => id === fulfillmentOrderId);
    return found === undefined ? null : fulfillmentOrderView(found, document);
  }
  if (request.type === "command" && "shipmentId" in request.command) {
    const { shipmentId } = request.command;
    const found = order.shipments.find(({ id }) => id === shipmentId);
    return found === undefined ? null : shipmentView(found, order);
  }
  return orderView(document);
};

/** How the API shows what the log knows; contacts are not in the log. */
export const shownOverHttp = (contacts: ReadonlyMap<string, Contact>) => ({
  shown: (state: AggregateState, request: Request): SeenOrder => {
    const order = state as Order;
    const contact = contacts.get(order.id);
    if (contact === undefined) throw new Error(`nothing is known of who ordered ${order.id}`);
    return { id: order.id, version: order.version, body: viewFor(request, order, contact) };
  },
  isFinal,
  refusal: (rejection: OrderRejection): unknown =>
    reasonOf(
      JSON.parse(problemBody(orderFailures.Refused.problem(new Refused({ rejection })), "")),
    ),
});
