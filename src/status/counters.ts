/** What the status page counts: nothing but the fold of the log, so that a recount finds the same. Pure. */
import { epochMsOf } from "../kernel/instant.ts";
import { logLimits, statusLimits, streamLimits } from "../kernel/limits.ts";
import type { StockDelta } from "../stock/stock.ts";
import type { SetAside } from "../store/documents.ts";
import {
  beginning,
  type FulfillmentChange,
  type LogEntry,
  type LogRecord,
  type OrderRecord,
  type Position,
  type ShipmentChange,
} from "../store/log.ts";
import { digestOf } from "../store/log-record.ts";

export const rateNames = ["placed", "allocated", "shipped", "cancelled"] as const;
export type RateName = (typeof rateNames)[number];

/** Orders or shipments that something happened to within one second. */
export type SecondCounts = Record<RateName, number>;

/** Orders placed within one minute, and their units. */
export interface MinuteCounts {
  orders: number;
  units: number;
}

/** Sums over all SKUs of a location. */
export interface UnitSums {
  onHand: number;
  reserved: number;
  unavailable: number;
  safetyStock: number;
}

/** How many there are of each status. */
export type StatusCounts = Map<string, number>;

/** Fulfillment orders without a location: digital delivery. */
export const noLocation = "";

/** The saved form: tuples instead of objects, since channels and locations may have any name. */
export interface SavedCounters {
  readonly format: 1;
  readonly position: Position;
  /** Entries up to there that are not counted. Counters saved by earlier versions have none. */
  readonly setAside?: readonly SetAside[];
  readonly entries: number;
  readonly marks: readonly Position[];
  readonly orders: readonly (readonly [string, readonly (readonly [string, number])[]])[];
  readonly fulfillment: readonly (readonly [string, readonly (readonly [string, number])[]])[];
  readonly units: readonly (readonly [string, UnitSums])[];
  readonly seconds: readonly (readonly [number, SecondCounts])[];
  /** By minute since 1970. Counters saved by earlier versions have none. */
  readonly minutes?: readonly (readonly [number, MinuteCounts])[];
  /** By location. Counters saved by earlier versions have none. */
  readonly exceptions?: readonly (readonly [string, number])[];
}

const count = (
  groups: Map<string, StatusCounts>,
  group: string,
  status: string,
  change: number,
): void => {
  let counts = groups.get(group);
  if (counts === undefined) {
    counts = new Map();
    groups.set(group, counts);
  }
  const now = (counts.get(status) ?? 0) + change;
  if (now === 0) counts.delete(status);
  else counts.set(status, now);
};

/** All that counts of a record: whatever is wrong with it shows before anything is counted. */
interface RecordFacts {
  readonly order: OrderRecord | null;
  readonly stock: readonly StockDelta[];
  readonly fulfillment: readonly FulfillmentChange[];
  readonly shipmentChanges: readonly ShipmentChange[];
  readonly isAllocated: boolean;
  readonly shipments: number;
  readonly units: number;
}

const nothing: RecordFacts = {
  order: null,
  stock: [],
  fulfillment: [],
  shipmentChanges: [],
  isAllocated: false,
  shipments: 0,
  units: 0,
};

const wholeDelta = ({ onHand, reserved, unavailable, safetyStock }: StockDelta): boolean =>
  [onHand, reserved, unavailable, safetyStock].every(Number.isInteger);

const stockOf = (stock: readonly StockDelta[]): readonly StockDelta[] => {
  if (!stock.every(wholeDelta)) throw new TypeError("A change of stock is no number.");
  return stock;
};

const fulfillmentOf = (
  changes: readonly FulfillmentChange[],
): readonly FulfillmentChange[] => {
  if (!changes.every(({ to }) => typeof to === "string")) {
    throw new TypeError("A fulfillment order has no status.");
  }
  return changes;
};

const shipmentsOf = (changes: readonly ShipmentChange[]): readonly ShipmentChange[] => {
  if (
    !changes.every(({ locationId, to }) => typeof locationId === "string" && typeof to === "string")
  ) {
    throw new TypeError("A shipment has no location or no status.");
  }
  return changes;
};

