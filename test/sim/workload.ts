/** What clients ask for: every command that there is, mostly where it makes sense, sometimes where not. */
import type { Item } from "../../src/catalog/catalog.ts";
import { unmade } from "../../src/catalog/kit.ts";
import type { Saved } from "../../src/subject/reference.ts";
import type {
  FulfillmentAction,
  FulfillmentOrder,
  Order,
  OrderCommand,
  OrderLine,
  Shipment,
  TrackingReport,
  TrackingStatus,
} from "../../src/order/order.ts";
import { holdCodes } from "../../src/order/order.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { supportedActions } from "../../src/order/status.ts";
import { reportOf } from "../../src/order/tracking.ts";
import type { Request, Shown } from "./operation.ts";
import type { Chance } from "./random.ts";
import { type KnownReturns, returnCommand } from "./return-requests.ts";

export const goods = ["mug", "cup", "pot", "jar"] as const;
/** Never backordered. */
const rare = "rare";
/** Needs no stock. */
const digital = "song";

/** Sold as one: what is asked for instead of one of the goods in every third order. */
const kitInsteadOf: Readonly<Record<string, string>> = { mug: "set", pot: "pair" };
/** The second is made of more or fewer jars from time to time. */
export const kitItem = (sku: "set" | "pair", jars = 1): Omit<Item, keyof Saved> => ({
  ...{ sku, name: sku, digital: false },
  kit: unmade(
    sku === "set"
      ? { components: [{ sku: "mug", quantity: 1 }, { sku: "cup", quantity: 2 }], ship: "together" }
      : {
        components: [{ sku: "pot", quantity: 1 }, { sku: "jar", quantity: jars }],
        ship: "separately",
      },
  ),
});

export const channelNames = ["web", "market"] as const;
const customers = ["ada", "bob", undefined] as const;

export const locationIds = (count: number): readonly string[] =>
  ["ams", "ber", "cdg", "dub", "edi"].slice(0, count);

/** As much of an order as one must know to ask for something. */
export interface KnownOrder
  extends Pick<Order, "id" | "version" | "status" | "holds" | "fulfillmentOrders"> {
  readonly lines: readonly Pick<OrderLine, "id" | "quantity">[];
  readonly shipments: readonly Pick<Shipment, "id" | "tracking">[];
  readonly returns?: KnownReturns["returns"] | undefined;
}

/** Aggregates of one kind as clients have seen them; newer versions replace older ones. */
export class Seen<Known extends Shown> {
  readonly #byId = new Map<string, Known>();

  see(one: Known): void {
    const known = this.#byId.get(one.id);
    if (known === undefined || known.version < one.version) this.#byId.set(one.id, one);
  }

  find(id: string): Known | undefined {
    return this.#byId.get(id);
  }

