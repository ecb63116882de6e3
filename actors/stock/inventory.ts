/** Stock by hand: adjustments, counts and safety stock, and how much of everything there is. */
import { stockBalance } from "../../src/stock/balance.ts";
import { stockKey } from "../../src/stock/keys.ts";
import { Context, Data, Effect, Layer, Result } from "effect";
import {
  adjust,
  type AdjustRefusal,
  type BelowZero,
  count,
  type CountRefusal,
  type Mismatch,
  move,
  type MovedStock,
  setSafetyStock,
} from "../../src/stock/change.ts";
import { stockLimits } from "../../src/stock/limits.ts";
import type { StockRow } from "../../src/stock/stock.ts";
import { below } from "../../src/kernel/key.ts";
import { isAfter } from "../../src/store/keys.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import { locations } from "../../src/catalog/references.ts";
import { References } from "../reference/references.ts";
import {
  type CommandContext,
  type CommandFailure,
  LimitReached,
  type NotFound,
} from "../command/command.ts";
import { Books } from "../balance/books.ts";
import { levelOf, type StockLevel } from "./levels.ts";
import { StockChanges } from "./stock-changes.ts";
import { lotsOfAdjustment, lotsOfCount } from "./lots-of-request.ts";
import type { LotsRefused } from "../lot/lots.ts";
import type { CountedLot } from "../../src/lot/change.ts";
import type { Instant } from "../../src/kernel/instant.ts";

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
    /** The bucket into which they go, or out of which; absent: none by name. */
    readonly bucket?: string | undefined;
    /** The lot of the units, or their serials; absent: units of which nobody has said it. */
    readonly lotId?: string | undefined;
    readonly expiresAt?: Instant | undefined;
    readonly serials?: readonly string[] | undefined;
  }[];
}

export interface StockMove {
  readonly locationId: string;
  /** Why units are moved; by default just "move". */
  readonly reason?: string | undefined;
  readonly reference?: string | undefined;
  readonly moves: readonly MovedStock[];
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
    /** The lots, or serials, that were found: all others are not there. */
    readonly lots?: readonly CountedLot[] | undefined;
    readonly serials?: readonly string[] | undefined;
  }[];
}

export interface SafetyStock {
  readonly locationId: string;
  readonly levels: readonly { readonly sku: string; readonly safetyStock: number }[];
}

/** A change would leave less than the reserved units, or less than zero. Nothing was changed. */
export class BelowZeroAvailable extends Data.TaggedError("BelowZeroAvailable")<{
  readonly locationId: string;
  readonly shortages: readonly BelowZero[];
}> {}

/** `expected` was not the number there. Nothing was changed. */
export class CountMismatch extends Data.TaggedError("CountMismatch")<{
  readonly locationId: string;
  readonly mismatches: readonly Mismatch[];
}> {}

interface RowName {
  readonly locationId: string;
  readonly sku: string;
}

export interface LevelsQuery {
  /** Any of these; absent: all. */
  readonly skus?: readonly string[] | undefined;
  readonly locationIds?: readonly string[] | undefined;
  readonly after?: RowName | undefined;
  readonly limit: number;
}

const inStoreOrder = (one: string, other: string): number =>
  one === other ? 0 : isAfter(one, other) ? 1 : -1;

/** Whether a row comes behind another one, by location and then by SKU. */
const isBehind = ({ locationId, sku }: RowName, after: RowName | undefined): boolean =>
  after === undefined ||
  (locationId === after.locationId
    ? isAfter(sku, after.sku)
    : isAfter(locationId, after.locationId));

export type { StockLevel } from "./levels.ts";