const factsOf = (record: LogRecord): RecordFacts => {
  if (record.kind === "stock") return { ...nothing, stock: stockOf(record.stock) };
  if (record.kind !== "order") return nothing;
  if (typeof record.to !== "string") throw new TypeError("An order has no status.");
  const { types, unitsPlaced } = digestOf(record);
  return {
    order: record,
    stock: stockOf(record.stock),
    fulfillment: fulfillmentOf(record.fulfillment),
    shipmentChanges: record.shipments === undefined ? [] : shipmentsOf(record.shipments),
    isAllocated: types.includes("order.allocated"),
    shipments: types.filter((type) => type === "shipment.created").length,
    units: unitsPlaced,
  };
};

export class StatusCounters {
  /** Up to here everything is counted. */
  position: Position = beginning;
  /** Log entries since the beginning of the log. */
  entries = 0;
  /** Orders by channel and status. */
  readonly orders = new Map<string, StatusCounts>();
  /** Fulfillment orders by location and status. */
  readonly fulfillment = new Map<string, StatusCounts>();
  /** Shipments that the carrier last said cannot be delivered as planned, by location. */
  readonly exceptions = new Map<string, number>();
  readonly units = new Map<string, UnitSums>();
  /** By second since 1970. */
  readonly #seconds = new Map<number, SecondCounts>();
  /** By minute since 1970. */
  readonly #minutes = new Map<number, MinuteCounts>();
  /** Every so many entries a position, oldest first: tells how far back a position is. */
  #marks: Position[] = [];

  /** Entries up to the position that are not counted, oldest first. */
  setAside: readonly SetAside[] = [];

  /** Counts all of the entry, or throws and counts nothing of it. */
  apply(entry: LogEntry): void {
    const facts = entry.records.map(factsOf);
    this.#pass(entry.position);
    this.#count(facts, entry);
  }

  /** Leaves out an entry that cannot be counted. */
  skip(entry: SetAside): void {
    this.#pass(entry.position);
    this.setAside = [...this.setAside, entry].slice(-logLimits.setAsideListed);
  }

  /**
   * Counts an entry that was left out: sums do not mind the order. Exceptions do, which are never fewer than
   * none: one that ended before its beginning is counted stays counted until the next recount.
   */
  applySkipped(entry: LogEntry): void {
    if (!this.setAside.some(({ position }) => position === entry.position)) return;
    this.#count(entry.records.map(factsOf), entry);
    this.setAside = this.setAside.filter(({ position }) => position !== entry.position);
  }

  /** Whether more entries came after a position than a reader may resume over. */
  isTooOld(position: Position): boolean {
    const oldest = this.#marks[0];
    return this.#marks.length >= marksKept && oldest !== undefined && position < oldest;
  }

  /** Events of each kind per second, over the whole seconds before now. */
  rates(nowMs: number, overSeconds: number): SecondCounts {
    const now = Math.floor(nowMs / 1_000);
    const sums: SecondCounts = { placed: 0, allocated: 0, shipped: 0, cancelled: 0 };
    for (const [second, counts] of this.#seconds) {
      if (second >= now || second < now - overSeconds) continue;
      for (const name of rateNames) sums[name] += counts[name];
    }
    for (const name of rateNames) sums[name] /= overSeconds;
    return sums;
  }

  /** What was placed in each of the last minutes, oldest first; the last is the one that goes on. */
  minutes(nowMs: number, length: number): readonly MinuteCounts[] {
    const now = Math.floor(nowMs / 60_000);
    return Array.from(
      { length },
      (_, i) => this.#minutes.get(now - length + 1 + i) ?? { orders: 0, units: 0 },
    );
  }

