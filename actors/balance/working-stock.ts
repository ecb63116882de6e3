/** Stock rows while a batch of units is applied to them, on top of the rows as committed. */
import { applyDelta, isSound, type StockRow } from "../../src/stock/stock.ts";
import type { Unit } from "../ledger/unit.ts";

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
    const undo: (readonly [string, StockRow | undefined])[] = [];
    let sound = true;
    for (const delta of unit.stock) {
      const key = this.#key(delta.locationId, delta.sku);
      const known = this.#rows.get(key);
      const before = known ?? this.#committed(delta.locationId, delta.sku);
      if (before === undefined) sound = false;
      else {
        undo.push([key, known]);
        this.#rows.set(key, applyDelta(before, delta));
      }
    }
    // Only when all is applied: one delta may make up for another.
    for (const [key] of undo) {
      const row = this.#rows.get(key);
      sound &&= row !== undefined && isSound(row);
    }
    if (!sound) this.#restore(undo);
    return sound;
  }

  #restore(undo: readonly (readonly [string, StockRow | undefined])[]): void {
    for (const [key, row] of undo.toReversed()) {
      if (row === undefined) this.#rows.delete(key);
      else this.#rows.set(key, row);
    }
  }

  changed(): readonly StockRow[] {
    return [...this.#rows.values()];
  }
}
