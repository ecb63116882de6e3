/**
 * A balance: anything counted that can run out, behind a fence. Rows of one space stand behind one fence; a
 * unit of work brings deltas, which commute; the ledger turns them into rows when it commits, and refuses a
 * row that is not sound. Holds in memory make contention cheap; they are never the guard.
 */
import type { Key } from "../kernel/key.ts";

/**
 * A row and a delta have any shape; the definition says what is in them. Methods, not function values: so
 * that the definition of one balance is one of balances in general.
 */
export interface Balance<Row = unknown, Delta = unknown> {
  /** As in log records: the name of what is counted. */
  readonly name: string;
  /** A partition is called this and its space: `location:` and a location's id. Balances may share fences. */
  readonly partitionPrefix: string;
  /** The first word of its rows' keys; no other family of keys has it. */
  readonly family: string;
  key(space: string, row: string): Key;
  /** The space and the row that a key names. */
  placeOf(key: Key): { readonly space: string; readonly row: string };
  spaceOf(delta: Delta): string;
  rowOf(delta: Delta): string;
  empty(space: string, row: string): Row;
  apply(row: Row, delta: Delta): Row;
  /** What every committed row satisfies. */
  isSound(row: Row): boolean;
  /** Units that may be promised, before holds. */
  available(row: Row): number;
  /** How many units fewer may be promised after the delta; zero or below when none are. */
  taken(delta: Delta): number;
  /** One delta for each row, in the order of their first change, without those that change nothing. */
  merge(deltas: readonly Delta[]): readonly Delta[];
  /** A value of a row that a unit was decided upon, by the name of its field. */
  field(row: Row, name: string): number;
  /** Names of what is summed up for status, and by which verify compares rows with the log. */
  readonly fields: readonly string[];
  /** The delta's change of a field. */
  change(delta: Delta, name: string): number;
  /** Null when the value has the shape of a row of this place; else what is wrong. */
  malformed(row: Row, space: string, id: string): string | null;
}

export const balance = <Row, Delta>(definition: Balance<Row, Delta>): Balance =>
  definition as unknown as Balance;

/** Deltas of one balance. */
export interface BalanceDeltas<Delta = unknown> {
  readonly balance: string;
  readonly deltas: readonly Delta[];
}

export const noDeltas: readonly BalanceDeltas[] = [];

/** A row that a unit was decided upon must still have this value when it commits. */
export interface ExpectedValue {
  readonly balance: string;
  readonly space: string;
  readonly row: string;
  readonly field: string;
  readonly is: number;
}