  get all(): readonly Known[] {
    return [...this.#byId.values()];
  }
}

/** Of orders. */
export class Knowledge<Known extends KnownOrder = Order> extends Seen<Known> {
  get orders(): readonly Known[] {
    return this.all;
  }
}

/**
 * Whose order it is: personal in every member that may be, and of no other order, so that it is known again
 * wherever it does not belong.
 */
const contactOf = (
  externalId: string,
  id: string | undefined,
): Pick<PlaceOrderRequest, "customer" | "shippingAddress" | "billingAddress"> => {
  const name = `Ada Example of ${externalId}`;
  const at = (street: string) => ({
    name,
    company: `${externalId} and Daughters`,
    line1: `${street} ${externalId}`,
    line2: `Floor of ${externalId}`,
    city: "Utrecht",
    phone: `+31 30 555 ${externalId}`,
    country: "NL",
  });
  return {
    customer: {
      ...(id === undefined ? {} : { id }),
      name,
      email: `ada+${externalId}@example.org`,
      phone: `+31 6 555 ${externalId}`,
    },
    shippingAddress: at("Long Lane"),
    billingAddress: at("Bank Street"),
  };
};

/** What of a request the log may say nowhere, as this workload makes requests: no id has any of it. */
export const privateTextsOf = (
  { customer, shippingAddress, billingAddress }: PlaceOrderRequest,
): readonly string[] => {
  const ofAddress = (address: typeof shippingAddress) => [
    address?.name,
    address?.company,
    address?.line1,
    address?.line2,
    address?.phone,
  ];
  return [
    customer.name,
    customer.email,
    customer.phone,
    ...ofAddress(shippingAddress),
    ...ofAddress(billingAddress),
  ].filter((text) => text !== undefined);
};

const amount = (units: number) => ({ amount: `${units}.50`, currency: "USD" });

export const locationRequest = (id: string, active = true): Request => ({
  type: "save location",
  location: { id, name: `Location ${id}`, type: "warehouse", address: { country: "NL" }, active },
});

/** Charges of every fifth order; every second of these says another total than its parts make. */
const chargesOf = (n: number): Partial<PlaceOrderRequest> =>
  n % 5 !== 0 ? {} : {
    taxesIncluded: n % 3 === 0,
    discounts: [{ code: "WELCOME", amount: amount(0) }],
    shipping: { amount: amount(6), discount: amount(1), taxRatePercent: "19" },
    fees: [{ code: "gift_wrap", amount: amount(2), tax: amount(0) }],
    ...(n % 2 === 0 ? { channelTotal: amount(1) } : {}),
  };

/** What the store is stocked with before anything else happens. */
export const preparation = (chance: Chance, locations: number): readonly Request[] => {
  // Where stock is thin, orders reach over many locations.
  const most = locations > 4 ? 3 : 8;
  return [
    ...locationIds(locations).map((id) => locationRequest(id)),
    { type: "save item", item: { sku: rare, name: "Rare", backorder: "never", digital: false } },
    { type: "save item", item: { sku: digital, name: "Song", digital: true } },
    { type: "save item", item: kitItem("set") },
    { type: "save item", item: kitItem("pair") },
    ...locationIds(locations).map((locationId): Request => ({
      type: "adjust",
      adjustment: {
        locationId,
        reason: "received",
        changes: [...goods, rare].map((sku) => ({ sku, delta: chance.between(0, most) }))
          .filter(({ delta }) => delta > 0),
      },
    })).filter((request) => request.type === "adjust" && request.adjustment.changes.length > 0),
  ];
};

/** An order of which nothing but its number says anything, so that it leaves as soon as somebody ships it. */
export const orderToShip = (externalId: string): PlaceOrderRequest => ({
  ...{ channel: "web", externalId, currency: "USD" },
  ...contactOf(externalId, undefined),
  onShortage: "reject",
  lines: [{ sku: "mug", quantity: 2, unitPrice: amount(10) }],
});

/** Whether anything left that may come back: what is digital never does. */
const hasLeft = ({ fulfillmentOrders }: KnownOrder): boolean =>
  fulfillmentOrders.some(({ locationId, lines }) =>
    locationId !== null && lines.some(({ shipped }) => shipped > 0)
  );

/** When some need their lines: between the dates of what is on its way. */
const neededAt = "2030-01-15T08:00:00.000Z";

/** Some are served before others, and some leave as a whole or wait. */
const urgencyOf = (n: number): Partial<PlaceOrderRequest> => ({
  ...(n % 4 === 3 ? { priority: n % 10 } : {}),
  ...(n % 7 === 5 ? { shipComplete: true } : {}),
});

/** How often clients ask for what, each as its weight says. */
export interface Habits {
  readonly place: number;
  readonly order: number;
  readonly stock: number;
  readonly catalog: number;
  readonly get: number;
}

const usualHabits: Habits = { place: 32, order: 42, stock: 14, catalog: 6, get: 9 };

export class Workload {
  #placed: PlaceOrderRequest[] = [];
  #orders = 0;

  constructor(
    readonly chance: Chance,
    readonly knowledge: { readonly orders: readonly KnownOrder[] },
    readonly locations: readonly string[],
    /** Keeps the numbers of its orders apart from those of others. */
    readonly name: string,
    readonly habits: Habits = usualHabits,
  ) {}

  next(): Request {
    const { chance } = this;
    const kind = chance.weighted({ ...this.habits });
    const known = this.knowledge.orders;
    if (kind === "stock") return this.#stock();
    if (kind === "catalog") return this.#catalog();
    if (kind === "place" || known.length === 0) return { type: "place", order: this.newOrder() };
    const order = chance.pick(known);
    return kind === "get"
      ? { type: "get", orderId: order.id }
      : { type: "command", orderId: order.id, command: this.commandTo(order) };
  }

