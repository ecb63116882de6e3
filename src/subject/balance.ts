/**
 * A balance: anything counted that can run out, behind a fence. Rows of one space stand behind one fence; a
 * unit of work brings deltas, which commute; the ledger turns them into rows when it commits, and refuses a
 * row that is not sound. Holds in memory make contention cheap; they are never the guard.
 */
import type { Key } from "../kernel/key.ts";

/**
 * A balance. Rows and deltas have any shape that the definition gives them. Methods, not function values, so
 * that the definition of one balance is one of balances in general.
 */
export interface Balance<Row = unknown, Delta = unknown> {
  /** Its name, also in log records. */
  readonly name: string;
  /**
   * A partition's name is this prefix and its space: `location:` and a location's id. The prefix is a word
   * and a colon. Balances may share fences.
   */
  readonly partitionPrefix: string;
  /** The first word of its rows' keys; no other family of keys has it. */
  readonly family: string;
  spaceOf(delta: Delta): string;
  rowOf(delta: Delta): string;
  empty(space: string, row: string): Row;
  apply(row: Row, delta: Delta): Row;
  /** Whether a row is sound. Every committed row is. */
  isSound(row: Row): boolean;
  /**
   * Says how much a row promises beyond what it has; null when it does not. It repeats `isSound` in other
   * code: verify asks both, since a definition that forgets a case agrees with itself.
   */
  overdrawn(row: Row): string | null;
  /** Units that may be promised, before holds. */
  available(row: Row): number;
  /** How many fewer units may be promised after the delta; zero or below when not fewer. */
  taken(delta: Delta): number;
  /** One delta for each row, in the order of their first change, without those that change nothing. */
  merge(deltas: readonly Delta[]): readonly Delta[];
  /** The fields that the status sums up, and by which verify compares rows with the log. */
  readonly fields: readonly string[];
  /** A value of a row that a unit was decided upon, by the name of its field. */
  field(row: Row, name: string): number;
  /** The delta's change of a field. */
  change(delta: Delta, name: string): number;
  /** The invariant of a field, by its name in reports: the field is the sum of the log's changes. */
  invariantOf(field: string): string;
  /**
   * Counts by names that only the rows know: parts of a field, and never more than it together. Absent where
   * there are none.
   */
  readonly named?: NamedCounts<Row, Delta>;
  /** The name under which reports count its rows. */
  readonly rowsName: string;
  /** Numbers that verify adds up over all rows, by name. */
  measuresOf(row: Row): Readonly<Record<string, number>>;
  /** The fault in the shape of a row of this place; null when there is none. */
  malformed(row: Row, space: string, id: string): string | null;
}

/** Parts of a field of a balance, by name. Methods for the same reason. */
export interface NamedCounts<Row = unknown, Delta = unknown> {
  /** The field that they are part of. */
  readonly within: string;
  /** What verify calls it when they are more than that, or are not the sum of the log's changes. */
  readonly invariant: string;
  /** Those of a row, or their changes by a delta; undefined for none. */
  of(counts: Row | Delta): Readonly<Record<string, number>> | undefined;
}

/** The name of a row of a balance. */
export interface RowName {
  readonly space: string;
  readonly row: string;
}

/** The key of a row, in all balances alike. */
export const rowKey = ({ family }: Pick<Balance, "family">, space: string, row: string): Key => [
  family,
  space,
  row,
];

/** The row that a key of its balance's family names. */
export const rowNameOf = ([, space, row]: Key): RowName => ({
  space: String(space),
  row: String(row),
});

/** The partition whose fence guards all rows of a space. */
export const spacePartition = (
  { partitionPrefix }: Pick<Balance, "partitionPrefix">,
  space: string,
): string => partitionPrefix + space;

/** Deltas of one balance. */
export interface BalanceDeltas<Delta = unknown> {
  readonly balance: string;
  readonly deltas: readonly Delta[];
}

/** Shared by all units that change no balance. */
export const noDeltas: readonly BalanceDeltas[] = [];

/** Deltas of one balance, as units of work bring them. */
export const inBalance = <Row, Delta>(
  { name }: Balance<Row, Delta>,
  deltas: readonly Delta[],
): readonly BalanceDeltas[] => deltas.length === 0 ? noDeltas : [{ balance: name, deltas }];

/** A row that a unit was decided upon must still have this value when it commits. */
export interface ExpectedValue {
  readonly balance: string;
  readonly space: string;
  readonly row: string;
  readonly field: string;
  readonly is: number;
}
