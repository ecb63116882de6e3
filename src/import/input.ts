/** What a file's rows come to: orders to place, and rows that are settled already. */
import type { PlaceOrderRequest } from "../order/request.ts";
import { type RowError, rowResult, type SettledRows } from "./job.ts";
import type { ImportMappingBody } from "./mapping.ts";
import { columnAt } from "./pointers.ts";

/** A row of an order. */
export interface InputRow {
  readonly line: number;
  /** Why it is left out of its order; null where it is not. */
  readonly skipped: string | null;
}

export interface PlaceInput {
  readonly type: "place";
  readonly externalId: string;
  readonly request: PlaceOrderRequest;
  readonly rows: readonly InputRow[];
  /** Of each line of the order the place of its row in `rows`. */
  readonly rowOfLine: readonly number[];
  readonly mapping: ImportMappingBody | null;
}

/** What is settled without asking the engine. */
export interface SettledInput {
  readonly type: "settled";
  readonly outcome: SettledRows;
}

export type ImportInput = PlaceInput | SettledInput;

/** Each row with what became of its order, but for those that are left out of it. */
export const rowsOf = (
  { rows, externalId }: Pick<PlaceInput, "rows" | "externalId">,
  resultOf: (line: number, index: number) => SettledRows["rows"][number],
): SettledRows["rows"] =>
  rows.map(({ line, skipped }, index) =>
    skipped === null
      ? resultOf(line, index)
      : rowResult({ line, externalId, outcome: "skipped", detail: skipped })
  );

/** The row behind a pointer into the order. */
const rowAt = (
  { rows, rowOfLine }: Pick<PlaceInput, "rows" | "rowOfLine">,
  pointer: string | undefined,
): number => {
  const line = /^\/lines\/(\d+)/.exec(pointer ?? "")?.[1];
  const row = line === undefined
    ? undefined
    : rowOfLine[Math.min(Number(line), rowOfLine.length - 1)];
  return row ?? Math.max(0, rows.findIndex(({ skipped }) => skipped === null));
};

/** What is wrong with a decoded or decided order, told at the rows that it comes from. */
export const rejectOrder = (
  input: Omit<PlaceInput, "type" | "request">,
  problem: string,
  detail: string,
  errors: readonly RowError[],
): SettledRows => {
  const { externalId, rows, mapping } = input;
  const byRow = new Map<number, RowError[]>();
  for (const error of errors) {
    const column = mapping === null || error.pointer === undefined || error.column !== undefined
      ? null
      : columnAt(mapping, error.pointer);
    const index = rowAt(input, error.pointer);
    const own = byRow.get(index) ?? [];
    own.push(column === null ? error : { ...error, column });
    byRow.set(index, own);
  }
  const first = rows[Math.min(...byRow.keys())]?.line;
  return {
    order: "rejected",
    rows: rowsOf(input, (line, index) =>
      rowResult({
        line,
        externalId,
        outcome: "rejected",
        problem,
        detail: byRow.has(index) || first === undefined
          ? detail
          : `The order is rejected because of line ${first}.`,
        errors: byRow.get(index),
      })),
  };
};
