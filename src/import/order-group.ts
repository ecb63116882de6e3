/** The rows of one order: what they say together, what is wrong with them, and the order that they are. */
import { Result } from "effect";
import { isCurrency } from "../kernel/money.ts";
import { candidateOf } from "./candidate.ts";
import { decodeOrder } from "./decode.ts";
import {
  blankShared,
  type Draft,
  type FieldError,
  type ItemDraft,
  noMetadata,
  type SharedField,
  sharedFields,
} from "./draft.ts";
import { type ImportInput, type InputRow, rejectOrder, type SettledInput } from "./input.ts";
import {
  type OrderOutcome,
  type RowError,
  type RowOutcome,
  rowResult,
  type SettledRows,
} from "./job.ts";
import { importLimits } from "./limits.ts";
import type { ImportFieldName, ImportMappingBody } from "./mapping.ts";
import { numberFormatOf } from "./numbers.ts";
import { rowError } from "./pointers.ts";
import { worthOf } from "./worth.ts";

/** The column that a field is read from, for what is found wrong when the row is gone. */
type ColumnOf = (field: ImportFieldName) => string | null;

export interface OrderOptions {
  readonly channel: string;
  readonly mapping: ImportMappingBody;
  readonly columnOf: ColumnOf;
}

export interface Row {
  readonly line: number;
  detail: string | null;
  errors: RowError[] | null;
  readonly skipped: string | null;
  /** The run that it stands in, from 1. */
  readonly run: number;
  /** What is wrong with its cells, should anything be wrong with what it says. */
  readonly short: string | null;
}

export interface Group {
  readonly externalId: string;
  rows: Row[];
  items: ItemDraft[];
  /** Of each item the place of its row. */
  itemRows: number[];
  /** Rows that stand together count as one run. */
  runs: number;
  /** Items that the rows had, also where they are not kept. */
  itemCount: number;
  /** What its rows say together. */
  readonly shared: Record<SharedField, string>;
  /** The row that says it, and from which of the field's sources, as one number. */
  readonly told: Record<SharedField, number>;
  placedAt: string | null;
  metadata: Readonly<Record<string, string>>;
  characters: number;
  /** Why the order is rejected, as its other rows are told. */
  because: string | null;
  /** Why the order is left out. */
  skipped: string | null;
  /** Null until a row tells. */
  credit: boolean | null;
}

const nobody: Readonly<Record<SharedField, number>> = Object.fromEntries(
  sharedFields.map((field) => [field, -1]),
) as Record<SharedField, number>;

const noLines = "No line of the order has a quantity above 0.";

const rejectedRows = (group: Group): SettledRows["rows"] =>
  group.rows.map((row) => {
    const { line, errors, skipped } = row;
    const { externalId, because } = group;
    if (skipped !== null && because !== noLines) {
      return rowResult({ line, externalId, outcome: "skipped", detail: skipped });
    }
    return rowResult({
      line,
      externalId,
      outcome: "rejected",
      problem: "invalid-row",
      detail: row.detail ?? (errors !== null ? undefined : because ?? undefined),
      errors: errors ?? undefined,
    });
  });

const settledRows = (group: Group, outcome: RowOutcome, detailOf: (row: Row) => string | null) =>
  group.rows.map((row) => {
    const isSkipped = row.skipped !== null;
    return rowResult({
      line: row.line,
      externalId: group.externalId,
      outcome: isSkipped ? "skipped" : outcome,
      detail: row.skipped ?? detailOf(row) ?? undefined,
    });
  });

export const malformed = (line: number): string =>
  `The order is rejected because line ${line} of it is malformed.`;

export const leftOut = (reason: string): string => `It is left out because ${reason}.`;

/** Ranks are few, and rows of an order are fewer than this. */
const rankFactor = 1_000_000;
const toldBy = (row: number, rank: number): number => rank * rankFactor + row;
const rankOf = (told: number): number => Math.floor(told / rankFactor);
const rowOf = (told: number): number => told % rankFactor;

