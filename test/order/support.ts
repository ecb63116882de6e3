/** Orders, stock and commands for the tests of this folder: a small world that keeps its own books. */
import assert from "node:assert/strict";
import { Result } from "effect";
import type { SupplyLink } from "../../src/supply/keys.ts";
import { type Channel, poolOf } from "../../src/channel/channel.ts";
import type { Item } from "../../src/catalog/catalog.ts";
import { defaultItem } from "../../src/catalog/catalog.ts";
import { orderIds } from "../../src/order/ids.ts";
import { applyDelta, emptyRow, isSound, unspecifiedUnits } from "../../src/stock/stock.ts";
import type { StockRow } from "../../src/stock/stock.ts";
import { inStock, stockBalance } from "../../src/stock/balance.ts";
import { stockDeltasIn } from "../../src/stock/record.ts";
import { capture } from "../../src/order/capture.ts";
import { foldEvents } from "../../actors/aggregate/decision.ts";
import { decide } from "../../src/order/decide.ts";
import { orders } from "../../src/order/definition.ts";
import type { OrderDates } from "../../src/order/goods-dates.ts";
import type {
  Order,
  OrderCommand,
  OrderEvent,
  OrderFacts,
  OrderRejection,
  RoutingLocation,
} from "../../src/order/order.ts";
import type { ReturnRules } from "../../src/order/return.ts";
import { noRules } from "../../src/order/return-policy.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { type ProviderRules, rulesOf } from "../../src/payment/provider.ts";

export const now = "2026-03-01T12:00:00.000Z";
export const orderId = orderIds.of(Date.parse(now), 7, "0123456789");

export const gbp = (amount: string) => ({ amount, currency: "GBP" });

type Line = PlaceOrderRequest["lines"][number];

export const line = (sku: string, quantity: number, more: Partial<Line> = {}): Line => ({
  sku,
  quantity,
  unitPrice: gbp("2.50"),
  ...more,
});

export const request = (
  lines: readonly Line[],
  more: Partial<PlaceOrderRequest> = {},
): PlaceOrderRequest => ({
  channel: "web",
  externalId: "1001",
  currency: "GBP",
  customer: { name: "Ada" },
  shippingAddress: { country: "GB" },
  lines,
  ...more,
});

export const itemsOf = (
  ...items: readonly (Partial<Item> & { readonly sku: string })[]
): ReadonlyMap<string, Item> =>
  new Map(items.map((item) => [item.sku, { ...defaultItem(item.sku, now), ...item }]));

export const places = (...ids: readonly string[]): readonly RoutingLocation[] =>
  ids.map((id) => ({ id, active: true }));

const success = <A, E>(result: Result.Result<A, E>): A => {
  if (Result.isFailure(result)) assert.fail(`refused: ${JSON.stringify(result.failure)}`);
  return result.success;
};

/** An order after events of one moment, and their deltas of stock, as production folds them. */
export const applied = (before: Order, events: readonly OrderEvent[], at: string) => {
  const { state, balances } = foldEvents(
    orders,
    before,
    events,
    at,
    (effects) => inStock(stockBalance.merge(effects.flatMap((effect) => stockDeltasIn([effect])))),
  );
  return { order: state, stock: stockDeltasIn(balances) };
};

export interface WorldOptions {
  readonly locations?: readonly RoutingLocation[];
  readonly stock?: Readonly<Record<string, number>>;
  readonly items?: ReadonlyMap<string, Item>;
  /** Supply that is on its way. */
  readonly supply?: readonly (SupplyLink & { readonly units: number })[];
  /** Dates of locations that count days. */
  readonly dates?: OrderDates;
  /** SKUs for which another order waits without a promise. */
  readonly awaited?: readonly string[];
  readonly returnRules?: ReturnRules;
  readonly stockRowsPerCommit?: number;
  readonly locationsPerCommit?: number;
  readonly keyBytesPerCommit?: number;
  readonly providers?: Readonly<Record<string, ProviderRules>>;
  /** The settings of the order's channel. */
  readonly channel?: Channel;
}

/** One order in a world of stock. Stock is given as `{"north tea": 5}`. */
export class World {
  readonly rows = new Map<string, StockRow>();
  readonly locations: readonly RoutingLocation[];
  readonly history: OrderEvent[] = [];
  order: Order | null = null;
  readonly options: WorldOptions;

  constructor(options: WorldOptions = {}) {
    this.options = options;
    this.locations = options.locations ?? places("north", "south");
    for (const [row, units] of Object.entries(options.stock ?? {})) {
      const [locationId = "", sku = ""] = row.split(" ");
      this.arrive(locationId, sku, units);
    }
  }

  arrive(locationId: string, sku: string, units: number): void {
    const row = this.row(locationId, sku);
    this.rows.set(`${locationId} ${sku}`, { ...row, onHand: row.onHand + units });
  }

