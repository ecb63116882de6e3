/** Reads what may be promised of SKUs, from their stock and the supply that is on its way. */
import { Effect } from "effect";
import type { DateRules } from "../../src/calendar/rules.ts";
import { below, type Key } from "../../src/kernel/key.ts";
import { actorLimits } from "../../src/kernel/limits.ts";
import { stockBalance } from "../../src/stock/balance.ts";
import type { Store, StoreError } from "../../src/store/store.ts";
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
import type { Deciding } from "../aggregate/deciding.ts";
import type { BalanceRow, BookList } from "../balance/books.ts";

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
  readonly rules: Pick<DateRules, "availableMs">;
}

const nameOf = (locationId: string, sku: string): string => `${locationId}\u0000${sku}`;

const byLocationAndSku = (links: readonly SupplyLink[]): ReadonlyMap<string, SupplyLink[]> =>
  Map.groupBy(links, ({ locationId, sku }) => nameOf(locationId, sku));

export const supplyReader = (
  store: Store["Service"],
  books: BookList,
  { loadRows }: Pick<Deciding["Service"], "loadRows">,
) => {
  /** Links of one SKU, at most so many of a location; the rest of a location that has more is skipped. */
  const linksOf = Effect.fnUntraced(function* (
    sku: string,
    { locationIds, nowMs }: SupplyQuery,
  ) {
    const wanted = new Set(locationIds);
    const [only = ""] = locationIds;
    const { start, end } = wanted.size === 1 ? supplyAt(sku, only) : below(supplyOf(sku));
    const endMs = horizonOf(nowMs);
    const links: SupplyLink[] = [];
    let current = "";
    let ofCurrent = 0;
    let looked = 0;
    for (let from: Key = start; looked < promiseLimits.rowsPerSku;) {
      const entries = yield* store.list({ start: from, end, limit: promiseLimits.rowsPerRead });
      looked += entries.length;
      for (const { value } of entries) {
        if (value === null) continue;
        const link = decodeJson<SupplyLink>(value);
        if (link.locationId !== current) [current, ofCurrent] = [link.locationId, 0];
        ofCurrent += link.dueMs < endMs ? 1 : promiseLimits.rowsPerLocation;
        if (ofCurrent <= promiseLimits.rowsPerLocation && wanted.has(current)) links.push(link);
      }
      const last = entries.at(-1);
      if (last === undefined || entries.length < promiseLimits.rowsPerRead) {
        return { links, isCut: false };
      }
      const isDone = ofCurrent >= promiseLimits.rowsPerLocation || !wanted.has(current);
      from = isDone ? supplyAt(sku, current).end : [...last.key, ""];
    }
    return { links, isCut: true };
  });

  const stockBook = books.bookOf(stockBalance);

  /** The supply as the books have it, holds of this process included; null where they do not. */
  const datedOf = (
    link: SupplyLink,
    availableMs: number,
  ): DatedSupply | null => {
    // Another engine's subjects may have no supply: then nothing points at any.
    const book = books.bookOf(supplyBalance);
    const { supplyId, locationId, dueMs } = link;
    const row = book.row(locationId, supplyId);
    if (row === undefined) return null;
    const promised = row.reserved + row.claimed + book.held(locationId, supplyId);
    return { supplyId, dueMs, availableMs, expected: row.expected, promised };
  };

  /** Decides in one tick; null where a row is not known. */
  const foundNow = (
    { skus, locationIds, nowMs, rules }: SupplyQuery,
    links: ReadonlyMap<string, readonly SupplyLink[]>,
  ): Omit<SupplyFound, "cut"> | null => {
    const promisable = new Map<string, Promisable>();
    const overdue: OverdueSupply[] = [];
    for (const sku of skus) {
      for (const locationId of locationIds) {
        const available = stockBook.available(locationId, sku);
        if (available === undefined) return null;
        const name = nameOf(locationId, sku);
        const supplies: DatedSupply[] = [];
        for (const link of links.get(name) ?? []) {
          const availableMs = rules.availableMs(locationId, Math.max(nowMs, link.dueMs));
          const dated = datedOf(link, availableMs ?? Number.POSITIVE_INFINITY);
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

  return Effect.fnUntraced(function* (
    query: SupplyQuery,
  ): Effect.fn.Return<SupplyFound, StoreError> {
    const read = yield* Effect.forEach(query.skus, (sku) => linksOf(sku, query), {
      concurrency: promiseLimits.concurrentReads,
    });
    const links = read.flatMap((each) => each.links);
    const cut = new Set(query.skus.filter((_, index) => read[index]?.isCut));
    const grouped = byLocationAndSku(links);
    const rows = rowsOf(query, links);
    for (let tries = 0; tries < actorLimits.decisionTries; tries++) {
      const found = foundNow(query, grouped);
      if (found !== null) return { ...found, cut };
      yield* loadRows(rows);
    }
    // Others change these rows faster than they can be read: what is not known is not promised.
    return { promisable: () => [], overdue: [], cut: new Set(query.skus) };
  });
};
