/** Rows of balances while a batch of units is applied to them, on top of the rows as committed. */
import type { BalanceDeltas, ExpectedValue } from "../../src/subject/balance.ts";
import type { Book } from "./book.ts";
import type { BookList } from "./books.ts";

/** A row that a unit of the batch has touched. */
export interface WorkingRow {
  readonly book: Book;
  readonly space: string;
  readonly row: string;
  value: unknown;
}

/** The part of a unit of work that concerns balances. */
export interface BalanceChange {
  readonly balances: readonly BalanceDeltas[];
  readonly expected?: readonly ExpectedValue[];
}

type RowsOfSpaces = Map<string, Map<string, WorkingRow>>;

export class WorkingRows {
  readonly #balances = new Map<string, RowsOfSpaces>();
  /** In the order of their first change. */
  #changed: WorkingRow[] = [];
  /** The rows that the unit at hand has changed, with their values before, in the order of its changes. */
  #undo: { readonly row: WorkingRow; readonly value: unknown }[] = [];

  constructor(private readonly books: BookList) {}

  /** Applies a unit's deltas whole, or leaves everything as it was and answers false. */
  apply({ balances, expected }: BalanceChange): boolean {
    if (expected !== undefined && !expected.every((each) => this.#isAsExpected(each))) return false;
    if (balances.length === 0) return true;
    this.#undo = [];
    const newFrom = this.#changed.length;
    let sound = true;
    for (const each of balances) sound = this.#add(each) && sound;
    // Only when all is applied: one delta may make up for another.
    for (const { row: { book, value } } of this.#undo) {
      sound &&= book.balance.isSound(value);
    }
    if (!sound) this.#restore(newFrom);
    return sound;
  }

  /** The rows as the units leave them. */
  changed(): readonly WorkingRow[] {
    return this.#changed;
  }

  #isAsExpected({ balance, space, row, field, is }: ExpectedValue): boolean {
    const book = this.books.of(balance);
    const working = this.#balances.get(balance)?.get(space)?.get(row);
    const value = working === undefined ? book.row(space, row) : working.value;
    return value !== undefined && book.balance.field(value, field) === is;
  }

  /** Answers whether all rows are known. */
  #add({ balance: name, deltas }: BalanceDeltas): boolean {
    const book = this.books.of(name);
    const { balance } = book;
    const spaces = this.#spacesOf(name);
    let known = true;
    for (const delta of deltas) {
      const row = this.#rowOf(spaces, book, balance.spaceOf(delta), balance.rowOf(delta));
      if (row === undefined) known = false;
      else {
        this.#undo.push({ row, value: row.value });
        row.value = balance.apply(row.value, delta);
      }
    }
    return known;
  }

  #spacesOf(balance: string): RowsOfSpaces {
    let spaces = this.#balances.get(balance);
    if (spaces === undefined) {
      spaces = new Map();
      this.#balances.set(balance, spaces);
    }
    return spaces;
  }

  #rowOf(
    spaces: RowsOfSpaces,
    book: Book,
    space: string,
    row: string,
  ): WorkingRow | undefined {
    let rows = spaces.get(space);
    const known = rows?.get(row);
    if (known !== undefined) return known;
    const value = book.row(space, row);
    if (value === undefined) return undefined;
    if (rows === undefined) {
      rows = new Map();
      spaces.set(space, rows);
    }
    const working: WorkingRow = { book, space, row, value };
    rows.set(row, working);
    this.#changed.push(working);
    return working;
  }

  /** Rows that the unit was the first to touch are as if nobody had: they are not written. */
  #restore(newFrom: number): void {
    for (const { row, value } of this.#undo.toReversed()) row.value = value;
    for (const { book, space, row } of this.#changed.splice(newFrom)) {
      this.#balances.get(book.balance.name)?.get(space)?.delete(row);
    }
  }
}
