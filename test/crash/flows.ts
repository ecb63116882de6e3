/** What is done to orders and stock from beginning to end: each row of the table is one flow. */
import type {
  FulfillmentOrder,
  Order,
  OrderCommand,
  Shipment,
  TrackingStatus,
} from "../../src/order/order.ts";
import { reservationFlows } from "./reservation-flows.ts";
import type { EditChange } from "../../src/order/edit.ts";
import type { ShipWhen } from "../../src/order/exchange.ts";
import type { Disposition } from "../../src/order/return.ts";
import { paymentIdOf } from "../../src/order/ids.ts";
import { channels } from "../../src/channel/references.ts";
import { providers } from "../../src/payment/references.ts";
import { cardProvider } from "../support/payment-commands.ts";
import { reportOf } from "../../src/order/tracking.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { saveEndpoints, turnEndpoint } from "../sim/endpoints.ts";
import type { Request } from "../sim/operation.ts";
import type { Cast } from "../sim/simulation.ts";
import { locationRequest, type Seen } from "../sim/workload.ts";
import type { Workout } from "../support/workout.ts";
import type { AggregateState } from "../../src/subject/state.ts";

export type Step =
  /** Asks for something, perhaps about an order by its external id, or about something else that was seen. */
  | {
    readonly type: "ask";
    readonly request: (
      order: (externalId: string) => Order,
      seen: (definition: Workout["definition"]) => Seen<AggregateState>,
    ) => Request;
  }
  /** Lets time pass, milliseconds, for timers. */
  | { readonly type: "wait"; readonly ms: number }
  /** Imports orders, as often as it takes until a job says that it is complete. */
  | { readonly type: "import"; readonly csv: string };

export interface Flow {
  readonly name: string;
  /** What the locations have at first. */
  readonly stock: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly steps: readonly Step[];
  /** The status in which each order ends, by its external id, and each other aggregate by its name. */
  readonly ends: Readonly<Record<string, string>>;
  /** Subjects beside orders and stock. */
  readonly cast?: Cast;
  /** Whether there is a payment provider that can be called, which keeps its own ledger. */
  readonly isPaid?: boolean;
  /** Processes at work, of which a client asks any; one where nothing is said. */
  readonly engines?: number;
  /** Checks that the store allows in one commit; few make a large order of a wide one. */
  readonly checks?: number;
}

export const place = (
  externalId: string,
  lines: Readonly<Record<string, number>>,
  more: Partial<PlaceOrderRequest> = {},
): Step => ({
  type: "ask",
  request: () => ({
    type: "place",
    order: {
      channel: "web",
      externalId,
      currency: "USD",
      customer: { id: "ada", name: "Ada Example" },
      shippingAddress: { country: "NL" },
      lines: Object.entries(lines).map(([sku, quantity]) => ({
        sku,
        quantity,
        unitPrice: { amount: "3.50", currency: "USD" },
      })),
      ...more,
    },
  }),
});

export const command = (externalId: string, make: (order: Order) => OrderCommand): Step => ({
  type: "ask",
  request: (order) => ({
    type: "command",
    orderId: order(externalId).id,
    command: make(order(externalId)),
  }),
});

const receive = (locationId: string, sku: string, delta: number): Step => ({
  type: "ask",
  request: () => ({
    type: "adjust",
    adjustment: { locationId, reason: "received", changes: [{ sku, delta }] },
  }),
});

const move = (
  locationId: string,
  sku: string,
  quantity: number,
  from: string,
  to: string,
): Step => ({
  type: "ask",
  request: () => ({ type: "move", move: { locationId, moves: [{ sku, quantity, from, to }] } }),
});

/** The channel of all orders sells so from now on. */
const sells = (settings: object): Step => ({
  type: "ask",
  request: () => ({
    type: "save",
    reference: channels,
    document: { id: "web", exposes: "sum", ...settings },
  }),
});

const fulfillmentOf = (order: Order, n = 0): FulfillmentOrder => {
  const found = order.fulfillmentOrders[n];
  if (found === undefined) throw new Error(`order ${order.externalId} has no such part`);
  return found;
};

