/** Which SKUs a feed is to tell of after a change of stock, and how soon. */
import { stockDeltasIn } from "../stock/record.ts";
import { availabilityTaken } from "../stock/stock.ts";
import type { BalanceDeltas } from "../subject/balance.ts";
import type { Mark } from "../subject/reactor.ts";
import type { StockFeed } from "./feed.ts";
import { levelLimits } from "./limits.ts";

/** A fall is told at once; a rise may wait, since nobody sells what is not there. */
export const marksOf = (
  { locationIds, minIntervalMs }: Pick<StockFeed, "locationIds" | "minIntervalMs">,
  changes: readonly BalanceDeltas[],
): readonly Mark[] => {
  const marks = new Map<string, Mark>();
  for (const delta of stockDeltasIn(changes)) {
    const taken = availabilityTaken(delta);
    // Units that leave were promised before: nothing else is available then.
    if (taken === 0 || !locationIds.includes(delta.locationId)) continue;
    const afterMs = taken > 0 ? 0 : minIntervalMs;
    const sofarMs = marks.get(delta.sku)?.afterMs ?? afterMs;
    marks.set(delta.sku, { key: delta.sku, afterMs: Math.min(afterMs, sofarMs) });
  }
  return [...marks.values()];
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Counts nights, by the hour at which all SKUs are told of. */
const nightOf = (atMs: number): number =>
  Math.floor((atMs - levelLimits.nightlyHour * hourMs) / dayMs);

/** Each night once, and at the beginning. A clock that was set back brings no night twice. */
export const isSweepDue = (lastMs: number | null, nowMs: number): boolean =>
  lastMs === null || nightOf(lastMs) < nightOf(nowMs);
