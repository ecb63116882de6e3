/**
 * The rows of one balance that this process knows, and the holds on them. A hold lowers the availability that
 * others see, from the tick in which it is taken until the tick in which its unit of work is settled. Memory
 * only: holds make contention cheap, they are never the guard (the ledger is).
 */
import { Effect } from "effect";
import { actorLimits } from "../../src/kernel/limits.ts";
import { type Balance, rowKey, type RowName } from "../../src/subject/balance.ts";
import type { Store, StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";

interface BookRow<Row> {
  value: Row;
  held: number;
  /** The space's generation when the row was read; older than the space's own means: read again. */
  generation: number;
}

/** One read of one row that is under way. */
interface RowRead {
  /** The space's generation when the read began; in another generation the read is of no use. */
  readonly generation: number;
  /** Wakes the callers that want the row. */
  readonly ended: (() => void)[];
}

interface BookSpace<Row> {
  readonly rows: Map<string, BookRow<Row>>;
  /** The newest read of each row. */
  readonly reads: Map<string, RowRead>;
  /** Rises when another process changed the space. */
  generation: number;
  /** Reads under way; rows are not evicted meanwhile, so that no read can bring back an older row. */
  loading: number;
}

export class Book<Row = unknown, Delta = unknown> {
  readonly #spaces = new Map<string, BookSpace<Row>>();

  constructor(
    readonly balance: Balance<Row, Delta>,
    private readonly store: Store["Service"],
  ) {}

  /** The row when it is known and current. */
  row(space: string, row: string): Row | undefined {
    return this.#current(space, row)?.value;
  }

  /** Units that may be promised now; undefined when the row must be loaded first. */
  available(space: string, row: string): number | undefined {
    const known = this.#current(space, row);
    return known === undefined ? undefined : this.balance.available(known.value) - known.held;
  }

  /** A field of the row as committed; undefined when the row must be loaded first. */
  value(space: string, row: string, field: string): number | undefined {
    const known = this.#current(space, row);
    return known === undefined ? undefined : this.balance.field(known.value, field);
  }

  /** Units held at the row by this process. */
  held(space: string, row: string): number {
    return this.#spaces.get(space)?.rows.get(row)?.held ?? 0;
  }

  hold(space: string, row: string, units: number): void {
    const at = this.#spaceOf(space);
    const known = at.rows.get(row);
    if (known !== undefined) known.held += units;
    else {
      const value = this.balance.empty(space, row);
      at.rows.set(row, { value, held: units, generation: at.generation - 1 });
    }
  }

  /** Reads rows that are not known. The fences of the rows must have been read before. */
  load(rows: readonly RowName[]): Effect.Effect<void, StoreError> {
    return this.#load(rows);
  }

  /** Takes over a row that was committed. */
  settle(space: string, row: string, value: Row): void {
    this.#put(this.#spaceOf(space), row, value);
  }

  /** Drops the rows of a space, in which another process has written: each must be read again. */
  invalidate(space: string): void {
    const at = this.#spaceOf(space);
    at.generation++;
    for (const [row, { held }] of at.rows) if (held === 0) at.rows.delete(row);
  }

  /** Rows in memory, and those of them with holds. */
  size(): { readonly rows: number; readonly held: number } {
    let rows = 0;
    let held = 0;
    for (const space of this.#spaces.values()) {
      rows += space.rows.size;
      for (const row of space.rows.values()) if (row.held > 0) held++;
    }
    return { rows, held };
  }

  #spaceOf(name: string): BookSpace<Row> {
    let space = this.#spaces.get(name);
    if (space === undefined) {
      space = { rows: new Map(), reads: new Map(), generation: 0, loading: 0 };
      this.#spaces.set(name, space);
    }
    return space;
  }

  #current(name: string, row: string): BookRow<Row> | undefined {
    const space = this.#spaces.get(name);
    const known = space?.rows.get(row);
    return known !== undefined && known.generation === space?.generation ? known : undefined;
  }

  #put(space: BookSpace<Row>, row: string, value: Row): void {
    const known = space.rows.get(row);
    if (known === undefined) {
      space.rows.set(row, { value, held: 0, generation: space.generation });
    } else {
      known.value = value;
      known.generation = space.generation;
    }
  }

  /** Drops the rows that were loaded first. Rows with holds stay: their holds live nowhere else. */
  #evict(space: BookSpace<Row>): void {
    if (space.loading > 0) return;
    for (const [row, { held }] of space.rows) {
      if (space.rows.size <= actorLimits.cachedRowsPerSpace) return;
      if (held === 0) space.rows.delete(row);
    }
  }

  readonly #load = Effect.fnUntraced(
    function* (this: Book<Row, Delta>, rows: readonly RowName[]): Effect.fn.Return<
      void,
      StoreError
    > {
      for (let attempt = 0; attempt < actorLimits.decisionTries; attempt++) {
        const missing = rows.filter(({ space, row }) => this.#current(space, row) === undefined);
        if (missing.length === 0) return;
        const unread = missing.filter((name) => this.#readUnderWay(name) === undefined);
        if (unread.length > 0) yield* this.#readOnce(unread);
        const read = missing.map((name) => this.#readUnderWay(name))
          .find((each) => each !== undefined);
        if (read !== undefined) {
          yield* Effect.callback<void>((resume) => {
            read.ended.push(() => resume(Effect.void));
          });
        }
      }
    },
  );

  #readUnderWay({ space, row }: RowName): RowRead | undefined {
    const { reads, generation } = this.#spaceOf(space);
    const read = reads.get(row);
    return read?.generation === generation ? read : undefined;
  }

  /** Reads each row once for all callers that want it meanwhile. */
  #readOnce(wanted: readonly RowName[]): Effect.Effect<void, StoreError> {
    const ended: (() => void)[] = [];
    for (const { space, row } of wanted) {
      const { reads, generation } = this.#spaceOf(space);
      reads.set(row, { generation, ended });
    }
    const end = Effect.sync(() => {
      for (const { space, row } of wanted) {
        const { reads } = this.#spaceOf(space);
        if (reads.get(row)?.ended === ended) reads.delete(row);
      }
      for (const proceed of ended) proceed();
    });
    return Effect.ensuring(this.#read(wanted), end);
  }

  readonly #read = Effect.fnUntraced(
    function* (this: Book<Row, Delta>, wanted: readonly RowName[]): Effect.fn.Return<
      void,
      StoreError
    > {
      const generations = wanted.map(({ space }) => this.#spaceOf(space).generation);
      for (const { space } of wanted) this.#spaceOf(space).loading++;
      const entries = yield* Effect.ensuring(
        this.store.getMany(wanted.map(({ space, row }) => rowKey(this.balance, space, row))),
        Effect.sync(() => {
          for (const { space } of wanted) this.#spaceOf(space).loading--;
        }),
      );
      wanted.forEach(({ space, row }, index) => {
        const at = this.#spaceOf(space);
        // A row that was committed or invalidated during the read is newer than the read.
        if (this.#current(space, row) !== undefined) return;
        if (at.generation !== generations[index]) return;
        const value = entries[index]?.value ?? null;
        this.#put(
          at,
          row,
          value === null ? this.balance.empty(space, row) : decodeJson<Row>(value),
        );
      });
      for (const space of new Set(wanted.map((name) => name.space))) {
        this.#evict(this.#spaceOf(space));
      }
    },
  );
}
