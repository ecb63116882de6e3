/** The status page's data: counters as people read them, and only what a key may see. Pure. */
import type { Scope } from "../kernel/principal.ts";
import { type Instant, instantOf } from "../kernel/instant.ts";
import { logLimits, statusLimits } from "../kernel/limits.ts";
import { type FulfillmentOrderStatus, orderStatuses } from "../order/order.ts";
import type { SetAside } from "../store/documents.ts";
import type { Position } from "../store/log.ts";
import type { StoreTrouble } from "../store/store.ts";
import {
  noLocation,
  type RateName,
  type StatusCounters,
  type StatusCounts,
  type UnitSums,
} from "./counters.ts";

/** Fulfillment orders in these statuses still need work. */
export const openFulfillmentStatuses = [
  "open",
  "accepted",
  "partially_picked",
  "picked",
  "packed",
  "ready_for_pickup",
  "partially_shipped",
] as const satisfies readonly FulfillmentOrderStatus[];

export interface Waiting {
  readonly id: string;
  readonly locationId?: string | null;
  readonly since: Instant;
  readonly waitingSeconds: number;
}

/** The longest waiting of each kind; null when nothing waits. */
export interface Oldest {
  readonly held: Waiting | null;
  readonly backordered: Waiting | null;
  readonly openFulfillmentOrder: Waiting | null;
}

export interface ConsumerLag {
  readonly name: string;
  readonly position: Position;
  readonly entriesBehind: number;
  readonly secondsBehind: number;
}

/** Whether the store takes commits; if not, since when, and why as far as is known. */
export interface StoreState {
  readonly takesCommits: boolean;
  readonly since?: Instant;
  readonly reason?: StoreTrouble;
}

export interface ConsumerState extends ConsumerLag {
  /** Entries that it could not handle: while there are any, what it keeps is incomplete. */
  readonly setAside: number;
}

/** Units, and what may be promised of them. */
export interface Units extends Readonly<UnitSums> {
  readonly available: number;
}

export interface StatusSnapshot {
  readonly at: Instant;
  /** Everything up to this log position is counted. */
  readonly position: Position;
  /** Absent for keys of one location. */
  readonly orders?: {
    readonly total: number;
    readonly byStatus: Readonly<Record<string, number>>;
  };
  /** These are absent for keys of one channel. */
  readonly fulfillmentOrders?: {
    readonly open: number;
    readonly byStatus: Readonly<Record<string, number>>;
    readonly byLocation: readonly {
      /** Null for digital delivery. */
      readonly locationId: string | null;
      readonly open: number;
      readonly byStatus: Readonly<Record<string, number>>;
    }[];
  };
  readonly shipments?: {
    /** The carrier last reported an exception. */
    readonly exception: number;
    /** Locations that have any. */
    readonly byLocation: readonly { readonly locationId: string; readonly exception: number }[];
  };
  readonly units?: Units & {
    readonly byLocation: readonly (Units & { readonly locationId: string })[];
  };
  /** The rest only for keys that see everything. Per second. */
  readonly rates?: Readonly<
    Record<RateName, { readonly lastTenSeconds: number; readonly lastMinute: number }>
  >;
  /** What was placed in each minute of the last hour, oldest first; the last minute goes on. */
  readonly lastHour?: {
    readonly from: Instant;
    readonly orders: readonly number[];
    readonly units: readonly number[];
  };
  readonly oldest?: Oldest;
  readonly consumers?: readonly ConsumerState[];
  readonly stream?: { readonly readers: number };
  readonly store?: StoreState;
  /** Log entries that a consumer could not handle, the oldest ones of each. */
  readonly setAside?: readonly SetAside[];
}

/** What a snapshot tells beside the counters. */
export interface SnapshotFacts {
  readonly nowMs: number;
  readonly oldest: Oldest;
  readonly consumers: readonly ConsumerLag[];
  readonly setAside: readonly SetAside[];
  readonly streamReaders: number;
  readonly store: StoreState;
}

const merged = (groups: Iterable<StatusCounts>): StatusCounts => {
  const sums: StatusCounts = new Map();
  for (const counts of groups) {
    for (const [status, n] of counts) sums.set(status, (sums.get(status) ?? 0) + n);
  }
  return sums;
};

const openOf = (counts: StatusCounts): number =>
  openFulfillmentStatuses.reduce((sum, status) => sum + (counts.get(status) ?? 0), 0);

