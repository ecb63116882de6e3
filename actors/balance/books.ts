/** The books of all balances of the engine's subjects, and work that concerns several of them at once. */
import { Context, Effect, Layer } from "effect";
import type { Key } from "../../src/kernel/key.ts";
import {
  type Balance,
  type BalanceDeltas,
  rowKey,
  type RowName,
  rowNameOf,
} from "../../src/subject/balance.ts";
import { type SubjectList, Subjects } from "../../src/subject/subject.ts";
import { type Entry, Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import { Book } from "./book.ts";

/** A row of one of several balances. */
export interface BalanceRow extends RowName {
  readonly balance: string;
}

/** The first word of a partition's name, with its colon. */
const prefixOf = (partition: string): string => partition.slice(0, partition.indexOf(":") + 1);

export class BookList {
  readonly #byName = new Map<string, Book>();
  readonly #byFamily = new Map<string, Book>();
  /** Books whose rows stand behind the same fences, by prefix. */
  readonly #byPrefix = new Map<string, Book[]>();

  /** Throws TypeError when two balances share a family of keys, or a prefix is none. */
  constructor(readonly subjects: SubjectList, store: Store["Service"]) {
    for (const balance of subjects.balances.values()) {
      const { name, family, partitionPrefix } = balance;
      if (partitionPrefix.length < 2 || prefixOf(partitionPrefix) !== partitionPrefix) {
        throw new TypeError(`The partitions of ${name} must begin with a word and a colon.`);
      }
      if (this.#byFamily.has(family)) throw new TypeError(`Two balances have keys of ${family}.`);
      const book = new Book(balance, store);
      this.#byName.set(name, book);
      this.#byFamily.set(family, book);
      const behind = this.#byPrefix.get(partitionPrefix);
      if (behind === undefined) this.#byPrefix.set(partitionPrefix, [book]);
      else behind.push(book);
    }
  }

  /** Throws TypeError for a name that no subject defines. */
  of(balance: string): Book {
    const book = this.#byName.get(balance);
    if (book === undefined) throw new TypeError(`No subject defines the balance ${balance}.`);
    return book;
  }

  /** The book of a balance, with the types of its rows. */
  bookOf<Row, Delta>({ name }: Balance<Row, Delta>): Book<Row, Delta> {
    return this.of(name) as Book<Row, Delta>;
  }

  /** Whether all these balances are defined here. */
  knows(changes: readonly BalanceDeltas[]): boolean {
    return changes.every(({ balance }) => this.#byName.has(balance));
  }

  /** Whether a partition's fence guards rows of any balance. */
  isGuard(partition: string): boolean {
    return this.#byPrefix.has(prefixOf(partition));
  }

  /** Drops all rows behind a fence that another process has moved. */
  invalidate(partition: string): void {
    const prefix = prefixOf(partition);
    const space = partition.slice(prefix.length);
    for (const book of this.#byPrefix.get(prefix) ?? []) book.invalidate(space);
  }

  /** Whether all rows that the deltas change are known and current. */
  hasRowsOf(changes: readonly BalanceDeltas[]): boolean {
    return changes.every(({ balance: name, deltas }) => {
      const book = this.of(name);
      const { balance } = book;
      return deltas.every((delta) =>
        book.row(balance.spaceOf(delta), balance.rowOf(delta)) !== undefined
      );
    });
  }

  /** Reads rows that are not known. Their fences must have been read before. */
  load(rows: readonly BalanceRow[]): Effect.Effect<void, StoreError> {
    const groups = Map.groupBy(rows, ({ balance }) => balance);
    const [first] = rows;
    if (first === undefined) return Effect.void;
    if (groups.size === 1) return this.of(first.balance).load(rows);
    return Effect.forEach(groups, ([balance, names]) => this.of(balance).load(names), {
      concurrency: "unbounded",
      discard: true,
    });
  }

  /** Reads the rows that the deltas change, where they are not known. */
  loadRowsOf(changes: readonly BalanceDeltas[]): Effect.Effect<void, StoreError> {
    if (this.hasRowsOf(changes)) return Effect.void;
    return this.load(changes.flatMap(({ balance: name, deltas }) => {
      const { balance } = this.of(name);
      return deltas.map((delta) => ({
        balance: name,
        space: balance.spaceOf(delta),
        row: balance.rowOf(delta),
      }));
    }));
  }

  /** The keys of the rows that the deltas change. */
  keysOf(changes: readonly BalanceDeltas[]): readonly Key[] {
    return changes.flatMap(({ balance: name, deltas }) => {
      const { balance } = this.of(name);
      return deltas.map((delta) => rowKey(balance, balance.spaceOf(delta), balance.rowOf(delta)));
    });
  }

  /** Takes over the rows that exist, as they were read. */
  settleRead(entries: readonly Entry[]): void {
    for (const { key, value } of entries) {
      if (value === null) continue;
      const { space, row } = rowNameOf(key);
      this.#byFamily.get(String(key[0]))?.settle(space, row, decodeJson(value));
    }
  }

  /**
   * Holds the units that the deltas, one for each row, take from availability. Returns a function that drops
   * the holds again, once. It must be called in the tick of the decision.
   */
  hold(changes: readonly BalanceDeltas[]): () => void {
    this.#changeHolds(changes, 1);
    let dropped = false;
    return () => {
      if (dropped) return;
      dropped = true;
      this.#changeHolds(changes, -1);
    };
  }

  /** Rows in memory, and those of them with holds. */
  size(): { readonly rows: number; readonly held: number } {
    let rows = 0;
    let held = 0;
    for (const book of this.#byName.values()) {
      const size = book.size();
      rows += size.rows;
      held += size.held;
    }
    return { rows, held };
  }

  #changeHolds(changes: readonly BalanceDeltas[], sign: 1 | -1): void {
    for (const { balance: name, deltas } of changes) {
      const book = this.of(name);
      const { balance } = book;
      for (const delta of deltas) {
        const units = balance.taken(delta);
        if (units > 0) book.hold(balance.spaceOf(delta), balance.rowOf(delta), sign * units);
      }
    }
  }
}

export class Books extends Context.Service<Books, BookList>()("allot/Books") {
  static readonly layer = Layer.effect(
    Books,
    Effect.map(
      Effect.all([Subjects, Store]),
      ([subjects, store]) => new BookList(subjects, store),
    ),
  );
}