const shipmentOf = (order: Order): Shipment => {
  const [found] = order.shipments;
  if (found === undefined) throw new Error(`order ${order.externalId} was not shipped`);
  return found;
};

const fulfill = (
  externalId: string,
  type: "accept" | "pick" | "pack" | "ready-for-pickup" | "collect",
): Step => command(externalId, (order) => ({ type, fulfillmentOrderId: fulfillmentOf(order).id }));

const ship = (externalId: string, quantity?: number): Step =>
  command(externalId, (order) => ({
    type: "ship",
    fulfillmentOrderId: fulfillmentOf(order).id,
    carrier: "DHL",
    lines: quantity === undefined ? undefined : [{ lineId: "1", quantity }],
  }));

const track = (externalId: string, status: TrackingStatus, hour: number): Step =>
  command(externalId, (order) => ({
    type: "track",
    shipmentId: shipmentOf(order).id,
    status,
    occurredAt: `2030-01-01T0${hour}:00:00.000Z`,
  }));

const onShipment = (
  externalId: string,
  make: (shipmentId: string, shipment: Shipment) => OrderCommand,
): Step => command(externalId, (order) => make(shipmentOf(order).id, shipmentOf(order)));

const onReturn = (externalId: string, make: (returnId: string) => OrderCommand): Step =>
  command(externalId, ({ returns = [] }) => make(returns.at(-1)?.id ?? ""));

const returnUnits = (externalId: string, quantity: number): Step =>
  command(externalId, () => ({
    type: "request-return",
    goodsBack: true,
    lines: [{ lineId: "1", quantity, reason: "unwanted" }],
  }));

const dollars = (amount: string) => ({ amount, currency: "USD" });

const edit = (externalId: string, ...changes: readonly EditChange[]): Step =>
  command(externalId, () => ({ type: "edit", reason: "the customer called", changes }));

/** A mug comes back, for a cup. */
const exchange = (externalId: string, shipWhen: ShipWhen): Step =>
  command(externalId, () => ({
    ...{ type: "request-return", goodsBack: true },
    lines: [{ lineId: "1", quantity: 1, reason: "unwanted" }],
    exchange: { lines: [{ sku: "cup", quantity: 1, unitPrice: dollars("4.00") }], shipWhen },
  }));

const inspect = (externalId: string, disposition: Disposition): Step =>
  onReturn(externalId, (returnId) => ({
    type: "inspect-return",
    returnId,
    lines: [{ lineId: "1", quantity: 1, disposition, accepted: true }],
  }));

const reject = (externalId: string): Step =>
  command(externalId, (order) => ({
    type: "reject",
    fulfillmentOrderId: fulfillmentOf(order).id,
    reason: "not found",
  }));

const backorder = { onShortage: "backorder" } as const;

const ship3 = ["accept", "pick", "pack"] as const;
const upToPacked = (externalId: string): readonly Step[] =>
  ship3.map((action) => fulfill(externalId, action));

const wide = Object.fromEntries(
  ["ams", "ber", "cdg", "dub", "edi"].map((id) => [id, { mug: 2, cup: 1 }]),
);

const { createdAt: _, updatedAt: __, version: ___, ...card } = cardProvider;

const saveCard: Request = { type: "save", reference: providers, document: card };

const paidBy = (
  status: "authorized" | "captured" | "promised",
  amount: string,
): Partial<PlaceOrderRequest> => ({
  payments: [{ provider: card.id, amount: { amount, currency: "USD" }, status, reference: "p1" }],
});

/** As long as the others leave a call to an engine that took it. */
/** The same, and out of the door, of the fulfillment order that holds a part of a kit. */
const untilOthersCall: Step = { type: "wait", ms: 65_000 };

