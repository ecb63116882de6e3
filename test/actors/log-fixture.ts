/** Lives of made-up orders for tests of the log's consumers: entries as the ledger writes them, and a recount. */
import { orders } from "../../src/order/definition.ts";
import { packText } from "../../src/store/values.ts";
import { orderKeys } from "../../src/order/keys.ts";
import { Effect } from "effect";
import fc from "fast-check";
import { fulfillmentOrderIdOf, orderIds, shipmentIdOf } from "../../src/order/ids.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { stockDelta } from "../../src/stock/stock.ts";
import type {
  FulfillmentOrder,
  FulfillmentOrderStatus,
  Order,
  OrderEvent,
  OrderStatus,
  Shipment,
  ShipmentStatus,
} from "../../src/order/order.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { keys } from "../../src/store/keys.ts";
import { fulfillmentChanges, type OrderRecord, shipmentChanges } from "../../src/order/record.ts";
import { type LogRecord } from "../../src/subject/record.ts";
import { type StoredLogEntry } from "../../src/store/log.ts";
import { type Mutation, Store } from "../../src/store/store.ts";
import { encodeJson, packValue, splitValue } from "../../src/store/values.ts";

export const startMs = 1_760_000_000_000;

/** One step in an order's life: which order, and what it then is. */
export interface Step {
  readonly order: number;
  readonly status: OrderStatus;
  /** A fulfillment order made at this location, or null for none. */
  readonly location: number | null;
  /** What becomes of the fulfillment orders that are there. */
  readonly fulfillment: FulfillmentOrderStatus;
  readonly units: number;
  /** What becomes of one of its shipments, which is made when it is not there. */
  readonly shipment?: { readonly n: number; readonly status: ShipmentStatus };
}

export const step = (orders: number): fc.Arbitrary<Step> =>
  fc.record({
    order: fc.nat(orders - 1),
    status: fc.constantFrom("held", "backordered", "allocated", "shipped", "closed", "cancelled"),
    location: fc.option(fc.nat(2)),
    fulfillment: fc.constantFrom("open", "accepted", "packed", "shipped", "cancelled"),
    units: fc.integer({ min: 1, max: 9 }),
    shipment: fc.record({
      n: fc.integer({ min: 1, max: 2 }),
      status: fc.constantFrom<ShipmentStatus>("shipped", "in_transit", "exception", "delivered"),
    }),
  }, { requiredKeys: ["order", "status", "location", "fulfillment", "units"] });

export const idOf = (order: number): string =>
  orderIds.of(startMs + order * 1_000, 0, String(order).padStart(10, "0"));
const channelOf = (order: number): string => ["web", "shop", "market"][order % 3] ?? "web";
export const locationName = (location: number): string => `location ${location}`;

const dayMs = 24 * 3_600_000;

/** Most are placed when they are made, some a little later, and some come from a file of earlier years. */
export const placedAtMs = (order: number): number =>
  startMs + order * 1_000 +
  ([0, 5, 9].includes(order % 10)
    ? 0
    : [1, 2].includes(order % 10)
    ? 2 * 3_600_000
    : -((order % 10) ** 4) * dayMs / 3);

const newOrder = (order: number): Order => {
  const at = instantOf(startMs + order * 1_000);
  return {
    id: idOf(order),
    channel: channelOf(order),
    externalId: `external-${order % 7}-${order}`,
    fingerprint: "",
    currency: "USD",
    ...(order % 2 === 0 ? { customerId: `customer-${order % 5}` } : {}),
    onShortage: "reject",
    metadata: {},
    status: "allocated",
    holds: [],
    allocating: false,
    closed: false,
    lines: [],
    totals: { subtotal: 0, discount: 0, tax: 0, shipping: 0, total: 0 },
    fulfillmentOrders: [],
    shipments: [],
    placedAt: instantOf(placedAtMs(order)),
    createdAt: at,
    updatedAt: at,
    version: 0,
  };
};

const shipmentsAfter = (order: Order, { shipment }: Step): readonly Shipment[] => {
  if (shipment === undefined) return order.shipments;
  const { n, status } = shipment;
  const id = shipmentIdOf(order.id, n);
  if (order.shipments.some((each) => each.id === id)) {
    return order.shipments.map((each) => each.id === id ? { ...each, status } : each);
  }
  return [...order.shipments, {
    id,
    fulfillmentOrderId: fulfillmentOrderIdOf(order.id, 1),
    locationId: locationName(n),
    status,
    carrier: "DHL",
    lines: [],
    tracking: [],
    shippedAt: order.createdAt,
  }];
};