  /** A new order; now and then one of before. */
  newOrder(): PlaceOrderRequest {
    const { chance } = this;
    // Now and then the same order again, or another with its number.
    if (this.#placed.length > 0 && chance.happens(0.1)) {
      const again = chance.pick(this.#placed);
      return chance.happens(0.7) ? again : { ...again, customer: { name: "Somebody Else" } };
    }
    const customer = chance.pick(customers);
    const channel = chance.pick(channelNames);
    const externalId = `${this.name}-${this.#orders++}`;
    const order: PlaceOrderRequest = {
      channel,
      externalId,
      currency: "USD",
      ...contactOf(externalId, customer),
      onShortage: chance.weighted({ reject: 2, backorder: 3, partial: 2, hold: 2 }),
      // Wide ones need many locations, and so several commits where a store takes few checks.
      lines: chance.happens(this.locations.length > 4 ? 0.3 : 0.1)
        ? this.#wideLines()
        : this.#lines(),
      ...chargesOf(this.#orders),
      ...urgencyOf(this.#orders),
    };
    this.#placed.push(order);
    return order;
  }

  #lines(): PlaceOrderRequest["lines"] {
    const { chance } = this;
    return Array.from({ length: chance.between(1, 4) }, () => {
      const plain = chance.happens(0.08)
        ? digital
        : chance.happens(0.08)
        ? rare
        : chance.pick(goods);
      const sku = this.#orders % 3 === 0 ? kitInsteadOf[plain] ?? plain : plain;
      const method = chance.weighted({ none: 8, pickup: sku === digital ? 0 : 1.5, ship: 0.5 });
      return {
        sku,
        quantity: chance.between(1, 4),
        unitPrice: amount(chance.between(1, 20)),
        ...(this.#orders % 5 === 2 ? { neededAt } : {}),
        ...(method === "none" ? {} : {
          fulfillment: {
            method: sku === digital ? "digital" as const : method,
            ...(sku === digital ? {} : { locationId: chance.pick(this.locations) }),
          },
        }),
      };
    });
  }

  #wideLines(): PlaceOrderRequest["lines"] {
    const quantity = this.chance.between(5, 10);
    return goods.map((sku) => ({ sku, quantity, unitPrice: amount(1) }));
  }

  /** A command to an order, mostly one that it allows. */
  commandTo(order: KnownOrder): OrderCommand {
    const { chance } = this;
    const kind = chance.weighted({
      fulfill: 60,
      hold: 6,
      release: 8,
      cancel: 14,
      track: 20,
      close: 2,
      return: hasLeft(order) ? 30 : 1,
    });
    const line = chance.pick(order.lines);
    switch (kind) {
      case "hold":
        return { type: "hold", code: holdCodes[line.quantity], reason: "to be checked" };
      case "release": {
        const first = order.holds[0];
        const one = first !== undefined && line.quantity % 2 === 1;
        return { type: "release", ...(one ? { codes: [first.code] } : {}) };
      }
      case "close":
        return { type: "close" };
      case "cancel":
        return chance.happens(0.4) ? { type: "cancel", reason: "changed her mind" } : {
          type: "cancel",
          reason: "one less",
          lines: [{ lineId: line.id, quantity: chance.between(1, line.quantity) }],
        };
      case "track": {
        const shipment = order.shipments.length === 0 ? null : chance.pick(order.shipments);
        return shipment === null ? this.#fulfill(order) : this.#onShipment(shipment);
      }
      case "fulfill":
        return this.#fulfill(order);
      case "return":
        return returnCommand(chance, order, this.locations);
    }
  }

  #report(): TrackingReport {
    const { chance } = this;
    const statuses: readonly TrackingStatus[] = ["in_transit", "exception", "delivered"];
    // Now and then from so far ahead that nobody believes it.
    const year = chance.happens(0.05) ? 2099 : 2020;
    return {
      status: chance.pick(statuses),
      occurredAt: `${year}-01-01T0${chance.between(0, 9)}:00:00.000Z`,
    };
  }

  #onShipment({ id: shipmentId, tracking }: KnownOrder["shipments"][number]): OrderCommand {
    const { chance } = this;
    switch (chance.weighted({ track: 70, correct: 10, number: 5, note: 5, reship: 10 })) {
      case "track":
        return { type: "track", shipmentId, ...this.#report() };
      case "correct":
        return {
          type: "correct-tracking",
          shipmentId,
          was: tracking.length === 0 ? this.#report() : reportOf(chance.pick(tracking)),
          becomes: chance.happens(0.5) ? this.#report() : undefined,
          reason: "a mistake",
        };
      case "number":
        return {
          type: "set-tracking-numbers",
          shipmentId,
          carrier: chance.happens(0.5) ? "UPS" : undefined,
          trackingNumbers: [`T${chance.between(1, 3)}`, "T1"],
        };
      case "note":
        return { type: "note", shipmentId, text: `look at it, ${chance.between(1, 9)}` };
      case "reship":
        return { type: "reship", shipmentId, reason: "lost" };
    }
  }

  #fulfill(order: KnownOrder): OrderCommand {
    const { chance } = this;
    if (order.fulfillmentOrders.length === 0) return { type: "release" };
    const fulfillmentOrder = chance.pick(order.fulfillmentOrders);
    const supported = supportedActions(fulfillmentOrder, order);
    const any: readonly FulfillmentAction[] = ["accept", "pick", "ship", "collect", "reject"];
    const forward = supported.filter((action) => action !== "reject");
    const action = supported.length === 0 || chance.happens(0.05)
      ? chance.pick(any)
      : forward.length > 0 && chance.happens(0.88)
      ? chance.pick(forward)
      : chance.pick(supported);
    return this.#action(action, fulfillmentOrder);
  }

