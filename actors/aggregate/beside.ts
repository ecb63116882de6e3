/** Availability beside what the books say: what a unit of work brings along, less what it has given away. */
import type { BalanceDeltas } from "../../src/subject/balance.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import type { Overlay } from "./decision.ts";

const rowName = (balance: string, space: string, row: string): string =>
  `${balance}\u0000${space}\u0000${row}`;

export class Beside {
  readonly #units = new Map<string, number>();

  constructor(private readonly subjects: SubjectList) {}

  /** Counts what deltas of this unit of work bring or take. */
  add(changes: readonly BalanceDeltas[]): void {
    for (const { balance: name, deltas } of changes) {
      const balance = this.subjects.balance(name);
      for (const delta of deltas) {
        const row = rowName(name, balance.spaceOf(delta), balance.rowOf(delta));
        this.#units.set(row, (this.#units.get(row) ?? 0) - balance.taken(delta));
      }
    }
  }

  readonly overlay: Overlay = (balance, space, row) =>
    this.#units.get(rowName(balance, space, row)) ?? 0;
}
