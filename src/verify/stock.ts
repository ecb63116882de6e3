/**
 * Stock rows against the log alone. A row's versionstamp is the log position of the commit that wrote it,
 * so each row is compared with the log exactly up to where the row stands: right on a busy store too. Pure.
 */
import { stockKey } from "../stock/keys.ts";
import type { StockDelta, StockRow } from "../stock/stock.ts";
import { isSound } from "../stock/stock.ts";
import type { Position } from "../store/log.ts";
import type { Findings } from "./report.ts";

const fields = ["onHand", "reserved", "unavailable", "safetyStock"] as const;
type Units = Record<(typeof fields)[number], number>;

interface AuditedRow {
  readonly row: StockRow | null;
  /** The row shows every change up to here. */
  readonly upTo: Position;
  readonly sums: Units;
}

const rowKey = (locationId: string, sku: string): string => JSON.stringify([locationId, sku]);

export class StockAudit {
  readonly #rows = new Map<string, AuditedRow>();

  /** `readAfter` is a position of the log from before the first row was read. */
  constructor(private readonly readAfter: Position, private readonly findings: Findings) {}

  addRow(locationId: string, sku: string, row: StockRow, versionstamp: Position): void {
    const { counts } = this.findings;
    const key = stockKey(locationId, sku);
    counts.stockRows++;
    counts.unitsOnHand += row.onHand;
    counts.unitsReserved += row.reserved;
    if (row.locationId !== locationId || row.sku !== sku) {
      this.findings.add("readable", [key], "The row names another location or SKU than its key.");
    }
    if (!fields.every((field) => Number.isSafeInteger(row[field])) || !isSound(row)) {
      const { onHand, reserved, unavailable, safetyStock } = row;
      const detail = JSON.stringify({ onHand, reserved, unavailable, safetyStock });
      this.findings.add("row-sound", [key], `${sku} at ${locationId} cannot be: ${detail}.`);
    }
    const upTo = versionstamp > this.readAfter ? versionstamp : this.readAfter;
    this.#rows.set(rowKey(locationId, sku), {
      row,
      upTo,
      sums: { onHand: 0, reserved: 0, unavailable: 0, safetyStock: 0 },
    });
  }

  addDelta(position: Position, delta: StockDelta): void {
    const key = rowKey(delta.locationId, delta.sku);
    let audited = this.#rows.get(key);
    if (audited === undefined) {
      const sums = { onHand: 0, reserved: 0, unavailable: 0, safetyStock: 0 };
      audited = { row: null, upTo: this.readAfter, sums };
      this.#rows.set(key, audited);
    }
    if (position > audited.upTo) return;
    for (const field of fields) audited.sums[field] += delta[field];
  }

  /** To be called when every delta of the log was added. */
  finish(): void {
    for (const [key, { row, sums }] of this.#rows) {
      const [locationId, sku] = JSON.parse(key) as [string, string];
      const wrong = fields.filter((field) => (row?.[field] ?? 0) !== sums[field]);
      if (wrong.length === 0) continue;
      const detail = wrong.map((field) =>
        `${field} ${row?.[field] ?? 0}, by the log ${sums[field]}`
      );
      // A reservation that no record explains is one that no order will ever give back.
      this.findings.add(
        wrong.includes("reserved") ? "reserved-is-allocated" : "units-conserved",
        [stockKey(locationId, sku)],
        `${sku} at ${locationId} has ${detail.join("; ")}.`,
      );
    }
    this.#rows.clear();
  }
}