const unitsOf = (sums: UnitSums): Units => ({
  ...sums,
  available: sums.onHand - sums.reserved - sums.unavailable - sums.safetyStock,
});

const byName = <A>([one]: readonly [string, A], [other]: readonly [string, A]): number =>
  one < other ? -1 : 1;

const ordersOf = (counts: StatusCounts): NonNullable<StatusSnapshot["orders"]> => ({
  total: [...counts.values()].reduce((sum, n) => sum + n, 0),
  byStatus: Object.fromEntries(orderStatuses.map((status) => [status, counts.get(status) ?? 0])),
});

const fulfillmentOf = (
  groups: readonly (readonly [string, StatusCounts])[],
): NonNullable<StatusSnapshot["fulfillmentOrders"]> => {
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
  groups: readonly (readonly [string, number])[],
): NonNullable<StatusSnapshot["shipments"]> => ({
  exception: groups.reduce((sum, [, exception]) => sum + exception, 0),
  byLocation: groups.toSorted(byName).map(([locationId, exception]) => ({
    locationId,
    exception,
  })),
});

const unitsByLocation = (
  groups: readonly (readonly [string, UnitSums])[],
): NonNullable<StatusSnapshot["units"]> => {
  const all: UnitSums = { onHand: 0, reserved: 0, unavailable: 0, safetyStock: 0 };
  for (const [, sums] of groups) {
    all.onHand += sums.onHand;
    all.reserved += sums.reserved;
    all.unavailable += sums.unavailable;
    all.safetyStock += sums.safetyStock;
  }
  return {
    ...unitsOf(all),
    byLocation: groups.toSorted(byName).map(([locationId, sums]) => ({
      locationId,
      ...unitsOf(sums),
    })),
  };
};

const rounded = (perSecond: number): number => Math.round(perSecond * 100) / 100;

const ratesOf = (counters: StatusCounters, nowMs: number): NonNullable<StatusSnapshot["rates"]> => {
  const tenSeconds = counters.rates(nowMs, 10);
  const minute = counters.rates(nowMs, 60);
  const rate = (name: RateName) => ({
    lastTenSeconds: rounded(tenSeconds[name]),
    lastMinute: rounded(minute[name]),
  });
  return {
    placed: rate("placed"),
    allocated: rate("allocated"),
    shipped: rate("shipped"),
    cancelled: rate("cancelled"),
  };
};

const lastHourOf = (
  counters: StatusCounters,
  nowMs: number,
): NonNullable<StatusSnapshot["lastHour"]> => {
  const minutes = counters.minutes(nowMs, statusLimits.minutesShown);
  const first = Math.floor(nowMs / 60_000) - statusLimits.minutesShown + 1;
  return {
    from: instantOf(first * 60_000),
    orders: minutes.map(({ orders }) => orders),
    units: minutes.map(({ units }) => units),
  };
};

export const snapshotOf = (
  counters: StatusCounters,
  scope: Scope,
  facts: SnapshotFacts,
): StatusSnapshot => {
  const { channel, locationId } = scope;
  const head = { at: instantOf(facts.nowMs), position: counters.position };
  const within = <A>([name]: readonly [string, A]) =>
    locationId === undefined || name === locationId;
  if (channel !== undefined) {
    return locationId !== undefined
      ? head
      : { ...head, orders: ordersOf(counters.orders.get(channel) ?? new Map()) };
  }
  const places = {
    fulfillmentOrders: fulfillmentOf([...counters.fulfillment].filter(within)),
    shipments: shipmentsOf([...counters.exceptions].filter(within)),
    units: unitsByLocation([...counters.units].filter(within)),
  };
  if (locationId !== undefined) return { ...head, ...places };
  return {
    ...head,
    orders: ordersOf(merged(counters.orders.values())),
    ...places,
    rates: ratesOf(counters, facts.nowMs),
    lastHour: lastHourOf(counters, facts.nowMs),
    oldest: facts.oldest,
    consumers: facts.consumers.map((lag) => ({
      ...lag,
      setAside: facts.setAside.filter(({ consumer }) => consumer === lag.name).length,
    })),
    setAside: facts.setAside.slice(0, logLimits.setAsideShown),
    stream: { readers: facts.streamReaders },
    store: facts.store,
  };
};
