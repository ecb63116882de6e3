/**
 * The partitions that this process has met, and the memory that it drops when another process has written
 * there.
 */
import { type Context, Effect } from "effect";
import type { Entry, Store, StoreError } from "../../src/store/store.ts";
import type { BookList } from "../balance/books.ts";
import { adopt, makePartition, type Partition, readFences } from "./fences.ts";
import type { OwnWrites } from "./own-writes.ts";
import type { Looks } from "./parcel-looks.ts";

export interface PartitionsOptions {
  readonly context: Context.Context<Store>;
  readonly books: BookList;
  readonly ownWrites: OwnWrites;
  readonly looks: Pick<Looks, "sawOthers">;
}

export class Partitions {
  readonly #met = new Map<string, Partition>();

  constructor(private readonly options: PartitionsOptions) {}

  of(name: string): Partition {
    let partition = this.#met.get(name);
    if (partition === undefined) {
      partition = makePartition(name, this.options.books.isGuard(name));
      this.#met.set(name, partition);
    }
    return partition;
  }

  /** The fences of balances whose rows may be in memory. */
  guards(): readonly Partition[] {
    // A commit of unknown fate makes fences unknown, but their rows are still in memory: they are included.
    return [...this.#met.values()].filter(({ isGuard, generation }) => generation > 0 && isGuard);
  }

  /** The generation of a partition that is known, without an effect; undefined for others. */
  generationNow(name: string): number | undefined {
    const partition = this.#met.get(name);
    return partition?.known ? partition.generation : undefined;
  }

  /** Takes over fences as read; drops from memory the rows behind changed fences. */
  takeOver(read: readonly Partition[], fences: readonly Entry[]): boolean {
    const { books, looks, ownWrites } = this.options;
    const changed = adopt(read, fences);
    ownWrites.lost(changed);
    for (const { name, isGuard } of changed) {
      if (isGuard) books.invalidate(name);
      looks.sawOthers(name);
    }
    return changed.length > 0;
  }

  /** Takes over fences, and rows of balances that were read together with them. */
  takeOverWithRows(
    names: readonly string[],
    fences: readonly Entry[],
    rows: readonly Entry[],
  ): void {
    const read = names.map((name) => this.of(name));
    this.takeOver(read, fences);
    // Another read may have taken over younger fences meanwhile: then the rows are too old.
    if (read.some(({ version }, index) => version !== fences[index]?.versionstamp)) return;
    this.options.books.settleRead(rows);
  }

  /** Reads fences again; answers whether another process has moved any. */
  refresh(stale: readonly Partition[]): Effect.Effect<boolean, StoreError> {
    return Effect.map(
      Effect.provideContext(readFences(stale), this.options.context),
      (fences) => this.takeOver(stale, fences),
    );
  }

  /** Reads the fences that are not known. */
  know(touched: readonly Partition[]): Effect.Effect<void, StoreError> {
    const unknown = touched.filter((partition) => !partition.known);
    return unknown.length === 0 ? Effect.void : Effect.asVoid(this.refresh(unknown));
  }

  /** Nothing of these partitions may be believed any more: a commit of unknown fate may still arrive. */
  doubt(seen: readonly Partition[]): void {
    this.options.ownWrites.lost(seen);
    for (const { name } of seen) this.of(name).known = false;
  }
}