/** Orders as they are after some steps, and the records that got them there. */
export class World {
  readonly orders = new Map<string, Order>();

  /** What the step does, as the log says it. */
  take(step: Step): OrderRecord {
    const { order: n, status, location, fulfillment, units } = step;
    const before = this.orders.get(idOf(n)) ?? null;
    const base = before ?? newOrder(n);
    const at = base.createdAt;
    const made: FulfillmentOrder[] = location === null || base.fulfillmentOrders.length > 2
      ? []
      : [{
        id: fulfillmentOrderIdOf(base.id, base.fulfillmentOrders.length + 1),
        status: "open",
        locationId: locationName(location),
        method: "ship",
        lines: [{ lineId: "1", sku: "mug", quantity: units, picked: 0, shipped: 0 }],
        packages: [],
        createdAt: at,
        updatedAt: at,
      }];
    const moved = base.fulfillmentOrders.map((each) =>
      each.status === fulfillment ? each : { ...each, status: fulfillment }
    );
    const after: Order = {
      ...base,
      status,
      fulfillmentOrders: [...moved, ...made],
      shipments: shipmentsAfter(base, step),
      version: base.version + 1,
    };
    this.orders.set(after.id, after);
    const events: OrderEvent[] = [
      ...(before === null ? [{ type: "order.placed", order: after } as const] : []),
      ...(made.length > 0
        ? [
          {
            type: "order.allocated",
            fulfillmentOrders: made,
            filled: [],
            complete: true,
          } as const,
        ]
        : []),
      { type: "order.released" },
    ];
    const shipments = shipmentChanges(before, after);
    return {
      kind: "order",
      orderId: after.id,
      channel: after.channel,
      ...(after.customerId === undefined ? {} : { customerId: after.customerId }),
      from: before?.status ?? null,
      to: after.status,
      version: after.version,
      at,
      by: "system",
      events,
      stock: made.map(({ locationId }) =>
        stockDelta(locationId ?? "", "mug", { reserved: units, onHand: units * 2 })
      ),
      fulfillment: fulfillmentChanges(before, after),
      ...(shipments.length === 0 ? {} : { shipments }),
    };
  }
}

const documentWrites = (order: Order): readonly Mutation[] => {
  const document: OrderDocument = {
    state: order,
    personal: { customer: { name: "Ada" } },
    history: [],
  };
  return [
    { type: "set", key: orderKeys.order(order.id), value: packText(orders.codec.pack(document)) },
    {
      type: "set",
      key: orderKeys.reference(order.channel, order.externalId),
      value: encodeJson({ orderId: order.id, fingerprint: "" }),
    },
  ];
};

let commits = 0;

/** Commits records as one log entry, with whatever else changes; answers with its position. */
export const commitRecords = Effect.fnUntraced(function* (
  records: readonly LogRecord[],
  options: {
    readonly atMs?: number;
    readonly orders?: readonly Order[];
    readonly mutations?: readonly Mutation[];
  } = {},
) {
  const store = yield* Store;
  const commitId = `commit-${commits++}`;
  const entry: StoredLogEntry = { commitId, at: instantOf(options.atMs ?? startMs), records };
  const { head, mutations } = splitValue(packValue(entry), {
    valueBytes: store.limits.valueBytes,
    stamp: commitId,
    previousParts: 0,
    partKey: (n, stamp) => keys.logPart(stamp, n),
  });
  const result = yield* store.commit({
    checks: [],
    mutations: [
      ...mutations,
      ...(options.orders ?? []).flatMap(documentWrites),
      ...(options.mutations ?? []),
    ],
    log: head,
  });
  return result.ok ? result.versionstamp : yield* Effect.die("a commit without checks was refused");
});

/** Takes steps in entries of a few records each, and commits the orders with them. */
export const commitSteps = Effect.fnUntraced(function* (
  world: World,
  steps: readonly Step[],
  recordsPerEntry = 5,
) {
  let position = "";
  for (let i = 0; i < steps.length; i += recordsPerEntry) {
    const records = steps.slice(i, i + recordsPerEntry).map((each) => world.take(each));
    const orders = [...new Set(records.map(({ orderId }) => orderId))].flatMap((id) => {
      const order = world.orders.get(id);
      return order === undefined ? [] : [order];
    });
    position = yield* commitRecords(records, { orders });
  }
  return position;
});
