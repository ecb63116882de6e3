/**
 * The rest of a unit of work beside the next decision: units that it brings along or has given away, and the
 * fences that it touches.
 */
import { fenceKeyBytes, keyBytesOf } from "../../src/kernel/key.ts";
import { type BalanceDeltas, rowKey, spacePartition } from "../../src/subject/balance.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import type { UnitPart } from "../command/unit-of.ts";
import type { Overlay } from "./decision.ts";

const rowName = (balance: string, space: string, row: string): string =>
  `${balance}\u0000${space}\u0000${row}`;

export class Beside {
  readonly #units = new Map<string, number>();
  readonly #partitions = new Set<string>();
  #keyBytes = 0;

  constructor(private readonly subjects: SubjectList) {}

  /** Counts units that deltas bring or take, where nobody holds the units that they take. */
  add(changes: readonly BalanceDeltas[]): void {
    this.#count(changes, Number.NEGATIVE_INFINITY);
  }

  /** Counts a decided part, whose takes are held in the books: there they count already. */
  addHeld({ balances, reads, partitions }: UnitPart): void {
    this.#count(balances, 0);
    for (const { partition } of reads) this.#partitions.add(partition);
    for (const partition of partitions) this.#partitions.add(partition);
    for (const { balance: name, deltas } of balances) {
      const balance = this.subjects.balance(name);
      for (const delta of deltas) {
        const space = balance.spaceOf(delta);
        const partition = spacePartition(balance, space);
        if (!this.#partitions.has(partition)) this.#keyBytes += fenceKeyBytes(partition);
        this.#partitions.add(partition);
        this.#keyBytes += keyBytesOf(rowKey(balance, space, balance.rowOf(delta)));
      }
    }
  }

  /** Fences of the parts: so many checks of the commit are spoken for. */
  get fences(): ReadonlySet<string> {
    return this.#partitions;
  }

  /** Bytes of the keys of rows and of the fences before them. */
  get keyBytes(): number {
    return this.#keyBytes;
  }

  readonly overlay: Overlay = (balance, space, row) =>
    this.#units.get(rowName(balance, space, row)) ?? 0;

  #count(changes: readonly BalanceDeltas[], leastBrought: number): void {
    for (const { balance: name, deltas } of changes) {
      const balance = this.subjects.balance(name);
      for (const delta of deltas) {
        const brought = -balance.taken(delta);
        if (brought <= leastBrought) continue;
        const row = rowName(name, balance.spaceOf(delta), balance.rowOf(delta));
        this.#units.set(row, (this.#units.get(row) ?? 0) + brought);
      }
    }
  }
}