/** What a row says of its order beside what others have said; where it says something else, that is wrong. */
const addShared = (
  group: Group,
  draft: Draft,
  row: number,
  columnOf: ColumnOf,
): readonly FieldError[] => {
  const unlike: FieldError[] = [];
  for (const field of sharedFields) {
    const text = draft.shared[field];
    if (text === "") continue;
    const rank = draft.rankOf(field);
    const told = group.told[field];
    if (told < 0 || rank < rankOf(told)) {
      group.shared[field] = text;
      group.told[field] = toldBy(row, rank);
      continue;
    }
    if (text === group.shared[field] || rank > rankOf(told)) continue;
    const line = group.rows[rowOf(told)]?.line;
    const detail = `is not what line ${line} of the same order says`;
    unlike.push({ field, column: columnOf(field), item: 0, detail });
  }
  // A moment's difference in time is none.
  group.placedAt ??= draft.placedAt;
  if (draft.metadata !== noMetadata) group.metadata = { ...draft.metadata, ...group.metadata };
  return unlike;
};

/** The row that says a field of the order, or else the first one. */
const rowSaying = (group: Group, field: ImportFieldName): number => {
  const told = group.told[field as SharedField] ?? -1;
  return told < 0 ? group.rows.findIndex(({ skipped }) => skipped === null) : rowOf(told);
};

/** Rejects an order for what is wrong with it as a whole or in its amounts. */
const rejectLate = (
  group: Group,
  columnOf: ColumnOf,
  errors: readonly {
    readonly field: ImportFieldName;
    readonly line: number | null;
    readonly detail: string;
  }[],
): void => {
  for (const { field, line, detail } of errors) {
    const place = line === null ? rowSaying(group, field) : group.itemRows[line] ?? 0;
    const row = group.rows[place];
    if (row === undefined || (row.errors?.length ?? 0) >= importLimits.errorsPerRow) continue;
    if (row.short !== null) {
      row.detail = `The row ${row.short}.`;
      continue;
    }
    row.errors ??= [];
    row.errors.push(rowError({ field, column: columnOf(field), detail }, line ?? 0));
  }
  const first = group.rows.find((row) => row.errors !== null || row.detail !== null);
  group.because ??= first === undefined ? noLines : malformed(first.line);
};

/**
 * Two rows apart that say the same: the order has two such lines, or it stands in the file twice. Nobody can tell,
 * unless the file says what the order adds up to.
 */
const repeatedApart = (group: Group): string | null => {
  if (group.runs < 2 || group.shared.orderTotal !== "") return null;
  const rowOfItem = new Map<string, Row>();
  for (const [n, item] of group.items.entries()) {
    const row = group.rows[group.itemRows[n] ?? 0];
    if (row === undefined) continue;
    const text = JSON.stringify(item);
    const like = rowOfItem.get(text);
    if (like !== undefined && like.run !== row.run) {
      return `Lines ${like.line} and ${row.line} stand apart and say the same: the order has two such lines, ` +
        "or it is in the file twice.";
    }
    rowOfItem.set(text, like ?? row);
  }
  return null;
};

