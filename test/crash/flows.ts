/** What is done to orders and stock from beginning to end: each row of the table is one flow. */
import type { FulfillmentOrder, Order, OrderCommand, Shipment } from "../../src/order/order.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
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

const command = (externalId: string, make: (order: Order) => OrderCommand): Step => ({
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

const track = (externalId: string, status: "in_transit" | "delivered", hour: number): Step =>
  command(externalId, (order) => ({
    type: "track",
    shipmentId: shipmentOf(order).id,
    status,
    occurredAt: `2030-01-01T0${hour}:00:00.000Z`,
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
];