  save(): SavedCounters {
    const groups = (map: Map<string, StatusCounts>) =>
      [...map].map(([group, counts]) => [group, [...counts]] as const);
    return {
      format: 1,
      position: this.position,
      ...(this.setAside.length === 0 ? {} : { setAside: this.setAside }),
      entries: this.entries,
      marks: [...this.#marks],
      orders: groups(this.orders),
      fulfillment: groups(this.fulfillment),
      units: [...this.units].map(([locationId, sums]) => [locationId, { ...sums }] as const),
      seconds: [...this.#seconds].map(([second, counts]) => [second, { ...counts }] as const),
      minutes: [...this.#minutes].map(([minute, counts]) => [minute, { ...counts }] as const),
      exceptions: [...this.exceptions],
    };
  }

  static from(saved: SavedCounters): StatusCounters {
    const counters = new StatusCounters();
    counters.position = saved.position;
    counters.setAside = saved.setAside ?? [];
    counters.entries = saved.entries;
    counters.#marks = [...saved.marks];
    for (const [channel, counts] of saved.orders) counters.orders.set(channel, new Map(counts));
    for (const [location, counts] of saved.fulfillment) {
      counters.fulfillment.set(location, new Map(counts));
    }
    for (const [location, sums] of saved.units) counters.units.set(location, { ...sums });
    for (const [second, counts] of saved.seconds) counters.#seconds.set(second, { ...counts });
    for (const [minute, counts] of saved.minutes ?? []) counters.#minutes.set(minute, counts);
    for (const [location, n] of saved.exceptions ?? []) counters.exceptions.set(location, n);
    return counters;
  }

  #pass(position: Position): void {
    this.position = position;
    if (this.entries % statusLimits.entriesPerMark === 0) this.#mark(position);
    this.entries++;
  }

  #count(facts: readonly RecordFacts[], entry: LogEntry): void {
    for (const each of facts) {
      if (each.order !== null) this.#applyOrder(each.order, each, entry);
      for (const delta of each.stock) this.#applyStock(delta);
    }
  }

  #applyOrder(record: OrderRecord, facts: RecordFacts, entry: LogEntry): void {
    if (record.from !== record.to) {
      if (record.from !== null) count(this.orders, record.channel, record.from, -1);
      count(this.orders, record.channel, record.to, 1);
    }
    for (const { locationId, from, to } of facts.fulfillment) {
      if (from === to) continue;
      if (from !== null) count(this.fulfillment, locationId ?? noLocation, from, -1);
      count(this.fulfillment, locationId ?? noLocation, to, 1);
    }
    for (const change of facts.shipmentChanges) this.#applyShipment(change);
    const second = this.#second(entry);
    if (record.from === null) {
      second.placed++;
      this.#applyPlaced(facts.units, entry);
    }
    if (record.to === "cancelled" && record.from !== "cancelled") second.cancelled++;
    if (facts.isAllocated) second.allocated++;
    second.shipped += facts.shipments;
  }

  #applyShipment({ locationId, from, to }: ShipmentChange): void {
    if (from === to || (from !== "exception" && to !== "exception")) return;
    const known = this.exceptions.get(locationId) ?? 0;
    // Records of earlier versions did not say that an exception began, and one that ends without having
    // been counted must not hide later ones: so there are never fewer than none.
    const now = to === "exception" ? known + 1 : Math.max(0, known - 1);
    if (now === 0) this.exceptions.delete(locationId);
    else this.exceptions.set(locationId, now);
  }

  #applyStock(delta: StockDelta): void {
    let sums = this.units.get(delta.locationId);
    if (sums === undefined) {
      sums = { onHand: 0, reserved: 0, unavailable: 0, safetyStock: 0 };
      this.units.set(delta.locationId, sums);
    }
    sums.onHand += delta.onHand;
    sums.reserved += delta.reserved;
    sums.unavailable += delta.unavailable;
    sums.safetyStock += delta.safetyStock;
  }

  #second(entry: LogEntry): SecondCounts {
    const second = Math.floor(epochMsOf(entry.at) / 1_000);
    let counts = this.#seconds.get(second);
    if (counts === undefined) {
      counts = { placed: 0, allocated: 0, shipped: 0, cancelled: 0 };
      this.#seconds.set(second, counts);
      // Clocks of several processes may differ a little, so seconds need not come in order.
      while (this.#seconds.size > statusLimits.secondsKept) {
        this.#seconds.delete(Math.min(...this.#seconds.keys()));
      }
    }
    return counts;
  }

  #applyPlaced(units: number, entry: LogEntry): void {
    const minute = Math.floor(epochMsOf(entry.at) / 60_000);
    let counts = this.#minutes.get(minute);
    if (counts === undefined) {
      counts = { orders: 0, units: 0 };
      this.#minutes.set(minute, counts);
      while (this.#minutes.size > statusLimits.minutesKept) {
        this.#minutes.delete(Math.min(...this.#minutes.keys()));
      }
    }
    counts.orders++;
    counts.units += units;
  }

  #mark(position: Position): void {
    this.#marks.push(position);
    if (this.#marks.length > marksKept) this.#marks.shift();
  }
}

const marksKept = Math.ceil(streamLimits.resumeEntries / statusLimits.entriesPerMark) + 1;