  row(locationId: string, sku: string): StockRow {
    return this.rows.get(`${locationId} ${sku}`) ?? emptyRow(locationId, sku);
  }

  facts(at = now): OrderFacts {
    const { channel } = this.options;
    return {
      now: at,
      by: "key_test",
      locations: this.locations,
      channel: channel === undefined ? undefined : poolOf([channel], channel.id, this.locations),
      dates: this.options.dates,
      item: (sku) => this.options.items?.get(sku) ?? null,
      available: (locationId, sku) => {
        const { onHand, reserved, unavailable } = this.row(locationId, sku);
        return onHand - reserved - unavailable;
      },
      supply: (sku) => (this.options.supply ?? []).filter((each) => each.sku === sku),
      expected: (locationId, supplyId) => this.expected(locationId, supplyId),
      isAwaited: (sku) => this.options.awaited?.includes(sku) ?? false,
      lotUnits: () => 0,
      setAside: (locationId, sku) => unspecifiedUnits(this.row(locationId, sku)),
      returnRules: () => this.options.returnRules ?? noRules,
      provider: (name) => this.options.providers?.[name] ?? rulesOf(name, () => null),
      stockRowsPerCommit: this.options.stockRowsPerCommit ?? 300,
      locationsPerCommit: this.options.locationsPerCommit ?? 90,
      keyBytesPerCommit: this.options.keyBytesPerCommit ?? 64_000,
    };
  }

  /** Units of a supply that this order has left. */
  private expected(locationId: string, supplyId: string): number {
    const found = this.options.supply?.find((each) => each.supplyId === supplyId);
    const promised = (this.order?.lines ?? []).flatMap(({ promises = [] }) => promises)
      .filter((each) => each.supplyId === supplyId);
    return found?.locationId !== locationId
      ? 0
      : promised.reduce((left, { quantity }) => left - quantity, found.units);
  }

  captured(placed: PlaceOrderRequest): Order {
    return success(capture(placed, {
      id: orderId,
      now,
      fingerprint: "f",
      items: this.options.items ?? new Map(),
      knownLocation: (id) => this.locations.some((location) => location.id === id),
    })).order;
  }

  private commit(before: Order, events: readonly OrderEvent[], at: string): Order {
    if (events.length === 0) return before;
    const { order, stock } = applied(before, events, at);
    for (const delta of stock) {
      const key = `${delta.locationId} ${delta.sku}`;
      const row = applyDelta(this.row(delta.locationId, delta.sku), delta);
      assert.ok(isSound(row), `unsound row ${JSON.stringify(row)}`);
      this.rows.set(key, row);
    }
    this.history.push(...events);
    this.order = { ...order, version: order.version + 1 };
    return this.order;
  }

  tryPlace(placed: PlaceOrderRequest): Result.Result<Order, OrderRejection> {
    const captured = this.captured(placed);
    return Result.map(
      decide(captured, { type: "place" }, this.facts()),
      (events) => this.commit(captured, events, now),
    );
  }

  tryDo(command: OrderCommand, at = now): Result.Result<Order, OrderRejection> {
    const { order } = this;
    if (order === null) assert.fail("no order");
    return Result.map(
      decide(order, command, this.facts(at)),
      (events) => this.commit(order, events, at),
    );
  }

  place(placed: PlaceOrderRequest): Order {
    return success(this.tryPlace(placed));
  }

  do(...commands: readonly OrderCommand[]): Order {
    let { order } = this;
    for (const command of commands) order = success(this.tryDo(command));
    if (order === null) assert.fail("no order");
    return order;
  }

  refused(command: OrderCommand): OrderRejection {
    const result = this.tryDo(command);
    if (Result.isSuccess(result)) assert.fail(`${command.type} was not refused`);
    return result.failure;
  }

  /** The id of the n-th fulfillment order, from 1. */
  fulfillmentOrder(n: number): string {
    const found = this.order?.fulfillmentOrders[n - 1];
    if (found === undefined) assert.fail(`no fulfillment order ${n}`);
    return found.id;
  }

  /** Everything up to the point where the n-th fulfillment order can leave. */
  prepare(n: number): string {
    const fulfillmentOrderId = this.fulfillmentOrder(n);
    this.do(
      { type: "accept", fulfillmentOrderId },
      { type: "pick", fulfillmentOrderId },
      { type: "pack", fulfillmentOrderId },
    );
    return fulfillmentOrderId;
  }

  shipAll(n: number): string {
    const fulfillmentOrderId = this.prepare(n);
    const order = this.do({ type: "ship", fulfillmentOrderId, carrier: "Royal Mail" });
    return order.shipments.at(-1)?.id ?? assert.fail("no shipment");
  }
}

export const types = (events: readonly OrderEvent[]): readonly string[] =>
  events.map(({ type }) => type);
