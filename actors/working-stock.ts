/** Stock rows while a batch of units is applied to them, on top of the rows as committed. */
import { applyDelta, isSound, type StockRow } from "../src/inventory/stock.ts";
import type { Unit } from "./unit.ts";

export class WorkingStock {
  readonly #rows = new Map<string, StockRow>();
  readonly #committed: (locationId: string, sku: string) => StockRow | undefined;

  constructor(committed: (locationId: string, sku: string) => StockRow | undefined) {
    this.#committed = committed;
  }

  /** Location ids hold no control characters, so the separator cannot be part of one. */
  #key(locationId: string, sku: string): string {
    return `${locationId}\u0000${sku}`;
  }

  #row(locationId: string, sku: string): StockRow | undefined {
    return this.#rows.get(this.#key(locationId, sku)) ?? this.#committed(locationId, sku);
  }

  /** Applies a unit's deltas whole, or leaves everything as it was and answers false. */
  apply(unit: Unit): boolean {
    for (const { locationId, sku, onHand } of unit.expectedOnHand ?? []) {
      if (this.#row(locationId, sku)?.onHand !== onHand) return false;
    }
    if (unit.stock.length === 0) return true;
    const after = new Map<string, StockRow>();
    for (const delta of unit.stock) {
      const key = this.#key(delta.locationId, delta.sku);
      const before = after.get(key) ?? this.#row(delta.locationId, delta.sku);
      if (before === undefined) return false;
      after.set(key, applyDelta(before, delta));
    }
    for (const row of after.values()) if (!isSound(row)) return false;
    for (const [key, row] of after) this.#rows.set(key, row);
    return true;
  }

  changed(): readonly StockRow[] {
    return [...this.#rows.values()];
  }
}
