/**
 * Units that have come, or will not come, and still count as expected: the orders that are promised them have
 * to be told in the same commit, and there may be more of these than one commit has room for. What nobody is
 * promised moves at once; the rest is asked for by whoever takes the turns of those orders, too.
 */
import { Result } from "effect";
import type { SupplyRejection } from "./facts.ts";

/** Units of a line that leave its row of supply in this commit. */
export interface Move {
  readonly lineId: string;
  readonly quantity: number;
}

/** What becomes of them: they are on the shelf, or will never be. */
export interface MovedUnits {
  readonly lineId: string;
  readonly arrived: number;
  readonly cut: number;
}

/** The part of a line that waits to be moved. */
export interface PendingLine {
  readonly id: string;
  /** Units that have come, for sale, and are still in the row of supply. */
  readonly arriving: number;
  /** Units that will not come, or came unfit for sale, and are still in the row of supply. */
  readonly cutting: number;
}

export const pendingUnits = ({ arriving, cutting }: PendingLine): number => arriving + cutting;

export const isPending = (lines: readonly PendingLine[]): boolean =>
  lines.some((line) => pendingUnits(line) > 0);

/**
 * What becomes of the next so many units of a line: those that will not come go first, since their orders have
 * to look for others.
 */
export const movedOf = (
  { id, arriving, cutting }: PendingLine,
  quantity: number,
): MovedUnits => {
  const cut = Math.min(cutting, quantity);
  return { lineId: id, arrived: Math.min(arriving, quantity - cut), cut };
};

/** The line without the units that were moved. */
export const withMoved = <Line extends PendingLine>(line: Line, moved: MovedUnits): Line => ({
  ...line,
  arriving: line.arriving - moved.arrived,
  cutting: line.cutting - moved.cut,
});

/** The lines, each changed by what a list says of it: a line may be named several times. */
export const changedLines = <Line extends { readonly id: string }, Change>(
  lines: readonly Line[],
  changes: readonly (Change & { readonly lineId: string })[],
  change: (line: Line, by: Change) => Line,
): readonly Line[] => {
  const byLine = Map.groupBy(changes, ({ lineId }) => lineId);
  return lines.map((line) => (byLine.get(line.id) ?? []).reduce(change, line));
};

export const movedLines = <Line extends PendingLine>(
  lines: readonly Line[],
  moved: readonly MovedUnits[],
): readonly Line[] => changedLines<Line, MovedUnits>(lines, moved, withMoved);

const stale = (lineId: string): Result.Result<never, SupplyRejection> =>
  Result.fail({
    ...{ _tag: "StaleMoves", lineId },
    detail: `Line ${lineId} has fewer units to be moved than that.`,
  });

/**
 * The units that leave their rows now: of lines that are named those that are asked for, of the others those
 * that are free, as far as one commit has room. `room` tells for each line in turn whether its keys still fit.
 */
export const movesNow = (
  lines: readonly PendingLine[],
  asked: readonly Move[] = [],
  { free, room }: {
    readonly free: (lineId: string) => number;
    readonly room: (lineId: string) => boolean;
  },
): Result.Result<readonly MovedUnits[], SupplyRejection> => {
  const pending = new Map(
    lines.filter((line) => pendingUnits(line) > 0).map((line) => [line.id, line]),
  );
  const moved: MovedUnits[] = [];
  for (const { lineId, quantity } of asked) {
    const line = pending.get(lineId);
    if (line === undefined || pendingUnits(line) < quantity) return stale(lineId);
    pending.delete(lineId);
    // A line that is named with no units waits, though some are free: who is promised them comes first.
    if (quantity === 0) continue;
    room(lineId);
    moved.push(movedOf(line, quantity));
  }
  for (const line of pending.values()) {
    const units = Math.min(pendingUnits(line), Math.max(0, free(line.id)));
    if (units > 0 && room(line.id)) moved.push(movedOf(line, units));
  }
  return Result.succeed(moved);
};
