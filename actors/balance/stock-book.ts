/**
 * The stock rows that this process knows, and the holds on them. A hold counts against what others see as
 * available from the tick it is taken until the tick its unit of work is settled. Memory only: holds make
 * contention cheap, they are never the guard (the ledger is).
 */
import { stockKey } from "../../src/stock/keys.ts";
import { Context, Effect, Layer } from "effect";
import { actorLimits } from "../../src/kernel/limits.ts";
import { availableUnits, emptyRow, type StockRow } from "../../src/stock/stock.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";

export interface RowKey {
  readonly locationId: string;
  readonly sku: string;
}

interface BookRow {
  row: StockRow;
  held: number;
  /** The location's generation when the row was read; older than the location's own means: read again. */
  generation: number;
}

/** One read of one row that is under way. */
interface RowRead {
  /** The location's when it began; in another one it is of no use. */
  readonly generation: number;
  /** Those who want the same row. */
  readonly ended: (() => void)[];
}

interface BookLocation {
  readonly rows: Map<string, BookRow>;
  /** By SKU, the newest. */
  readonly reads: Map<string, RowRead>;
  /** Rises when another process changed the location. */
  generation: number;
  /** Reads under way; rows are not evicted meanwhile, so that no read can bring back an older row. */
  loading: number;
}

export class StockBook extends Context.Service<StockBook, {
  /** The row when it is known and current. */
  readonly row: (locationId: string, sku: string) => StockRow | undefined;
  /** Units that may be promised now; undefined when the row must be loaded first. */
  readonly available: (locationId: string, sku: string) => number | undefined;
  /** Units held at the row by this process. */
  readonly held: (locationId: string, sku: string) => number;
  readonly hold: (locationId: string, sku: string, units: number) => void;
  readonly release: (locationId: string, sku: string, units: number) => void;
  /** Reads what is not known. The location's fence must have been read before. */
  readonly load: (rows: readonly RowKey[]) => Effect.Effect<void, StoreError>;
  /** Takes over a row that was committed. */
  readonly settle: (row: StockRow) => void;
  /** Another process wrote at this location: every row must be read again. */
  readonly invalidate: (locationId: string) => void;
  /** Holds and rows, for metrics. */
  readonly size: () => { readonly rows: number; readonly held: number };
}>()("allot/StockBook") {
  static readonly layer = Layer.effect(
    StockBook,
    Effect.map(Store, (store) => {
      const locations = new Map<string, BookLocation>();

      const locationOf = (locationId: string): BookLocation => {
        let location = locations.get(locationId);
        if (location === undefined) {
          location = { rows: new Map(), reads: new Map(), generation: 0, loading: 0 };
          locations.set(locationId, location);
        }
        return location;
      };

      const current = (locationId: string, sku: string): BookRow | undefined => {
        const location = locations.get(locationId);
        const row = location?.rows.get(sku);
        return row !== undefined && row.generation === location?.generation ? row : undefined;
      };

      const put = (location: BookLocation, row: StockRow): void => {
        const known = location.rows.get(row.sku);
        if (known === undefined) {
          location.rows.set(row.sku, { row, held: 0, generation: location.generation });
        } else {
          known.row = row;
          known.generation = location.generation;
        }
      };

      /** Drops the rows that were loaded first. Rows with holds stay: their holds live nowhere else. */
      const evict = (location: BookLocation): void => {
        if (location.loading > 0) return;
        for (const [sku, row] of location.rows) {
          if (location.rows.size <= actorLimits.cachedStockRows) return;
          if (row.held === 0) location.rows.delete(sku);
        }
      };

      const changeHold = (locationId: string, sku: string, units: number): void => {
        const location = locationOf(locationId);
        const known = location.rows.get(sku);
        if (known !== undefined) known.held += units;
        else {
          const row = emptyRow(locationId, sku);
          location.rows.set(sku, { row, held: units, generation: location.generation - 1 });
        }
      };

      const readRows = Effect.fnUntraced(function* (wanted: readonly RowKey[]) {
        const generations = wanted.map(({ locationId }) => locationOf(locationId).generation);
        for (const { locationId } of wanted) locationOf(locationId).loading++;
        const entries = yield* Effect.ensuring(
          store.getMany(wanted.map(({ locationId, sku }) => stockKey(locationId, sku))),
          Effect.sync(() => {
            for (const { locationId } of wanted) locationOf(locationId).loading--;
          }),
        );
        wanted.forEach(({ locationId, sku }, index) => {
          const location = locationOf(locationId);
          // What was committed or invalidated during the read is newer than what was read.
          if (current(locationId, sku) !== undefined) return;
          if (location.generation !== generations[index]) return;
          const value = entries[index]?.value ?? null;
          put(location, value === null ? emptyRow(locationId, sku) : decodeJson<StockRow>(value));
        });
        for (const locationId of new Set(wanted.map((row) => row.locationId))) {
          evict(locationOf(locationId));
        }
      });

      /** Each row is read once for all who want it meanwhile. */
      const readRowsOnce = (wanted: readonly RowKey[]) => {
        const ended: (() => void)[] = [];
        for (const { locationId, sku } of wanted) {
          const { reads, generation } = locationOf(locationId);
          reads.set(sku, { generation, ended });
        }
        const end = Effect.sync(() => {
          for (const { locationId, sku } of wanted) {
            const { reads } = locationOf(locationId);
            if (reads.get(sku)?.ended === ended) reads.delete(sku);
          }
          for (const proceed of ended) proceed();
        });
        return Effect.ensuring(readRows(wanted), end);
      };

      const readUnderWay = ({ locationId, sku }: RowKey): RowRead | undefined => {
        const { reads, generation } = locationOf(locationId);
        const read = reads.get(sku);
        return read?.generation === generation ? read : undefined;
      };

      return StockBook.of({
        row: (locationId, sku) => current(locationId, sku)?.row,
        available: (locationId, sku) => {
          const known = current(locationId, sku);
          return known === undefined ? undefined : availableUnits(known.row) - known.held;
        },
        held: (locationId, sku) => locations.get(locationId)?.rows.get(sku)?.held ?? 0,
        hold: changeHold,
        release: (locationId, sku, units) => changeHold(locationId, sku, -units),
        load: Effect.fnUntraced(function* (rows) {
          for (let attempt = 0; attempt < actorLimits.decisionTries; attempt++) {
            const missing = rows.filter(({ locationId, sku }) =>
              current(locationId, sku) === undefined
            );
            if (missing.length === 0) return;
            const unread = missing.filter((row) => readUnderWay(row) === undefined);
            if (unread.length > 0) yield* readRowsOnce(unread);
            const read = missing.map(readUnderWay).find((each) => each !== undefined);
            if (read !== undefined) {
              yield* Effect.callback<void>((resume) => {
                read.ended.push(() => resume(Effect.void));
              });
            }
          }
        }),
        settle: (row) => put(locationOf(row.locationId), row),
        invalidate: (locationId) => {
          const location = locationOf(locationId);
          location.generation++;
          for (const [sku, row] of location.rows) if (row.held === 0) location.rows.delete(sku);
        },
        size: () => {
          let rows = 0;
          let held = 0;
          for (const location of locations.values()) {
            rows += location.rows.size;
            for (const row of location.rows.values()) if (row.held > 0) held++;
          }
          return { rows, held };
        },
      });
    }),
  );
}
