/** What the receipts of purchase orders and of transfers share. */
import type { Result } from "effect";
import { invalid, type SupplyRejection } from "./facts.ts";

/** Whether lines that come once more say what lines of before said. */
export const isRepeat = (before: readonly object[], again: readonly object[]): boolean => {
  const told = (lines: readonly object[]) =>
    JSON.stringify(
      lines.map((line) => Object.entries(line).filter(([, of]) => of !== undefined).sort()),
    );
  return told(before) === told(again);
};

interface Bounds {
  readonly receipts: number;
  readonly receiptLines: number;
}

/** A document has so many of them, and no more. */
export const tooManyReceipts = (
  before: readonly { readonly lines: readonly unknown[] }[],
  lines: number,
  { receipts, receiptLines }: Bounds,
): Result.Result<never, SupplyRejection> | null => {
  if (before.length >= receipts) {
    return invalid("", `It has ${receipts} of them, which is the most.`);
  }
  const sum = before.reduce((all, each) => all + each.lines.length, lines);
  return sum <= receiptLines
    ? null
    : invalid("/lines", `All of them together name ${receiptLines} lines at most.`);
};
