/**
 * Whole lives of orders as a stream of requests: place, accept, pick, pack, ship, deliver. One in ten is
 * cancelled, one in ten waits for stock that receipts bring. What is due next is always the oldest step that
 * can be taken; where there is none, a new order. Where orders are paid for, one in ten comes back and is
 * refunded.
 */
import { Schema, SchemaParser } from "effect";
import type { HttpRequest } from "../load/connection.ts";
import { orderStream, type StockPlan } from "./orders.ts";

const PlacedOrder = SchemaParser.decodeUnknownSync(Schema.fromJsonString(Schema.Struct({
  id: Schema.String,
  fulfillmentOrders: Schema.Array(Schema.Struct({ id: Schema.String })),
  shipments: Schema.Array(Schema.Struct({ id: Schema.String })),
})));

export interface LifeStep {
  readonly name: string;
  readonly request: HttpRequest;
  readonly expects: number;
  /** Takes the answer's body; further steps follow from it. */
  readonly done: (body: string) => void;
}

const scarceSku = "bench-late";
const scarceLocation = "bench-late";
/** Units that one receipt brings, for as many orders that wait. */
const receiptUnits = 10;

const post = (path: string, body: unknown): HttpRequest => ({
  method: "POST",
  path,
  body: JSON.stringify(body),
});

const nothing = (): void => {};

/** The provider of orders that are paid for. */
export const providerName = "bench";

/** More than any order of these costs: what is not captured at its shipment is given up with it. */
const paidBy = (isCaptured: boolean) => ({
  payments: [{
    provider: providerName,
    method: "card",
    amount: { amount: "10000.00", currency: "USD" },
    status: isCaptured ? "captured" : "authorized",
    reference: "bench",
  }],
});

export class LifeTraffic {
  readonly plan: StockPlan;
  readonly #order: ReturnType<typeof orderStream>["order"];
  readonly #ready: LifeStep[] = [];
  #head = 0;
  #placed = 0;
  #waitingUnits = 0;
  /** Fulfillment orders of which a unit comes back. */
  readonly #returning = new Set<string>();

  constructor(
    run: string,
    private readonly nowMs: () => number,
    private readonly isPaid = false,
  ) {
    const { plan, order } = orderStream("spread-skus", run);
    this.#order = order;
    this.plan = {
      locations: [...plan.locations, { id: scarceLocation, latitude: 60, longitude: 60 }],
      stock: plan.stock,
    };
  }

  /** Orders placed so far. */
  get placed(): number {
    return this.#placed;
  }

  next(): LifeStep {
    const step = this.#ready[this.#head];
    if (step === undefined) return this.#place(this.#placed++);
    this.#head++;
    if (this.#head === this.#ready.length) {
      this.#ready.length = 0;
      this.#head = 0;
    }
    return step;
  }

  /** The receipt for whoever still waits; undefined when nobody does. */
  lastReceipt(): LifeStep | undefined {
    if (this.#waitingUnits === 0) return undefined;
    const units = this.#waitingUnits;
    this.#waitingUnits = 0;
    return this.#receive(units);
  }

  #place(n: number): LifeStep {
    const order = this.#order(n);
    const kind = n % 10;
    if (kind === 5) {
      const lines = order.lines.slice(0, 1).map((line) => ({ ...line, sku: scarceSku }));
      return {
        name: "place",
        request: post("/v1/orders", { ...order, lines, onShortage: "backorder" }),
        expects: 201,
        done: () => {
          if (++this.#waitingUnits < receiptUnits) return;
          this.#waitingUnits = 0;
          this.#ready.push(this.#receive(receiptUnits));
        },
      };
    }
    const isReturned = this.isPaid && kind === 7;
    // Given back at once, so it is paid from the beginning; the others are captured at shipment.
    const isGivenBack = kind === 0 || isReturned;
    return {
      name: "place",
      request: post("/v1/orders", this.isPaid ? { ...order, ...paidBy(isGivenBack) } : order),
      expects: 201,
      done: (body) => {
        const { id, fulfillmentOrders } = PlacedOrder(body);
        if (kind === 0) this.#ready.push(this.#cancel(id));
        else for (const each of fulfillmentOrders) this.#ready.push(this.#accept(each.id));
        const [first] = fulfillmentOrders;
        if (isReturned && first !== undefined) this.#returning.add(first.id);
      },
    };
  }

  #receive(units: number): LifeStep {
    return {
      name: "receive",
      request: post("/v1/inventory/adjustments", {
        locationId: scarceLocation,
        reason: "received",
        changes: [{ sku: scarceSku, delta: units }],
      }),
      expects: 200,
      done: nothing,
    };
  }

  #cancel(orderId: string): LifeStep {
    return {
      name: "cancel",
      request: post(`/v1/orders/${orderId}/cancel`, { reason: "changed my mind" }),
      expects: 200,
      done: nothing,
    };
  }

  #act(id: string, action: string, body: unknown, done: (body: string) => void): LifeStep {
    return {
      name: action,
      request: post(`/v1/fulfillment-orders/${id}/${action}`, body),
      expects: 200,
      done,
    };
  }

  #accept(id: string): LifeStep {
    return this.#act(id, "accept", {}, () => this.#ready.push(this.#pick(id)));
  }

  #pick(id: string): LifeStep {
    return this.#act(id, "pick", {}, () => this.#ready.push(this.#pack(id)));
  }

  #pack(id: string): LifeStep {
    return this.#act(id, "pack", {}, () => this.#ready.push(this.#ship(id)));
  }

  #ship(id: string): LifeStep {
    return this.#act(id, "ship", { carrier: "bench", trackingNumber: `T-${id}` }, () => {
      this.#ready.push(this.#deliver(id, `shp_${id.slice("ful_".length)}`));
    });
  }

  #deliver(fulfillmentOrderId: string, shipmentId: string): LifeStep {
    return {
      name: "deliver",
      request: post(`/v1/shipments/${shipmentId}/tracking`, {
        status: "delivered",
        occurredAt: new Date(this.nowMs()).toISOString(),
      }),
      expects: 200,
      done: () => {
        if (!this.#returning.delete(fulfillmentOrderId)) return;
        const [, tail] = fulfillmentOrderId.split("_");
        this.#ready.push(this.#giveBack(`ord_${tail}`));
      },
    };
  }

  /** A unit comes back into the store, and is looked at there. */
  #giveBack(orderId: string): LifeStep {
    const lines = [{ lineId: "1", quantity: 1 }];
    const inspected = lines.map((line) => ({ ...line, disposition: "restock", accepted: true }));
    return {
      name: "return",
      request: post(`/v1/orders/${orderId}/returns`, {
        lines: lines.map((line) => ({ ...line, reason: "unwanted" })),
        received: { locationId: this.plan.locations[0]?.id, inspected },
      }),
      expects: 201,
      done: () => this.#ready.push(this.#refund(orderId)),
    };
  }

  #refund(orderId: string): LifeStep {
    return {
      name: "refund",
      request: {
        ...post(`/v1/orders/${orderId}/refunds`, { reason: "It came back", credit: {} }),
        headers: { "idempotency-key": `refund-${orderId}` },
      },
      expects: 200,
      done: nothing,
    };
  }
}