export const flows: readonly Flow[] = [
  {
    name: "place",
    ends: { one: "allocated", three: "allocated" },
    stock: { ams: { mug: 5 }, ber: { cup: 5 } },
    steps: [place("one", { mug: 2, cup: 1 }), place("two", { mug: 4 }), place("three", { cup: 2 })],
  },
  {
    name: "place in part",
    ends: { one: "partially_allocated" },
    stock: { ams: { mug: 3 } },
    steps: [place("one", { mug: 5 }, { onShortage: "partial" }), place("two", { mug: 1 })],
  },
  {
    name: "hold for want of stock, and release",
    ends: { one: "allocated" },
    stock: { ams: { mug: 1 } },
    steps: [
      place("one", { mug: 3 }, { onShortage: "hold" }),
      receive("ams", "mug", 2),
      command("one", () => ({ type: "release" })),
    ],
  },
  {
    name: "hold and release by hand",
    ends: { one: "allocated" },
    stock: { ams: { mug: 3 } },
    steps: [
      place("one", { mug: 3 }),
      command("one", () => ({ type: "hold", reason: "to be checked" })),
      command("one", () => ({ type: "release" })),
    ],
  },
  {
    name: "tell endpoints of what happens, and of what happened while one was disabled",
    ends: { one: "allocated", two: "allocated" },
    stock: { ams: { mug: 5 } },
    engines: 2,
    steps: [
      ...saveEndpoints.map((request): Step => ({ type: "ask", request: () => request })),
      place("one", { mug: 2 }),
      { type: "ask", request: () => turnEndpoint(0, false) },
      place("two", { mug: 2 }),
      { type: "ask", request: () => turnEndpoint(0, true) },
      command("one", () => ({ type: "hold", reason: "to be checked" })),
      command("one", () => ({ type: "release" })),
    ],
  },
  {
    name: "hold for two reasons, and release one",
    ends: { one: "allocated" },
    stock: { ams: { mug: 3 } },
    steps: [
      place("one", { mug: 3 }),
      command("one", () => ({ type: "hold", code: "fraud", reason: "odd" })),
      command("one", () => ({ type: "hold", code: "payment", reason: "not paid" })),
      command("one", () => ({ type: "release", codes: ["fraud"] })),
      fulfill("one", "accept"),
    ],
  },
  {
    name: "fill backorders by an arrival",
    ends: { one: "allocated", two: "allocated" },
    stock: { ams: { mug: 1 } },
    steps: [
      place("one", { mug: 3 }, backorder),
      place("two", { mug: 2 }, backorder),
      receive("ams", "mug", 3),
      receive("ams", "mug", 4),
    ],
  },
  {
    name: "open a location again",
    ends: { one: "allocated" },
    stock: { ams: { mug: 1 }, ber: { mug: 4 } },
    steps: [
      { type: "ask", request: () => locationRequest("ber", false) },
      place("one", { mug: 3 }, backorder),
      { type: "ask", request: () => locationRequest("ber") },
    ],
  },
  {
    name: "fill backorders by what another process cancelled",
    ends: { one: "cancelled", two: "allocated", three: "cancelled", four: "allocated" },
    stock: { ams: { mug: 3 }, ber: { cup: 3 } },
    engines: 2,
    steps: [
      place("one", { mug: 3 }),
      place("three", { cup: 3 }),
      place("two", { mug: 2 }, backorder),
      place("four", { cup: 2 }, backorder),
      // By then the cursors of all consumers stand at the end, and are saved with the next entry.
      { type: "wait", ms: 3_000 },
      command("one", () => ({ type: "cancel", reason: "changed her mind" })),
      command("three", () => ({ type: "cancel", reason: "changed her mind" })),
    ],
  },
  {
    name: "fill backorders by a cancellation",
    ends: { one: "cancelled", two: "allocated" },
    stock: { ams: { mug: 3 } },
    steps: [
      place("one", { mug: 3 }),
      place("two", { mug: 2 }, backorder),
      command("one", () => ({ type: "cancel", reason: "changed her mind" })),
    ],
  },
  {
    name: "allocate a large order",
    ends: { one: "allocated" },
    stock: wide,
    checks: 5,
    steps: [place("one", { mug: 9, cup: 4 }, backorder)],
  },
  {
    name: "cancel a large order",
    ends: { one: "cancelled" },
    stock: wide,
    checks: 5,
    steps: [
      place("one", { mug: 10, cup: 5 }),
      { type: "wait", ms: 2_000 },
      command("one", () => ({ type: "cancel", reason: "too much" })),
    ],
  },
  {
    name: "cancel lines",
    ends: { one: "allocated" },
    stock: { ams: { mug: 5, cup: 5 } },
    steps: [
      place("one", { mug: 3, cup: 3 }),
      command("one", () => ({
        type: "cancel",
        reason: "one less",
        lines: [{ lineId: "1", quantity: 2 }],
      })),
      command("one", () => ({
        type: "cancel",
        reason: "none of these",
        lines: [{ lineId: "2", quantity: 3 }],
      })),
    ],
  },
  {
    name: "edit: more of a line, another item for a part of it, and another price",
    ends: { one: "shipped" },
    stock: { ams: { mug: 5, cup: 2 } },
    steps: [
      place("one", { mug: 2 }),
      edit("one", { type: "set-quantity", lineId: "1", quantity: 4 }),
      edit(
        "one",
        { type: "set-quantity", lineId: "2", quantity: 0 },
        { type: "add-line", sku: "cup", quantity: 2, unitPrice: dollars("1.00") },
      ),
      edit("one", { type: "set-price", lineId: "1", unitPrice: dollars("3.00") }),
      ...upToPacked("one"),
      ship("one", 1),
      edit(
        "one",
        { type: "set-quantity", lineId: "1", quantity: 1 },
        { type: "set-quantity", lineId: "3", quantity: 0 },
      ),
    ],
  },
  {
    name: "pick, pack and ship in parts",
    ends: { one: "shipped" },
    stock: { ams: { mug: 5 } },
    steps: [place("one", { mug: 4 }), ...upToPacked("one"), ship("one", 1), ship("one")],
  },
  {
    name: "track and close",
    ends: { one: "closed" },
    stock: { ams: { mug: 5 } },
    steps: [
      place("one", { mug: 1 }),
      ...upToPacked("one"),
      ship("one"),
      track("one", "delivered", 2),
      track("one", "in_transit", 1),
      track("one", "delivered", 2),
      { type: "wait", ms: 25_000 },
    ],
  },
  {
    name: "take a delivery back, and send a lost parcel once more",
    ends: { one: "allocated" },
    stock: { ams: { mug: 4 } },
    steps: [
      place("one", { mug: 2 }),
      ...upToPacked("one"),
      ship("one"),
      track("one", "delivered", 2),
      onShipment("one", (shipmentId, { tracking }) => ({
        type: "correct-tracking",
        shipmentId,
        was: reportOf(tracking[0] ?? { status: "delivered", occurredAt: "" }),
        reason: "another parcel",
      })),
      track("one", "exception", 3),
      onShipment("one", (shipmentId) => ({ type: "note", shipmentId, text: "Not to be found" })),
      onShipment("one", (shipmentId) => ({
        type: "set-tracking-numbers",
        shipmentId,
        trackingNumbers: ["T1", "T2"],
      })),
      onShipment("one", (shipmentId) => ({ type: "reship", shipmentId, reason: "lost" })),
    ],
  },
  {
    name: "take goods back, and give them to who waits",
    ends: { one: "shipped", two: "allocated" },
    stock: { ams: { mug: 3 } },
    steps: [
      place("one", { mug: 3 }),
      ...upToPacked("one"),
      ship("one"),
      place("two", { mug: 1 }, backorder),
      returnUnits("one", 3),
      onReturn("one", (returnId) => ({ type: "authorize-return", returnId })),
      onReturn("one", (returnId) => ({ type: "ship-return", returnId, carrier: "DHL" })),
      onReturn("one", (returnId) => ({
        type: "receive-return",
        returnId,
        lines: [{ lineId: "1", quantity: 2 }],
      })),
      inspect("one", "scrap"),
      onReturn("one", (returnId) => ({ type: "close-return", returnId })),
      inspect("one", "restock"),
    ],
  },
  {
    name: "decline a return, cancel one, and take goods over the counter",
    ends: { one: "shipped" },
    stock: { ams: { mug: 2 } },
    steps: [
      place("one", { mug: 2 }),
      ...upToPacked("one"),
      ship("one"),
      returnUnits("one", 2),
      onReturn("one", (returnId) => ({ type: "decline-return", returnId, reason: "worn" })),
      returnUnits("one", 1),
      onReturn("one", (returnId) => ({ type: "cancel-return", returnId, reason: "keeps it" })),
      command("one", () => ({
        type: "request-return",
        goodsBack: true,
        lines: [{ lineId: "1", quantity: 1, reason: "unwanted" }],
        received: {
          locationId: "ber",
          inspected: [{ lineId: "1", quantity: 1, disposition: "restock", accepted: true }],
        },
      })),
    ],
  },
  {
    name: "exchange what has come back for other goods, on an order that was closed",
    ends: { one: "shipped" },
    stock: { ams: { mug: 2, cup: 3 } },
    steps: [
      place("one", { mug: 2 }),
      ...upToPacked("one"),
      ship("one"),
      track("one", "delivered", 1),
      { type: "wait", ms: 25_000 },
      exchange("one", "received"),
      onReturn("one", (returnId) => ({ type: "authorize-return", returnId })),
      onReturn("one", (returnId) => ({ type: "receive-return", returnId })),
      inspect("one", "restock"),
      ...(["accept", "pick"] as const).map((type) =>
        command("one", (order) => ({ type, fulfillmentOrderId: fulfillmentOf(order, 1).id }))
      ),
      command("one", (order) => ({
        ...{ type: "ship", fulfillmentOrderId: fulfillmentOf(order, 1).id, carrier: "DHL" },
      })),
    ],
  },
  {
    name: "take out what was to be exchanged, and give it to who waits",
    ends: { one: "shipped", two: "allocated" },
    stock: { ams: { mug: 2, cup: 1 } },
    steps: [
      place("one", { mug: 2 }),
      ...upToPacked("one"),
      ship("one"),
      exchange("one", "now"),
      place("two", { cup: 1 }, backorder),
      onReturn("one", (returnId) => ({ type: "authorize-return", returnId })),
      onReturn("one", (returnId) => ({ type: "cancel-return", returnId, reason: "kept" })),
    ],
  },
  {
    name: "pick up",
    ends: { one: "closed" },
    stock: { ams: { mug: 5 } },
    steps: [
      place("one", {}, {
        lines: [{
          sku: "mug",
          quantity: 2,
          unitPrice: { amount: "3.50", currency: "USD" },
          fulfillment: { method: "pickup", locationId: "ams" },
        }],
      }),
      fulfill("one", "accept"),
      fulfill("one", "pick"),
      fulfill("one", "ready-for-pickup"),
      fulfill("one", "collect"),
      { type: "wait", ms: 25_000 },
    ],
  },
  {
    name: "reject, and go elsewhere",
    ends: { one: "allocated" },
    stock: { ams: { mug: 3 }, ber: { mug: 2 } },
    steps: [place("one", { mug: 3 }), reject("one"), receive("cdg", "mug", 1)],
  },
  {
    name: "change stock",
    ends: { one: "allocated" },
    stock: { ams: { mug: 3 } },
    steps: [
      receive("ams", "cup", 2),
      {
        type: "ask",
        request: () => ({
          type: "count",
          count: { locationId: "ams", counts: [{ sku: "mug", onHand: 7 }] },
        }),
      },
      {
        type: "ask",
        request: () => ({
          type: "safety stock",
          levels: { locationId: "ams", levels: [{ sku: "mug", safetyStock: 2 }] },
        }),
      },
      place("one", { mug: 5 }),
    ],
  },
  {
    name: "set stock aside, and let a channel sell less and more",
    ends: { one: "allocated", two: "allocated" },
    stock: { ams: { mug: 5 }, ber: { mug: 3 } },
    steps: [
      move("ams", "mug", 2, "available", "damaged"),
      sells({ locationIds: ["ams"], buffer: { units: 1 } }),
      place("one", { mug: 4 }, backorder),
      move("ams", "mug", 2, "damaged", "available"),
      sells({ buffer: { units: 2 } }),
      place("two", { mug: 3 }, backorder),
      // By then whoever gives stock to those who wait has looked at it.
      { type: "wait", ms: 3_000 },
      sells({}),
    ],
  },
  {
    name: "capture what leaves, each once",
    isPaid: true,
    ends: { one: "shipped" },
    stock: { ams: { mug: 9 } },
    steps: [
      { type: "ask", request: () => saveCard },
      place("one", { mug: 2 }, paidBy("authorized", "14.00")),
      ...upToPacked("one"),
      ship("one", 1),
      untilOthersCall,
      ship("one", 1),
      untilOthersCall,
    ],
  },
  {
    name: "give back what is cancelled and given off, each once",
    isPaid: true,
    ends: { one: "allocated", two: "cancelled" },
    stock: { ams: { mug: 9 } },
    steps: [
      { type: "ask", request: () => saveCard },
      place("one", { mug: 1 }, paidBy("captured", "7.00")),
      place("two", { mug: 1 }, paidBy("captured", "3.50")),
      command("two", () => ({ type: "cancel", reason: "changed mind" })),
      command("one", () => ({
        ...{ type: "refund", goodwill: true, reason: "scratched" },
        amount: { amount: "1.01", currency: "USD" },
      })),
      untilOthersCall,
    ],
  },
  {
    name: "credit what came back, and give its money back, each once",
    isPaid: true,
    ends: { one: "shipped" },
    stock: { ams: { mug: 9 } },
    steps: [
      { type: "ask", request: () => saveCard },
      place("one", { mug: 1 }, paidBy("captured", "3.50")),
      ...upToPacked("one"),
      ship("one", 1),
      command("one", () => ({
        ...{ type: "request-return", goodsBack: true },
        lines: [{ lineId: "1", quantity: 1, reason: "unwanted" }],
        received: {
          locationId: "ams",
          inspected: [{ lineId: "1", quantity: 1, disposition: "restock", accepted: true }],
        },
      })),
      command("one", () => ({ type: "refund", reason: "came back", credit: {} })),
      untilOthersCall,
    ],
  },
  {
    name: "release what waits for a promised payment, once it is seen",
    isPaid: true,
    ends: { one: "allocated" },
    stock: { ams: { mug: 9 } },
    steps: [
      { type: "ask", request: () => saveCard },
      place("one", { mug: 1 }, {
        ...paidBy("promised", "3.50"),
        paymentPolicy: { fulfillWhen: "authorized" },
      }),
      command("one", (order) => ({
        ...{ type: "resolve", paymentId: paymentIdOf(order.id, 1), outcome: "succeeded" },
        ...{ reference: "there", reason: "seen there" },
      })),
    ],
  },
  {
    name: "save locations and items",
    ends: {},
    stock: { ams: { mug: 3 } },
    steps: [
      { type: "ask", request: () => locationRequest("new") },
      { type: "ask", request: () => locationRequest("ams", false) },
      {
        type: "ask",
        request: () => ({
          type: "save item",
          item: { sku: "mug", name: "Mug", backorder: "never", digital: false },
        }),
      },
      { type: "ask", request: () => locationRequest("ams") },
    ],
  },
  {
    name: "import",
    ends: { A1: "allocated", A2: "allocated", A3: "allocated" },
    stock: { ams: { mug: 9, cup: 9 } },
    steps: [{
      type: "import",
      csv: [
        "externalId,sku,quantity,unitPrice,currency,customerName,country",
        "A1,mug,1,1.00,USD,Ada,NL",
        "A1,cup,2,2.00,USD,Ada,NL",
        "A2,mug,3,1.00,USD,Bob,NL",
        "A3,cup,1,2.00,USD,Cyd,NL",
      ].join("\n"),
    }],
  },
  ...reservationFlows(place),
];