  #action(type: FulfillmentAction, { id, lines }: FulfillmentOrder): OrderCommand {
    const { chance } = this;
    const fulfillmentOrderId = id;
    const some = () => {
      const line = chance.pick(lines);
      const quantity = chance.between(1, Math.max(1, line.quantity - line.shipped));
      return chance.happens(0.25) ? [{ lineId: line.lineId, quantity }] : undefined;
    };
    switch (type) {
      case "reject":
        return { type, fulfillmentOrderId, reason: "not found" };
      case "pick":
        return { type, fulfillmentOrderId, lines: some() };
      case "pack":
        return { type, fulfillmentOrderId, packages: [{ weightGrams: 500 }] };
      case "ship":
        return { type, fulfillmentOrderId, carrier: "DHL", lines: some() };
      case "accept":
      case "ready-for-pickup":
      case "collect":
        return { type, fulfillmentOrderId };
    }
  }

  #stock(): Request {
    const { chance } = this;
    const locationId = chance.pick(this.locations);
    const sku = chance.pick(goods);
    switch (chance.weighted({ receive: 6, damage: 2, count: 2, safety: 1 })) {
      case "receive":
        return {
          type: "adjust",
          adjustment: {
            locationId,
            reason: "received",
            changes: [{ sku, delta: chance.between(1, 6) }, { sku: rare, delta: 1 }],
          },
        };
      case "damage":
        return {
          type: "adjust",
          adjustment: {
            locationId,
            reason: "damaged",
            changes: chance.happens(0.5)
              ? [{ sku, delta: -chance.between(1, 3) }]
              : [{ sku, delta: 0, unavailable: chance.pick([1, -1]) }],
          },
        };
      case "count":
        return {
          type: "count",
          count: { locationId, counts: [{ sku, onHand: chance.between(0, 12) }] },
        };
      case "safety":
        return {
          type: "safety stock",
          levels: { locationId, levels: [{ sku, safetyStock: chance.between(0, 2) }] },
        };
    }
  }

  #saveItem(sku: string, n: number): Request {
    const item = sku === "jar" && n > 6
      ? kitItem("pair", n - 6)
      : { sku, name: `Name ${n}`, digital: false };
    return { type: "save item", item };
  }

  #catalog(): Request {
    const { chance } = this;
    return chance.happens(0.5)
      ? locationRequest(chance.pick(this.locations), chance.happens(0.5))
      : this.#saveItem(chance.pick(goods), chance.between(1, 9));
  }
}
