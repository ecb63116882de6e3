/** The orders that wait for a SKU, in the order in which they are served. */
import { Effect } from "effect";
import { below, type Key } from "../../src/kernel/key.ts";
import { orders } from "../../src/order/definition.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { orderIds } from "../../src/order/ids.ts";
import { orderKeys } from "../../src/order/keys.ts";
import { backorderLimits } from "../../src/order/limits.ts";
import { serveOrder, type Waiting } from "../../src/order/rank.ts";
import { type Backorder, backorderOf } from "../../src/order/waiting.ts";
import { indexLimits } from "../../src/store/limits.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { Listing } from "../index/listing.ts";
import { FirstCome, waitingPlaceOf } from "./first-come.ts";

/** Where a walk through those who wait goes on. */
export interface BackorderCursor {
  /** The last one that was seen. */
  readonly last: Waiting;
  /** Behind which the orders begin that are sorted with it. */
  readonly sortedBehind: Pick<Waiting, "rank" | "id">;
  /** How many wait before these. */
  readonly before: number;
}

export interface BackorderOf {
  readonly document: OrderDocument;
  readonly backorder: Backorder;
  /** From 1, among all that wait for the SKU. */
  readonly position: number;
  readonly cursor: BackorderCursor;
}

const beginning: BackorderCursor = {
  last: { rank: "", place: "", id: "" },
  sortedBehind: { rank: "", id: "" },
  before: 0,
};

const rankPattern = /^\d{16}$/;
const placePattern = /^[0-9a-zA-Z]{0,40}$/;
const countPattern = /^\d{1,9}$/;
const idPattern = new RegExp(`^${orderIds.prefix}_[0-9a-z_]{1,50}$`);

export const cursorLength = 6;

export const textsOfCursor = (
  { last, sortedBehind, before }: BackorderCursor,
): readonly string[] => [
  ...[last.rank, last.place, last.id],
  ...[sortedBehind.rank, sortedBehind.id, String(before)],
];

/** Null where the texts are of no such cursor. */
export const cursorOfTexts = (texts: readonly string[]): BackorderCursor | null => {
  const [rank = "", place = "", id = "", firstRank = "", firstId = "", before = ""] = texts;
  const isPlace = (rank: string, id: string) =>
    rank === "" && id === "" || rankPattern.test(rank) && idPattern.test(id);
  return isPlace(rank, id) && placePattern.test(place) && isPlace(firstRank, firstId) &&
      countPattern.test(before)
    ? {
      last: { rank, place, id },
      sortedBehind: { rank: firstRank, id: firstId },
      before: Number(before),
    }
    : null;
};

/** Orders whose keys follow each other, as they are served. */
interface Sorted {
  readonly behind: BackorderCursor["sortedBehind"];
  readonly before: number;
  readonly waiting: readonly Waiting[];
  /** The last of their keys; null where none follow. */
  readonly next: BackorderCursor["sortedBehind"] | null;
}

const readSorted = Effect.fnUntraced(function* (
  sku: string,
  behind: BackorderCursor["sortedBehind"],
  before: number,
): Effect.fn.Return<Sorted, StoreError, Store | FirstCome> {
  const store = yield* Store;
  const firstCome = yield* FirstCome;
  const { start, end } = below(orderKeys.backordered(sku));
  const from: Key = behind.id === ""
    ? start
    : [...orderKeys.backordered(sku, behind.rank, behind.id), ""];
  const limit = backorderLimits.ordersCompared;
  const places = (yield* store.list({ start: from, end, limit })).map(waitingPlaceOf);
  const last = places.at(-1);
  return {
    ...{ behind, before },
    waiting: yield* firstCome.placed(places),
    next: places.length < limit || last === undefined
      ? null
      : { rank: last.rank, id: last.orderId },
  };
});

/**
 * Pages of those who wait for a SKU and pass: as many are sorted at once as are where they are served. A page may be
 * short, and still have a next one.
 */
export const backordersOf = (sku: string, passes: (document: OrderDocument) => boolean) => {
  let sorted: Sorted | null = null;
  return Effect.fnUntraced(function* (limit: number, cursor: BackorderCursor = beginning) {
    const listing = yield* Listing;
    const rows: BackorderOf[] = [];
    let { last } = cursor;
    if (sorted?.behind.id !== cursor.sortedBehind.id) {
      sorted = yield* readSorted(sku, cursor.sortedBehind, cursor.before);
    }
    for (let scanned = 0; scanned < indexLimits.documentsScannedPerPage;) {
      const { waiting, behind, before, next }: Sorted = sorted;
      const found = waiting.findIndex((each) => serveOrder(each, last) > 0);
      const first = found < 0 ? waiting.length : found;
      const part = waiting.slice(first, first + limit - rows.length);
      const documents = yield* listing.documents(orders, part.map(({ id }) => id));
      const documentOf = new Map(documents.map(({ id, document }) => [id, document]));
      for (const [n, each] of part.entries()) {
        last = each;
        const document = documentOf.get(each.id);
        const backorder = document === undefined ? null : backorderOf(document.state, sku);
        if (document === undefined || backorder === null || !passes(document)) continue;
        rows.push({
          ...{ document, backorder, position: before + first + n + 1 },
          cursor: { last, sortedBehind: behind, before },
        });
      }
      scanned += part.length;
      const isAtEnd = first + part.length >= waiting.length;
      if (isAtEnd && next === null) return { rows, next: null };
      if (rows.length === limit) break;
      if (!isAtEnd || next === null) continue;
      sorted = yield* readSorted(sku, next, before + waiting.length);
      last = beginning.last;
    }
    return {
      rows,
      next: { last, sortedBehind: sorted.behind, before: sorted.before } satisfies BackorderCursor,
    };
  });
};
