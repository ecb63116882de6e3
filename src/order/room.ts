/**
 * The room of one commit: stock rows, their keys, and the fences of their locations. An order that needs more
 * is allocated, or cancelled, in several commits. Ids and SKUs may be long, with characters of four bytes
 * each, so bytes of keys may run out long before rows do.
 */
import { fenceKeyBytes, keyBytesOf } from "../kernel/key.ts";
import { textLimits } from "../kernel/limits.ts";
import { locationPartition, stockKey } from "../stock/keys.ts";
import { orderKeys } from "./keys.ts";
import type { Order, OrderFacts, OrderLine } from "./order.ts";
import { rankOf } from "./rank.ts";

/** The bounds of a commit, less the part of them that is used up. */
export interface CommitRoom {
  readonly rows: number;
  readonly locations: number;
  readonly keyBytes: number;
  /** Whether the rows are of lines that wait, and so have keys that are deleted. */
  readonly isOfWaiting: boolean;
  /** Fences that take no room: something else of the commit touches them. */
  readonly touched?: ReadonlySet<string> | undefined;
}

export const commitRoom = (facts: OrderFacts, isOfWaiting = false): CommitRoom => ({
  isOfWaiting,
  rows: facts.stockRowsPerCommit,
  locations: facts.locationsPerCommit,
  keyBytes: facts.keyBytesPerCommit,
  touched: facts.touchedFences,
});

const anyRank = rankOf({});

/** Bytes of the key under which an order waits for a SKU. */
const placeBytes = (orderId: string, sku: string): number =>
  keyBytesOf(orderKeys.backordered(sku, anyRank, orderId));

/** Bytes of the keys of a line that waits: the second one says that it is promised nothing. */
const waitingBytes = (orderId: string, sku: string): number =>
  placeBytes(orderId, sku) + keyBytesOf(orderKeys.unpromised(sku, anyRank, orderId));

/**
 * Bytes of a row's key, and of the key under which its line waits or waited: most changes touch one of each.
 */
const rowBytes = (
  orderId: string,
  locationId: string,
  sku: string,
  isOfWaiting: boolean,
): number =>
  keyBytesOf(stockKey(locationId, sku)) +
  (isOfWaiting ? waitingBytes(orderId, sku) : placeBytes(orderId, sku));

const locationBytes = (locationId: string): number => fenceKeyBytes(locationPartition(locationId));

/** Characters of four bytes each: there are no longer texts. */
const longest = (characters: number): string => "\u{10ffff}".repeat(characters);
const longestRowBytes = rowBytes(
  longest(textLimits.id),
  longest(textLimits.id),
  longest(textLimits.sku),
  true,
);
const longestLocationBytes = locationBytes(longest(textLimits.id));

/** Whether so many rows surely fit, however long their names are. Then nothing need be counted. */
export const surelyFit = (rows: number, locations: number, room: CommitRoom): boolean =>
  rows <= room.rows && locations <= room.locations &&
  rows * longestRowBytes + locations * longestLocationBytes <= room.keyBytes;

/** As much of a line as its stock rows follow from. */
export interface Goods {
  readonly sku: string;
  readonly components?: OrderLine["components"] | undefined;
}

/** The room of a commit that is taken. */
export class TakenRoom {
  #locations = new Set<string>();
  #rows = new Set<string>();
  #waiting = 0;
  #keyBytes = 0;

  constructor(
    private readonly order: Pick<Order, "id">,
    private readonly room: CommitRoom,
  ) {}

  /** Takes a row, unless there is no room for it; null is no location, and has no rows in the store. */
  row(locationId: string | null, sku: string): boolean {
    const row = `${locationId} ${sku}`;
    if (this.#rows.has(row)) return true;
    if (locationId === null) {
      if (!this.#hasRow()) return false;
      this.#rows.add(row);
      return true;
    }
    const isNew = !this.#locations.has(locationId) && !this.#isTouched(locationId);
    const keyBytes = this.#keyBytes +
      rowBytes(this.order.id, locationId, sku, this.room.isOfWaiting) +
      (isNew ? locationBytes(locationId) : 0);
    const fits = this.#hasRow() && keyBytes <= this.room.keyBytes &&
      (!isNew || this.#locations.size < this.room.locations);
    if (!fits) return false;
    if (isNew) this.#locations.add(locationId);
    this.#rows.add(row);
    this.#keyBytes = keyBytes;
    return true;
  }

  /** Takes a line that will wait for stock, or has waited: it counts as a row. */
  waiting(sku: string): boolean {
    const keyBytes = this.#keyBytes + waitingBytes(this.order.id, sku);
    if (!this.#hasRow() || keyBytes > this.room.keyBytes) return false;
    this.#waiting++;
    this.#keyBytes = keyBytes;
    return true;
  }

  /** The same for all goods of a line at a location: their rows are taken together or not at all. */
  goods(locationId: string | null, { sku, components }: Goods): boolean {
    return components === undefined
      ? this.row(locationId, sku)
      : this.together(() => components.every((each) => this.row(locationId, each.sku)));
  }

  /** The same for all goods for which a line waits, or has waited. */
  waitingGoods({ sku, components }: Goods): boolean {
    return components === undefined
      ? this.waiting(sku)
      : this.together(() => components.every((each) => this.waiting(each.sku)));
  }

  /** Takes all of something, or nothing where a part of it finds no room. */
  together(take: () => boolean): boolean {
    const before = { locations: new Set(this.#locations), rows: new Set(this.#rows) };
    const [waiting, keyBytes] = [this.#waiting, this.#keyBytes];
    if (take()) return true;
    this.#locations = before.locations;
    this.#rows = before.rows;
    this.#waiting = waiting;
    this.#keyBytes = keyBytes;
    return false;
  }

  get left(): CommitRoom {
    return {
      isOfWaiting: this.room.isOfWaiting,
      rows: this.room.rows - this.#rows.size - this.#waiting,
      locations: this.room.locations - this.#locations.size,
      keyBytes: this.room.keyBytes - this.#keyBytes,
      touched: this.room.touched,
    };
  }

  #isTouched(locationId: string): boolean {
    const { touched } = this.room;
    return touched !== undefined && touched.has(locationPartition(locationId));
  }

  #hasRow(): boolean {
    return this.#rows.size + this.#waiting < this.room.rows;
  }
}