export class Inventory extends Context.Service<Inventory, {
  readonly adjust: (
    adjustment: Adjustment,
    context: CommandContext<readonly StockLevel[]>,
  ) => Effect.Effect<
    readonly StockLevel[],
    NotFound | BelowZeroAvailable | LimitReached | LotsRefused | CommandFailure
  >;
  /** Moves units between what is available and buckets. */
  readonly move: (
    move: StockMove,
    context: CommandContext<readonly StockLevel[]>,
  ) => Effect.Effect<
    readonly StockLevel[],
    NotFound | BelowZeroAvailable | LimitReached | LotsRefused | CommandFailure
  >;
  readonly count: (
    count: Count,
    context: CommandContext<readonly StockLevel[]>,
  ) => Effect.Effect<
    readonly StockLevel[],
    NotFound | BelowZeroAvailable | CountMismatch | LotsRefused | CommandFailure
  >;
  readonly setSafetyStock: (
    levels: SafetyStock,
    context: CommandContext<readonly StockLevel[]>,
  ) => Effect.Effect<readonly StockLevel[], NotFound | LotsRefused | CommandFailure>;
  /** Rows by location and SKU, ascending, after the cursor's row. */
  readonly levels: (query: LevelsQuery) => Effect.Effect<readonly StockLevel[], StoreError>;
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

  const adjustError = (locationId: string) => (refusal: AdjustRefusal) =>
    refusal._tag === "BelowZero" ? belowZero(locationId)(refusal.shortages) : new LimitReached({
      what: `buckets of ${refusal.rows.map(({ sku }) => sku).join(", ")} at ${locationId}`,
      limit: stockLimits.bucketsPerRow,
    });

  const countError = (locationId: string) => (refusal: CountRefusal) =>
    refusal._tag === "BelowZero"
      ? new BelowZeroAvailable({ locationId, shortages: refusal.shortages })
      : new CountMismatch({ locationId, mismatches: refusal.mismatches });

  /** Rows whose names are known, read until there are enough. */
  const rowsNamed = Effect.fnUntraced(function* (
    names: readonly RowName[],
    { after, limit }: LevelsQuery,
  ) {
    const wanted = names.filter((name) => isBehind(name, after));
    const rows: StockRow[] = [];
    for (let n = 0; n < wanted.length && rows.length < limit; n += stockLimits.rowsPerRead) {
      const some = wanted.slice(n, n + stockLimits.rowsPerRead);
      const entries = yield* store.getMany(
        some.map(({ locationId, sku }) => stockKey(locationId, sku)),
      );
      for (const { value } of entries) if (value !== null) rows.push(decodeJson<StockRow>(value));
    }
    return rows.slice(0, limit);
  });

  const rowsInRange = Effect.fnUntraced(function* (
    locationId: string | undefined,
    after: RowName | undefined,
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

  const rowsAt = Effect.fnUntraced(function* (
    locationIds: readonly string[],
    { after, limit }: LevelsQuery,
  ) {
    const rows: StockRow[] = [];
    for (const id of locationIds) {
      if (rows.length >= limit) break;
      if (after !== undefined && isAfter(after.locationId, id)) continue;
      const from = after?.locationId === id ? after : undefined;
      rows.push(...(yield* rowsInRange(id, from, limit - rows.length)));
    }
    return rows;
  });

  const rowsOf = Effect.fnUntraced(function* (query: LevelsQuery) {
    const { skus, locationIds, after, limit } = query;
    const places = locationIds?.toSorted(inStoreOrder);
    if (skus === undefined) {
      return yield* places === undefined
        ? rowsInRange(undefined, after, limit)
        : rowsAt(places, query);
    }
    const goods = skus.toSorted(inStoreOrder);
    const all = places ?? (yield* references.all(locations)).map(({ id }) => id);
    const names = all.flatMap((locationId) => goods.map((sku) => ({ locationId, sku })));
    return yield* rowsNamed(names, query);
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
        decide: (rowOf) =>
          Result.mapError(adjust(locationId, asked, rowOf), adjustError(locationId)),
        lots: lotsOfAdjustment(asked),
      }, context),
    move: ({ locationId, reason = "move", reference, moves }, context) =>
      changes.apply({
        type: "stock.moved",
        locationId,
        reason,
        reference,
        skus: moves.map(({ sku }) => sku),
        absolute: false,
        decide: (rowOf) => Result.mapError(move(locationId, moves, rowOf), adjustError(locationId)),
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
        lots: lotsOfCount(counts),
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
    levels: (query) =>
      Effect.map(
        rowsOf(query),
        (rows) => rows.map((row) => levelOf(row, book.held(row.locationId, row.sku))),
      ),
  });
});