/** The order that the rows of a group are, or their results. */
export const finish = (group: Group, { channel, mapping, columnOf }: OrderOptions): ImportInput => {
  const settled = (order: OrderOutcome | null, rows: SettledRows["rows"]): SettledInput => ({
    type: "settled",
    outcome: { order, rows },
  });
  const { skipped, externalId, shared } = group;
  if (skipped !== null) {
    return settled(null, settledRows(group, "skipped", () => leftOut(skipped)));
  }
  const isSkipped = group.rows.every((row) => row.skipped !== null);
  if (group.because === null && isSkipped && group.items.length === 0) {
    return settled(null, settledRows(group, "skipped", () => null));
  }
  if (group.because === null && group.credit) {
    return settled("credit", settledRows(group, "credit", () => null));
  }
  const kept = group.items.map(({ quantity }) => quantity !== 0);
  const items = group.items.filter((_, n) => kept[n]);
  const itemRows = group.itemRows.filter((_, n) => kept[n]);
  Object.assign(group, { items, itemRows });
  if (group.because === null && items.length === 0) group.because = noLines;
  group.because ??= repeatedApart(group);
  if (group.because === null && !isCurrency(shared.currency)) {
    const detail = shared.currency === "" ? "is empty" : "is no ISO 4217 currency code";
    rejectLate(group, columnOf, [{ field: "currency", line: null, detail }]);
  }
  if (group.because === null) {
    const worth = worthOf(items, shared, {
      currency: shared.currency,
      numbers: numberFormatOf(mapping),
      discountIncludesLines: mapping.discountIncludesLines ?? false,
      taxesIncluded: mapping.taxesIncluded ?? false,
    });
    if (Result.isSuccess(worth)) {
      const input = {
        externalId,
        rows: group.rows.map(({ line, skipped }): InputRow => ({ line, skipped })),
        rowOfLine: itemRows,
        mapping,
      };
      const decoded = decodeOrder(candidateOf(channel, group, worth.success, mapping));
      return Result.isSuccess(decoded) ? { type: "place", ...input, request: decoded.success } : {
        type: "settled",
        outcome: rejectOrder(input, "invalid-row", "The row cannot be an order.", decoded.failure),
      };
    }
    rejectLate(group, columnOf, worth.failure);
  }
  return settled("rejected", rejectedRows(group));
};

/** A row of a kind that tells nothing of its order. */
export const plainRow = (line: number, detail: string | null): Row => ({
  line,
  detail,
  errors: null,
  skipped: null,
  run: 0,
  short: null,
});

export const openGroup = (externalId: string): Group => ({
  externalId,
  rows: [],
  items: [],
  itemRows: [],
  runs: 0,
  itemCount: 0,
  shared: { ...blankShared },
  told: { ...nobody },
  placedAt: null,
  metadata: noMetadata,
  characters: 0,
  because: null,
  skipped: null,
  credit: null,
});

export const reject = (group: Group, because: string): void => {
  group.because ??= because;
  group.items = [];
  group.itemRows = [];
};

/** A row that is left out, by a condition of the mapping or because nothing of it is wanted. */
const skippedBy = ({ skipped, items }: Draft): string | null =>
  skipped !== null
    ? leftOut(skipped)
    : items.length > 0 && items.every(({ quantity }) => quantity === 0)
    ? "It is left out because its quantity is 0."
    : null;

/** Adds a row to the order that it is of. */
export const addDraft = (
  group: Group,
  draft: Draft,
  characters: number,
  columnOf: ColumnOf,
): void => {
  const place = group.rows.length;
  const skipped = skippedBy(draft);
  const row: Row = {
    line: draft.line,
    detail: null,
    errors: null,
    skipped,
    run: group.runs,
    short: draft.short,
  };
  group.rows.push(row);
  group.characters += characters;
  group.skipped ??= draft.skipsOrder;
  if (draft.skipped !== null) return;
  group.credit ??= draft.credit;
  const isMixed = draft.credit !== null && draft.credit !== group.credit;
  const unlike = addShared(group, draft, place, columnOf);
  // What a credit says beside its quantity is nobody's business: it is reported and not placed.
  const errors = group.credit && !isMixed ? [] : [...draft.errors, ...unlike];
  if (isMixed) row.detail = "An order and a credit have the same number.";
  else if (errors.length > 0 && draft.short !== null) row.detail = `The row ${draft.short}.`;
  else if (errors.length > 0) {
    const before = group.itemCount;
    row.errors = errors.slice(0, importLimits.errorsPerRow)
      .map((error) => rowError(error, before + error.item));
  }
  group.itemCount += draft.items.filter(({ quantity }) => quantity !== 0).length;
  if (group.rows.length > importLimits.rowsPerOrder) {
    reject(group, `The order has more than ${importLimits.rowsPerOrder} rows.`);
  } else if (isMixed || errors.length > 0) reject(group, malformed(draft.line));
  else if (group.characters > importLimits.orderCharacters) {
    reject(
      group,
      `The order's rows have more than ${importLimits.orderCharacters} characters.`,
    );
  } else if (group.because === null) {
    for (const item of draft.items) {
      group.items.push(item);
      group.itemRows.push(place);
    }
  }
};
