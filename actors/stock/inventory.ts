/** Stock by hand: adjustments, counts and safety stock, and how much of everything there is. */
import { stockBalance } from "../../src/stock/balance.ts";
import { stockKey } from "../../src/stock/keys.ts";
import { Context, Data, Effect, Layer, Result } from "effect";
import { adjust, count, type CountRefusal, setSafetyStock } from "../../src/stock/change.ts";
import { availableUnits, type StockRow } from "../../src/stock/stock.ts";
import { below } from "../../src/kernel/key.ts";
import { isAfter } from "../../src/store/keys.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import { locations } from "../../src/catalog/references.ts";
import { References } from "../reference/references.ts";
import type { CommandContext, CommandFailure, NotFound } from "../command/command.ts";
import { Books } from "../balance/books.ts";
import { StockChanges } from "./stock-changes.ts";

export interface Adjustment {
  readonly locationId: string;
  readonly reason: string;
  readonly reference?: string | undefined;
  readonly changes: readonly {
    readonly sku: string;
    /** Units on hand, more or less. */
    readonly delta: number;
    /** Units made unavailable (or available again) out of those on hand. */
    readonly unavailable?: number | undefined;
  }[];
}

export interface Count {
  readonly locationId: string;
  /** Why somebody counted; by default just "count". */
  readonly reason?: string | undefined;
  readonly reference?: string | undefined;
  readonly counts: readonly {
    readonly sku: string;
    readonly onHand: number;
    readonly expected?: number | undefined;
  }[];
}

export interface SafetyStock {
  readonly locationId: string;
  readonly levels: readonly { readonly sku: string; readonly safetyStock: number }[];
}

/** A change would leave less than the reserved units, or less than zero. Nothing was changed. */
export class BelowZeroAvailable extends Data.TaggedError("BelowZeroAvailable")<{
  readonly locationId: string;
  readonly shortages: readonly {
    readonly pointer: string;
    readonly sku: string;
    readonly requested: number;
    readonly available: number;
  }[];
}> {}

/** `expected` was not the number there. Nothing was changed. */
export class CountMismatch extends Data.TaggedError("CountMismatch")<{
  readonly locationId: string;
  readonly mismatches: readonly {
    readonly pointer: string;
    readonly sku: string;
    readonly expected: number;
    readonly actual: number;
  }[];
}> {}

/** A stock row with the units that may be promised of it now, less the holds of this process. */
export interface StockLevel extends StockRow {
  readonly available: number;
}

export class Inventory extends Context.Service<Inventory, {
  readonly adjust: (
    adjustment: Adjustment,
    context: CommandContext<readonly StockLevel[]>,
  ) => Effect.Effect<readonly StockLevel[], NotFound | BelowZeroAvailable | CommandFailure>;
  readonly count: (
    count: Count,
    context: CommandContext<readonly StockLevel[]>,
  ) => Effect.Effect<
    readonly StockLevel[],
    NotFound | BelowZeroAvailable | CountMismatch | CommandFailure
  >;
  readonly setSafetyStock: (
    levels: SafetyStock,
    context: CommandContext<readonly StockLevel[]>,
  ) => Effect.Effect<readonly StockLevel[], NotFound | CommandFailure>;
  /** Rows by location and SKU, ascending, after the cursor's row. */
  readonly levels: (query: {
    readonly sku?: string | undefined;
    readonly locationId?: string | undefined;
    readonly after?: { readonly locationId: string; readonly sku: string } | undefined;
    readonly limit: number;
  }) => Effect.Effect<readonly StockLevel[], StoreError>;
}>()("allot/Inventory") {
  static readonly layer = Layer.effect(Inventory, Effect.suspend(() => makeInventory));
}

const makeInventory = Effect.gen(function* () {
  const store = yield* Store;
  const book = (yield* Books).bookOf(stockBalance);
  const references = yield* References;
  const changes = yield* StockChanges;

  const belowZero = (locationId: string) => (shortages: BelowZeroAvailable["shortages"]) =>
    new BelowZeroAvailable({ locationId, shortages });

  const countError = (locationId: string) => (refusal: CountRefusal) =>
    refusal._tag === "BelowZero"
      ? new BelowZeroAvailable({ locationId, shortages: refusal.shortages })
      : new CountMismatch({ locationId, mismatches: refusal.mismatches });

  const levelOf = (row: StockRow): StockLevel => ({
    ...row,
    available: availableUnits(row) - book.held(row.locationId, row.sku),
  });

  const rowsOfSku = Effect.fnUntraced(function* (sku: string, after: string | undefined) {
    const known = yield* references.all(locations);
    const entries = yield* store.getMany(
      known.filter(({ id }) => after === undefined || isAfter(id, after))
        .map(({ id }) => stockKey(id, sku)),
    );
    return entries.flatMap(({ value }) => value === null ? [] : [decodeJson<StockRow>(value)]);
  });

  const rowsInRange = Effect.fnUntraced(function* (
    locationId: string | undefined,
    after: { readonly locationId: string; readonly sku: string } | undefined,
    limit: number,
  ) {
    const range = below(locationId === undefined ? ["stock"] : ["stock", locationId]);
    // The first key after the row's own.
    const start = after === undefined
      ? range.start
      : [...stockKey(after.locationId, after.sku), ""];
    const entries = yield* store.list({ start, end: range.end, limit });
    return entries.flatMap(({ value }) => value === null ? [] : [decodeJson<StockRow>(value)]);
  });

  const oneRow = Effect.fnUntraced(function* (locationId: string, sku: string) {
    const { value } = yield* store.get(stockKey(locationId, sku));
    return value === null ? [] : [decodeJson<StockRow>(value)];
  });

  return Inventory.of({
    adjust: ({ locationId, reason, reference, changes: asked }, context) =>
      changes.apply({
        type: "stock.adjusted",
        locationId,
        reason,
        reference,
        skus: asked.map(({ sku }) => sku),
        absolute: false,
        decide: (rowOf) => Result.mapError(adjust(locationId, asked, rowOf), belowZero(locationId)),
      }, context),
    count: ({ locationId, reason = "count", reference, counts }, context) =>
      changes.apply({
        type: "stock.counted",
        locationId,
        reason,
        reference,
        skus: counts.map(({ sku }) => sku),
        absolute: true,
        decide: (rowOf) =>
          Result.mapError(count(locationId, counts, rowOf), countError(locationId)),
      }, context),
    setSafetyStock: ({ locationId, levels }, context) =>
      changes.apply({
        type: "stock.safety_changed",
        locationId,
        reason: "safety stock",
        skus: levels.map(({ sku }) => sku),
        absolute: true,
        decide: (rowOf) => Result.succeed(setSafetyStock(locationId, levels, rowOf)),
      }, context),
    levels: Effect.fnUntraced(function* ({ sku, locationId, after, limit }) {
      const rows = sku === undefined
        ? yield* rowsInRange(locationId, after, limit)
        : locationId === undefined
        ? (yield* rowsOfSku(sku, after?.locationId)).slice(0, limit)
        : after === undefined
        ? yield* oneRow(locationId, sku)
        : [];
      return rows.map(levelOf);
    }),
  });
});
