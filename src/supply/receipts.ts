/** What the receipts of purchase orders and of transfers share. */
import { Result } from "effect";
import { invalid, referenceTaken, type SupplyRejection } from "./facts.ts";

/** Whether lines that come once more say what lines of before said. */
const isRepeat = (before: readonly object[], again: readonly object[]): boolean => {
  const told = (lines: readonly object[]) =>
    JSON.stringify(
      lines.map((line) => Object.entries(line).filter(([, value]) => value !== undefined).sort()),
    );
  return told(before) === told(again);
};

interface Step {
  readonly reference?: string | undefined;
  readonly lines: readonly object[];
}

/**
 * What a step of a reference that was taken before comes to: nothing when it says the same, and a refusal when
 * it says something else. One without lines says what was the rest. Null when it was not taken.
 */
export const repeated = (
  before: readonly Step[],
  reference: string | undefined,
  lines: readonly object[] | undefined,
): Result.Result<readonly never[], SupplyRejection> | null => {
  if (reference === undefined) return null;
  const found = before.find((each) => each.reference === reference);
  if (found === undefined) return null;
  return lines === undefined || isRepeat(found.lines, lines)
    ? Result.succeed([])
    : referenceTaken(reference);
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
