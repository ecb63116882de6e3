/** Reads what may be promised of SKUs, from their stock and the supply that is on its way. */
import { Effect } from "effect";
import { below, type Key } from "../../src/kernel/key.ts";
import { actorLimits } from "../../src/kernel/limits.ts";
import { stockBalance } from "../../src/stock/balance.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import {
  type DatedSupply,
  horizonOf,
  isOverdue,
  type Promisable,
  promisableOf,
  supplyEvents,
} from "../../src/supply/atp.ts";
import { supplyBalance } from "../../src/supply/balance.ts";
import { supplyAt, type SupplyLink, supplyOf } from "../../src/supply/keys.ts";
import { promiseLimits } from "../../src/supply/limits.ts";
import type { LocationDates } from "../../src/supply/promise-dates.ts";
import { Deciding } from "../aggregate/deciding.ts";
import { type BalanceRow, type BookList, Books } from "../balance/books.ts";

/** What was to be there, has not come, and does not count any more. */
export interface OverdueSupply extends SupplyLink {
  readonly units: number;
}

export interface SupplyFound {
  readonly promisable: (locationId: string, sku: string) => Promisable;
  readonly overdue: readonly OverdueSupply[];
  /** SKUs of which there is more supply than is looked at. */
  readonly cut: ReadonlySet<string>;
}

export interface SupplyQuery {
  readonly skus: readonly string[];
  readonly locationIds: readonly string[];
  readonly nowMs: number;
  readonly dates: Pick<LocationDates, "availableMs">;
}

const nameOf = (locationId: string, sku: string): string => `${locationId}\u0000${sku}`;

/** Links of one SKU, at most so many of a location; the rest of a location that has more is skipped. */
const linksOf = Effect.fnUntraced(function* (
  store: Store["Service"],
  sku: string,
  { skus, locationIds, nowMs }: SupplyQuery,
) {
  const { rowsPerQuestion, rowsPerRead: limit, rowsPerLocation } = promiseLimits;
  const share = Math.max(rowsPerLocation, rowsPerQuestion / skus.length);
  const wanted = new Set(locationIds);
  const [only] = locationIds;
  if (only === undefined) return { links: [], isCut: false };
  const { start, end } = wanted.size === 1 ? supplyAt(sku, only) : below(supplyOf(sku));
  const endMs = horizonOf(nowMs);
  const links: SupplyLink[] = [];
  let current = "";
  let ofCurrent = 0;
  let from: Key = start;
  for (let looked = 0; looked < share; looked += limit) {
    const entries = yield* store.list({ start: from, end, limit });
    for (const { value } of entries) {
      if (value === null) continue;
      const link = decodeJson<SupplyLink>(value);
      if (link.locationId !== current) [current, ofCurrent] = [link.locationId, 0];
      ofCurrent += link.dueMs < endMs ? 1 : rowsPerLocation;
      if (ofCurrent <= rowsPerLocation && wanted.has(current)) links.push(link);
    }
    const last = entries.at(-1);
    if (last === undefined || entries.length < limit) return { links, isCut: false };
    const isDone = ofCurrent >= rowsPerLocation || !wanted.has(current);
    from = isDone ? supplyAt(sku, current).end : [...last.key, ""];
  }
  return { links, isCut: true };
});

/** The supply as the books have it, with what this process is about to promise; null where they do not. */
const datedOf = (books: BookList, link: SupplyLink, availableMs: number): DatedSupply | null => {
  const book = books.bookOf(supplyBalance);
  const { supplyId, locationId, dueMs } = link;
  const row = book.row(locationId, supplyId);
  if (row === undefined) return null;
  const promised = row.reserved + row.claimed + book.held(locationId, supplyId);
  return { supplyId, dueMs, availableMs, expected: row.expected, promised };
};

/** All in one tick; null where a row is not known. */
const foundNow = (
  books: BookList,
  { skus, locationIds, nowMs, dates }: SupplyQuery,
  links: ReadonlyMap<string, readonly SupplyLink[]>,
): Omit<SupplyFound, "cut"> | null => {
  const stock = books.bookOf(stockBalance);
  const promisable = new Map<string, Promisable>();
  const overdue: OverdueSupply[] = [];
  for (const sku of skus) {
    for (const locationId of locationIds) {
      const available = stock.available(locationId, sku);
      if (available === undefined) return null;
      const name = nameOf(locationId, sku);
      const supplies: DatedSupply[] = [];
      for (const link of links.get(name) ?? []) {
        // What is late is waited for from now on.
        const availableMs = dates.availableMs(locationId, Math.max(nowMs, link.dueMs));
        const dated = datedOf(books, link, availableMs ?? Number.POSITIVE_INFINITY);
        if (dated === null) return null;
        supplies.push(dated);
        if (isOverdue(dated, nowMs)) overdue.push({ ...link, units: dated.expected });
      }
      const found = promisableOf(supplyEvents(nowMs, available, supplies));
      if (found.length > 0) promisable.set(name, found);
    }
  }
  return {
    promisable: (locationId, sku) => promisable.get(nameOf(locationId, sku)) ?? [],
    overdue,
  };
};

const rowsOf = (query: SupplyQuery, links: readonly SupplyLink[]): readonly BalanceRow[] => [
  ...query.skus.flatMap((sku) =>
    query.locationIds.map((space) => ({ balance: stockBalance.name, space, row: sku }))
  ),
  ...links.map(({ locationId, supplyId }) => ({
    balance: supplyBalance.name,
    space: locationId,
    row: supplyId,
  })),
];

/** A range is read for each SKU, and all rows that memory does not have at once. */
export const readSupply = Effect.fnUntraced(function* (
  query: SupplyQuery,
): Effect.fn.Return<SupplyFound, StoreError, Store | Books | Deciding> {
  const store = yield* Store;
  const books = yield* Books;
  const deciding = yield* Deciding;
  const read = yield* Effect.forEach(query.skus, (sku) => linksOf(store, sku, query), {
    concurrency: promiseLimits.concurrentReads,
  });
  const links = read.flatMap((each) => each.links);
  const cut = new Set(query.skus.filter((_, index) => read[index]?.isCut));
  const grouped = Map.groupBy(links, ({ locationId, sku }) => nameOf(locationId, sku));
  const rows = rowsOf(query, links);
  for (let tries = 0; tries < actorLimits.decisionTries; tries++) {
    const found = foundNow(books, query, grouped);
    if (found !== null) return { ...found, cut };
    yield* deciding.loadRows(rows);
  }
  // Others change these rows faster than they can be read: what is not known is not promised.
  return { promisable: () => [], overdue: [], cut: new Set(query.skus) };
});
