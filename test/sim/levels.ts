/** What the other end of a stock feed was told, and what it must have at last. */
import type { StockFeed } from "../../src/stock-feed/feed.ts";
import type { StockRow } from "../../src/stock/stock.ts";
import type { Arrival } from "./sink.ts";

/** One request, as it arrived or was tried. */
export interface ToldLevels {
  readonly type: string;
  readonly sequence: string;
  readonly levels: readonly { readonly sku: string; readonly available: number }[];
  readonly atMs: number;
}

export const toldBy = ({ body, atMs }: Arrival): ToldLevels => {
  const { type, data: { sequence, levels } } = JSON.parse(body);
  return { type, sequence, levels, atMs };
};

/** What a receiver has that keeps of each SKU what came with the greatest sequence. */
export const keptOf = (told: readonly ToldLevels[]): ReadonlyMap<string, number> => {
  const kept = new Map<string, { readonly sequence: string; readonly available: number }>();
  for (const { sequence, levels } of told) {
    for (const { sku, available } of levels) {
      const known = kept.get(sku);
      if (known === undefined || known.sequence <= sequence) kept.set(sku, { sequence, available });
    }
  }
  return new Map([...kept].map(([sku, { available }]) => [sku, available]));
};

/** Stated without the engine's own words for it, which would agree with themselves. */
export const availableIn = (
  rows: Iterable<StockRow>,
  { locationIds, buffer }: Pick<StockFeed, "locationIds" | "buffer">,
): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>();
  for (const { locationId, sku, onHand, reserved, unavailable, safetyStock, claimed = 0 } of rows) {
    if (!locationIds.includes(locationId)) continue;
    const free = onHand - reserved - claimed - unavailable - safetyStock;
    sums.set(sku, (sums.get(sku) ?? 0) + (free < 0 ? 0 : free));
  }
  return new Map([...sums].map(([sku, sum]) => [sku, sum < buffer ? 0 : sum - buffer]));
};
