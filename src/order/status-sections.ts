/** Members of the status about orders: sums of what their records count, for a key's scope. Pure. */
import { type Instant, instantOf } from "../kernel/instant.ts";
import { statusLimits } from "../status/limits.ts";
import type { Scope } from "../kernel/principal.ts";
import { type Counts, onlyKey, type TallyReader } from "../subject/tally.ts";
import { orderStatuses } from "./order.ts";
import { openFulfillmentStatuses } from "./status.ts";

/** Tallies that the records of orders are counted in. Part of how counters are saved. */
export const orderTallies = {
  /** Orders by channel and status. */
  orders: "orders",
  /** Fulfillment orders by location and status. */
  fulfillment: "fulfillment",
  /** Shipments that the carrier last said cannot be delivered as planned, by location. */
  exceptions: "exceptions",
  /** Payments that somebody has to look after, by channel. */
  paymentAttention: "payment_attention",
} as const;

/** Stands for the location of fulfillment orders without one: digital delivery. */
export const noLocation = "";

/** Rates of orders and shipments, counted by the second. */
export const rateNames = ["placed", "allocated", "shipped", "cancelled"] as const;
export type RateName = (typeof rateNames)[number];

/** Series of placed orders and their units, counted by the minute. */
const minuteNames = ["orders", "units"] as const;

export interface LongestWaiting {
  readonly id: string;
  readonly locationId?: string | null;
  readonly since: Instant;
  readonly waitingSeconds: number;
}

/** The longest waiting of each kind; null when nothing waits. */
export interface Oldest {
  readonly held: LongestWaiting | null;
  readonly backordered: LongestWaiting | null;
  readonly openFulfillmentOrder: LongestWaiting | null;
}

type ByStatus = Readonly<Record<string, number>>;

export interface OrderSections {
  /** Absent for keys of one location. */
  readonly orders?: { readonly total: number; readonly byStatus: ByStatus };
  /** These are absent for keys of one channel. */
  readonly fulfillmentOrders?: {
    readonly open: number;
    readonly byStatus: ByStatus;
    readonly byLocation: readonly {
      /** Null for digital delivery. */
      readonly locationId: string | null;
      readonly open: number;
      readonly byStatus: ByStatus;
    }[];
  };
  readonly shipments?: {
    /** The carrier last reported an exception. */
    readonly exception: number;
    /** Locations that have any. */
    readonly byLocation: readonly { readonly locationId: string; readonly exception: number }[];
  };
  /** Absent for keys of one location. */
  readonly payments?: { readonly attention: number };
  /** The rest only for keys that see everything. Per second. */
  readonly rates?: Readonly<
    Record<RateName, { readonly lastTenSeconds: number; readonly lastMinute: number }>
  >;
  /**
   * Orders and units that were placed in each minute of the last hour, oldest first; the last minute goes on.
   */
  readonly lastHour?: {
    readonly from: Instant;
    readonly orders: readonly number[];
    readonly units: readonly number[];
  };
}

/** Members of the status about orders that are read from the store. */
export interface OrderLooks {
  /** Only for keys that see everything. */
  readonly oldest?: Oldest;
}

const merged = (groups: Iterable<Counts>): Counts => {
  const sums = new Map<string, number>();
  for (const counts of groups) {
    for (const [status, n] of counts) sums.set(status, (sums.get(status) ?? 0) + n);
  }
  return sums;
};

const openOf = (counts: Counts): number =>
  openFulfillmentStatuses.reduce((sum, status) => sum + (counts.get(status) ?? 0), 0);

const byName = <A>([one]: readonly [string, A], [other]: readonly [string, A]): number =>
  one < other ? -1 : 1;

const within = ({ locationId }: Scope) => ([name]: readonly [string, Counts]): boolean =>
  locationId === undefined || name === locationId;

const ordersOf = (counts: Counts): NonNullable<OrderSections["orders"]> => ({
  total: [...counts.values()].reduce((sum, n) => sum + n, 0),
  byStatus: Object.fromEntries(orderStatuses.map((status) => [status, counts.get(status) ?? 0])),
});

const fulfillmentOf = (
  groups: readonly (readonly [string, Counts])[],
): NonNullable<OrderSections["fulfillmentOrders"]> => {
  const all = merged(groups.map(([, counts]) => counts));
  return {
    open: openOf(all),
    byStatus: Object.fromEntries(all),
    byLocation: groups.toSorted(byName).map(([locationId, counts]) => ({
      locationId: locationId === noLocation ? null : locationId,
      open: openOf(counts),
      byStatus: Object.fromEntries(counts),
    })),
  };
};

const shipmentsOf = (
  groups: readonly (readonly [string, Counts])[],
): NonNullable<OrderSections["shipments"]> => {
  const byLocation = groups.toSorted(byName)
    .map(([locationId, counts]) => ({ locationId, exception: counts.get(onlyKey) ?? 0 }))
    .filter(({ exception }) => exception > 0);
  return { exception: byLocation.reduce((sum, { exception }) => sum + exception, 0), byLocation };
};

const paymentsOf = (groups: Iterable<Counts>): NonNullable<OrderSections["payments"]> => ({
  attention: merged(groups).get(onlyKey) ?? 0,
});

const rounded = (perSecond: number): number => Math.round(perSecond * 100) / 100;

const ratesOf = (counted: TallyReader, nowMs: number): NonNullable<OrderSections["rates"]> => {
  const rate = (name: RateName) => ({
    lastTenSeconds: rounded(counted.perSecond(name, nowMs, 10)),
    lastMinute: rounded(counted.perSecond(name, nowMs, 60)),
  });
  return {
    placed: rate("placed"),
    allocated: rate("allocated"),
    shipped: rate("shipped"),
    cancelled: rate("cancelled"),
  };
};

const lastHourOf = (
  counted: TallyReader,
  nowMs: number,
): NonNullable<OrderSections["lastHour"]> => {
  const first = Math.floor(nowMs / 60_000) - statusLimits.minutesShown + 1;
  const [orders, units] = minuteNames;
  return {
    from: instantOf(first * 60_000),
    orders: counted.lastMinutes(orders, nowMs, statusLimits.minutesShown),
    units: counted.lastMinutes(units, nowMs, statusLimits.minutesShown),
  };
};

/**
 * A key of one channel sees the channel's orders, a key of one location the location's; a key of both sees no
 * sums.
 */
export const orderSections = (
  counted: TallyReader,
  scope: Scope,
  nowMs: number,
): OrderSections & Readonly<Record<string, unknown>> => {
  const { channel, locationId } = scope;
  const channels = counted.groups(orderTallies.orders);
  const attention = counted.groups(orderTallies.paymentAttention);
  if (channel !== undefined) {
    if (locationId !== undefined) return {};
    const counts = attention.get(channel);
    return {
      orders: ordersOf(channels.get(channel) ?? new Map()),
      payments: paymentsOf(counts === undefined ? [] : [counts]),
    };
  }
  const places = {
    fulfillmentOrders: fulfillmentOf(
      [...counted.groups(orderTallies.fulfillment)].filter(within(scope)),
    ),
    shipments: shipmentsOf([...counted.groups(orderTallies.exceptions)].filter(within(scope))),
  };
  if (locationId !== undefined) return places;
  return {
    orders: ordersOf(merged(channels.values())),
    ...places,
    payments: paymentsOf(attention.values()),
    rates: ratesOf(counted, nowMs),
    lastHour: lastHourOf(counted, nowMs),
  };
};
