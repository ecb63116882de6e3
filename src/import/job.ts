/** An import: its state, what became of each row, and the sums over all of them. */
import type { Instant } from "../kernel/instant.ts";
import { importLimits } from "./limits.ts";
import { textLimits } from "../kernel/limits.ts";
import { moneyOf } from "../kernel/money.ts";

/** What may become of an order. */
export const orderOutcomes = ["created", "duplicate", "rejected", "credit"] as const;
export type OrderOutcome = (typeof orderOutcomes)[number];

/** What may become of a row: that of its order, unless it is left out. */
export const rowOutcomes = [...orderOutcomes, "skipped"] as const;
export type RowOutcome = (typeof rowOutcomes)[number];

export interface RowError {
  /** JSON pointer into the order as `POST /v1/orders` takes it. */
  readonly pointer?: string;
  /** The column that the mapping reads it from. */
  readonly column?: string;
  readonly detail: string;
}

export interface RowResult {
  /** Line of the file on which the row begins. In CSV, 1 is the heading. */
  readonly line: number;
  /** Null where the row is too broken to tell. */
  readonly externalId: string | null;
  readonly outcome: RowOutcome;
  readonly orderId?: string;
  /** Name of the problem type, as in `/problems/<name>`. */
  readonly problem?: string;
  readonly detail?: string;
  readonly errors?: readonly RowError[];
}

/** `interrupted`: the upload broke off or the process ended; what was placed until then stays. */
export type ImportStatus = "running" | "completed" | "interrupted";

export type OutcomeCounts = Readonly<Record<OrderOutcome, number>>;

export interface ImportSummary {
  readonly rows: OutcomeCounts & { readonly total: number; readonly skipped: number };
  readonly orders: OutcomeCounts;
  /** Of the created orders. */
  readonly lines: number;
  /** Ordered units of the created orders. */
  readonly units: number;
  /** Of those, the units for which stock was reserved at once. */
  readonly unitsReserved: number;
  /** Goods of the created orders by currency, in minor units: quantity times unit price. */
  readonly amounts: Readonly<Record<string, number>>;
}

export interface ImportJob {
  readonly id: string;
  readonly status: ImportStatus;
  readonly channel: string | null;
  readonly mapping: string | null;
  readonly mediaType: string;
  readonly by: string;
  /** Why the import did not go to its end. */
  readonly detail?: string;
  readonly bytesRead: number;
  /** True once the whole body is taken in. */
  readonly uploaded: boolean;
  /** SHA-256 of the whole body, hexadecimal: tells a repeated upload from another one with its key. */
  readonly bodyHash?: string;
  readonly summary: ImportSummary;
  /** Stored pages of results. */
  readonly resultPages: number;
  readonly createdAt: Instant;
  /** At most `importLimits.heartbeatMs` ago while the job runs. */
  readonly updatedAt: Instant;
  /** Counts the job's writes from 1, so that a writer recognizes its own. */
  readonly version: number;
}

const noCounts: OutcomeCounts = { created: 0, duplicate: 0, rejected: 0, credit: 0 };

export const emptySummary: ImportSummary = {
  rows: { total: 0, ...noCounts, skipped: 0 },
  orders: noCounts,
  lines: 0,
  units: 0,
  unitsReserved: 0,
  amounts: {},
};

/** What became of one order's rows, or of a part of them. */
export interface SettledRows {
  readonly rows: readonly RowResult[];
  /** What the order counts as; null for rows that are of no known order or a further part of one. */
  readonly order: OrderOutcome | null;
  readonly created?: {
    readonly lines: number;
    readonly units: number;
    readonly unitsReserved: number;
    readonly currency: string;
    /** Minor units. */
    readonly goods: number;
  };
}

export const addOutcome = (summary: ImportSummary, outcome: SettledRows): ImportSummary => {
  const rows = { ...summary.rows };
  for (const row of outcome.rows) {
    rows.total++;
    rows[row.outcome]++;
  }
  const { order, created } = outcome;
  return {
    rows,
    orders: order === null
      ? summary.orders
      : { ...summary.orders, [order]: summary.orders[order] + 1 },
    lines: summary.lines + (created?.lines ?? 0),
    units: summary.units + (created?.units ?? 0),
    unitsReserved: summary.unitsReserved + (created?.unitsReserved ?? 0),
    amounts: created === undefined ? summary.amounts : {
      ...summary.amounts,
      [created.currency]: (summary.amounts[created.currency] ?? 0) + created.goods,
    },
  };
};

/** The summary as clients see it, with amounts as decimal strings. Earlier versions skipped no rows. */
export const summaryView = (summary: ImportSummary) => ({
  ...summary,
  rows: { ...summary.rows, skipped: summary.rows.skipped ?? 0 },
  amounts: Object.entries(summary.amounts).sort().map(([currency, minorUnits]) =>
    moneyOf(minorUnits, currency)
  ),
});

const shortened = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

/** A result with bounded texts, whatever stood in the row. */
export const rowResult = (
  result: Omit<RowResult, "errors" | "detail"> & {
    readonly detail?: string | undefined;
    readonly errors?: readonly RowError[] | undefined;
  },
): RowResult => {
  const { detail, errors, externalId, ...rest } = result;
  return {
    ...rest,
    externalId: externalId === null ? null : shortened(externalId, textLimits.id),
    ...(detail === undefined ? {} : { detail: shortened(detail, importLimits.detailCharacters) }),
    ...(errors === undefined || errors.length === 0 ? {} : {
      errors: errors.slice(0, importLimits.errorsPerRow).map((error) => ({
        ...(error.pointer === undefined
          ? {}
          : { pointer: shortened(error.pointer, importLimits.detailCharacters) }),
        ...(error.column === undefined ? {} : { column: error.column }),
        detail: shortened(error.detail, importLimits.detailCharacters),
      })),
    }),
  };
};
